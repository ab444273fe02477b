//! Korean dates as the PG writes them.

use jiff::civil::{Date, DateTime};
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

/// With milliseconds: `2026-03-01T10:15:31.150+0900`.
pub fn to_millis(moment: Timestamp) -> String {
    in_korea(moment).strftime("%Y-%m-%dT%H:%M:%S.%3f+0900").to_string()
}

/// Moments in a payment's life have whole seconds.
pub fn to_second(moment: Timestamp) -> String {
    in_korea(moment).strftime("%Y-%m-%dT%H:%M:%S.000+0900").to_string()
}

/// `yyMMddHHmmss`, inside a transaction id.
pub fn compact(moment: Timestamp) -> String {
    in_korea(moment).strftime("%y%m%d%H%M%S").to_string()
}

/// `yyyyMMdd`
pub fn day(moment: Timestamp) -> String {
    in_korea(moment).strftime("%Y%m%d").to_string()
}

pub fn is_day(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) && date(text).is_some()
}

fn date(text: &str) -> Option<Date> {
    Date::new(
        text.get(..4)?.parse().ok()?,
        text.get(4..6)?.parse().ok()?,
        text.get(6..8)?.parse().ok()?,
    )
    .ok()
}

/// The last second of the Korean day `days` after `moment`.
pub fn end_of_day(moment: Timestamp, days: i64) -> Option<Timestamp> {
    let day = in_korea(moment + Duration::days(days)).date();
    from_korean(day.at(23, 59, 59, 0))
}

/// A deposit's last moment as shops write it: `YYYY-MM-DD` (its end), `yyyy-MM-ddTHH:mm`, `YYYYMMDDhhmm`, or in
/// full with an offset. The manuals do not agree, so all of them are taken.
pub fn deadline(text: &str) -> Option<Timestamp> {
    match text.len() {
        10 => from_korean(text.parse::<Date>().ok()?.at(23, 59, 59, 0)),
        16 => from_korean(format!("{text}:00").parse().ok()?),
        12 => {
            let (hour, minute) = (text.get(8..10)?.parse().ok()?, text.get(10..12)?.parse().ok()?);
            let time = jiff::civil::Time::new(hour, minute, 0, 0).ok()?;
            from_korean(date(text.get(..8)?)?.to_datetime(time))
        }
        _ => Timestamp::parse(text),
    }
}

/// The same time of day, `days` working days later. Weekends are the only holidays here.
pub fn business_days_later(moment: Timestamp, days: u32) -> Timestamp {
    use jiff::civil::Weekday::{Saturday, Sunday};
    let mut later = moment;
    let mut left = days;
    while left > 0 {
        later = later + Duration::days(1);
        if !matches!(in_korea(later).date().weekday(), Saturday | Sunday) {
            left -= 1;
        }
    }
    later
}
