//! Every documented result code, in our words.

use http::StatusCode;
use vocabulary::{Failure, Reason};

use super::client::Refusal;

/// What a code says about the request it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Refused; nothing moved.
    No,
    /// Something may have moved: ask.
    Unknown,
    /// It, or its like, was done before, perhaps by our own earlier request: ask.
    AlreadyProcessed,
}

use Verdict::{AlreadyProcessed, No, Unknown};

/// What an answer other than success comes down to.
///
/// HTTP 200 is the rule for refusals too, so only the code counts, and one without a line below proves
/// nothing: it is unknown, and the inquiry decides. Two statuses stand for themselves: 401 (the key was not
/// let in) and 429 (turned away at the door). A 5xx is unknown whatever its code.
pub(super) fn verdict(refusal: &Refusal) -> (Failure, Verdict) {
    let (reason, verdict) = match meaning(&refusal.code) {
        Some(known) => known,
        None if refusal.status == StatusCode::UNAUTHORIZED => (Reason::Misconfigured, No),
        None if refusal.status == StatusCode::TOO_MANY_REQUESTS => (Reason::TooManyRequests, No),
        None => (Reason::PgUnavailable, Unknown),
    };
    let answered = refusal.status.is_success() || refusal.status.is_client_error();
    let failure = Failure {
        reason,
        pg_code: refusal.code.clone(),
        pg_message: refusal.message.clone(),
    };
    (failure, if answered { verdict } else { Unknown })
}

/// Why a payment that NICE itself calls failed did fail. It is over, so only the reason counts.
pub(super) fn reason(code: &str) -> Reason {
    meaning(code).map_or(Reason::DeclinedByIssuer, |(reason, _)| reason)
}

/// Source: the manual's code tables; `NOTES.md` has their date. Where a code stands in two groups, the more
/// careful one counts: what may have moved money comes first.
pub(super) fn meaning(code: &str) -> Option<(Reason, Verdict)> {
    unclear(code)
        .or_else(|| done_before(code))
        .or_else(|| shopper(code))
        .or_else(|| limits(code))
        .or_else(|| cancels(code))
        .or_else(|| accounts(code))
        .or_else(|| setup(code))
        .or_else(|| requests(code))
}

/// NICE, or who stands behind it, does not know; so neither do we. U503 and U504 say that NICE undid the
/// payment itself: the inquiry shows it.
fn unclear(code: &str) -> Option<(Reason, Verdict)> {
    match code {
        "A110" | "A111" | "A226" | "A299" | "A400" | "A401" | "A402" | "A403" | "U303" | "U501" | "U503" | "U504"
        | "U508" | "P026" | "P027" | "P035" | "X002" | "X003" | "X004" | "T001" | "T002" | "T003" | "2000" | "2159"
        | "4001" | "4008" | "4116" | "7010" | "F106" | "F107" | "F108" | "F109" | "F110" | "S999" | "9002" | "I001" => {
            Some((Reason::PgUnavailable, Unknown))
        }
        // They may answer a repeat: the request before this one may have gone through.
        "A246" | "V003" => Some((Reason::TooManyRequests, Unknown)),
        _ => None,
    }
}

fn done_before(code: &str) -> Option<(Reason, Verdict)> {
    match code {
        "P015" | "U112" | "A127" | "2156" | "U114" | "A225" | "2201" | "2013" | "2015" | "7003" | "F201" => {
            Some((Reason::AlreadyProcessed, AlreadyProcessed))
        }
        // Success in the words of the layer behind the API, which should have said 0000.
        "3001" | "4000" | "4100" | "4110" | "7001" | "A000" | "2001" | "2211" | "F100" | "F101" | "F200" => {
            Some((Reason::AlreadyProcessed, AlreadyProcessed))
        }
        _ => None,
    }
}

/// The shopper can do something about it.
fn shopper(code: &str) -> Option<(Reason, Verdict)> {
    let reason = match code {
        "I002" | "P091" => Reason::ClosedByShopper,
        "A245" => Reason::Expired,
        "3095" => Reason::DeclinedByIssuer,
        "3011" | "3021" | "F112" | "F113" | "F118" | "4107" | "4109" => Reason::InvalidDetails,
        "V513" | "A250" | "C001" | "C002" => Reason::AuthenticationFailed,
        "3053" | "3057" => Reason::UnusableMeans,
        "3022" | "3023" | "3024" | "P037" | "3031" | "3032" | "3033" => Reason::InstalmentRefused,
        _ => return None,
    };
    Some((reason, No))
}

fn limits(code: &str) -> Option<(Reason, Verdict)> {
    let reason = match code {
        "3041" | "P017" | "4141" => Reason::BelowMinimum,
        "A113" | "A116" | "P034" | "U127" | "U502" | "U113" | "4101" | "7042" | "N001" => Reason::OverLimit,
        // Another amount than was authenticated, or more tax-free than there is at all: our mistake, or an attack.
        "A123" | "P036" | "U321" | "U319" => Reason::BadRequest,
        _ => return None,
    };
    Some((reason, No))
}

/// What cannot be given back, or not found.
fn cancels(code: &str) -> Option<(Reason, Verdict)> {
    let reason = match code {
        "U107" | "U111" | "U126" | "A118" | "A251" | "2012" | "U122" => Reason::NotFoundAtPg,
        "2016" | "2020" | "2023" | "2032" | "U123" => Reason::RefundOverLimit,
        // Another sum than is left: something else was canceled meanwhile, and this cancel was not made.
        "2011" | "U318" => Reason::AlreadyProcessed,
        "2003" | "2014" | "2017" | "2018" | "2019" | "2026" | "2027" | "1534" => Reason::NotCancelable,
        "2028" | "2029" | "2030" | "2031" | "2033" | "2052" | "U128" => Reason::PartialCancelRefused,
        "2010" => Reason::BadRequest,
        _ => return None,
    };
    Some((reason, No))
}

/// Virtual accounts: a bank that does not issue, a day that is over, a number in use.
fn accounts(code: &str) -> Option<(Reason, Verdict)> {
    let known = match code {
        "4108" | "A107" | "A108" => true,
        _ => within(code, "", 4102, 4106) || within(code, "", 4111, 4127) || within(code, "", 4142, 4145),
    };
    known.then_some((Reason::MethodUnavailable, No))
}

/// Contract, keys and addresses.
fn setup(code: &str) -> Option<(Reason, Verdict)> {
    let reason = match code {
        "U102" | "U103" | "U104" | "U304" | "U305" | "U108" | "U315" | "U320" | "U308" | "U312" | "A101" | "A211"
        | "3012" | "3013" | "3014" | "3051" | "3061" | "3071" | "2151" | "2152" | "M001" | "M002" => {
            Reason::Misconfigured
        }
        // Keys of cards kept for subscriptions.
        "U115" | "A126" | "U309" | "A124" | "A125" | "A223" => Reason::NotFoundAtPg,
        // "Not set up" in the words of the older system.
        _ if code.len() == 4 && within(code, "V", 0, 899) => Reason::Misconfigured,
        _ => return None,
    };
    Some((reason, No))
}

/// Our own mistakes.
fn requests(code: &str) -> Option<(Reason, Verdict)> {
    let listed = matches!(
        code,
        "P001"
            | "P002"
            | "P005"
            | "P007"
            | "P014"
            | "P016"
            | "P038"
            | "1615"
            | "U100"
            | "U101"
            | "U105"
            | "U109"
            | "U110"
            | "U119"
            | "U124"
            | "U125"
            | "U306"
            | "U310"
            | "U332"
            | "U333"
            | "U334"
            | "U335"
            | "U336"
            | "U337"
            | "U338"
            | "U700"
            | "A109"
            | "A114"
            | "A117"
            | "A121"
            | "A128"
            | "A147"
            | "A148"
            | "A149"
            | "A222"
            | "A224"
    );
    let ranges = [
        ("P", 8, 13),
        ("P", 20, 25),
        ("P", 28, 33),
        ("P", 39, 44),
        ("U", 129, 132),
        ("U", 313, 316),
        ("U", 322, 325),
        ("A", 301, 307),
    ];
    let in_a_range = ranges
        .iter()
        .any(|(letter, first, last)| within(code, letter, *first, *last));
    (listed || in_a_range).then_some((Reason::BadRequest, No))
}

/// `letter` and the number between the two, in four characters.
fn within(code: &str, letter: &str, first: u16, last: u16) -> bool {
    let digits = code.strip_prefix(letter).filter(|_| code.len() == 4);
    let number = digits
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u16>().ok());
    number.is_some_and(|number| (first..=last).contains(&number))
}
