//! Korean dates and business days. Public holidays are left out: weekends are enough to make payout dates differ.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::Offset;
use vocabulary::{Duration, Timestamp};

const KOREA: Offset = Offset::constant(9);

pub fn in_korea(moment: Timestamp) -> DateTime {
    let moment = jiff::Timestamp::from_microsecond(moment.as_micros()).unwrap_or(jiff::Timestamp::MAX);
    KOREA.to_datetime(moment)
}

pub fn from_korean(time: DateTime) -> Option<Timestamp> {
    let moment = KOREA.to_timestamp(time).ok()?;
    Some(Timestamp::from_micros(moment.as_microsecond()))
}

/// The same time of day, `days` working days later.
pub fn business_days_later(moment: Timestamp, days: u32) -> Timestamp {
    let mut later = moment;
    let mut left = days;
    while left > 0 {
        later = later + Duration::days(1);
        if !is_weekend(in_korea(later).date()) {
            left -= 1;
        }
    }
    later
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// `yyyy-MM-dd`, exactly.
pub fn date(text: &str) -> Option<Date> {
    if text.len() != 10 { None } else { text.parse().ok() }
}

/// `yyyy-MM-dd['T'HH:mm:ss]` as Korean time, or with an offset. A trailing `Z` is refused, as at the PG.
pub fn moment(text: &str) -> Option<Timestamp> {
    if text.ends_with(['Z', 'z']) {
        return None;
    }
    if let Some(date) = date(text) {
        return from_korean(date.at(0, 0, 0, 0));
    }
    if text.len() > 19 {
        // Clients forget to encode the plus of an offset, and it arrives as a space.
        return Timestamp::parse(&text.replace(' ', "+"));
    }
    from_korean(text.parse().ok()?)
}

/// Korean time with microseconds and without an offset, as notices carry it.
pub fn without_offset(moment: Timestamp) -> String {
    in_korea(moment).strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}

/// `yyyyMMddHHmmss`, the middle of a payment key.
pub fn compact(moment: Timestamp) -> String {
    in_korea(moment).strftime("%Y%m%d%H%M%S").to_string()
}
