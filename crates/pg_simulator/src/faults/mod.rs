//! What can go wrong on purpose, and the one place where a broken answer is carried out.
//!
//! A fault is asked for in six ways, strongest first:
//! 1. `Simulator-Fault: <spec>[, <spec>…]` on the request itself;
//! 2. the control API: for the next N calls of an operation;
//! 3. `fault-<spec>` at the end of the order id;
//! 4. the window's "시험 조건" panel, for that payment;
//! 5. a magic amount, see [`for_amount`];
//! 6. seeded rates: of so many calls one goes wrong, see [`Line::set_rates`].
//!
//! A spec is `[operation-]name[-xN]`: `timeout-after`, `cancel-5xx-before`, `inquire-timeout-before-x3`.
//! Without an operation it means the approve (for notices: whatever the payment does next).

mod active;
pub(crate) mod control;
pub(crate) mod dates;
mod line;
pub(crate) mod page;
mod plan;
mod spoil;
#[cfg(test)]
mod tests;

use vocabulary::Duration;

pub use active::{Active, Break, NoticePlan, Spoil};
pub use line::{Cut, Line};
pub use plan::{Plan, Rate, draw, for_amount, in_header, magic_amount, remember};

/// What "wrong amount" adds, in the currency's minor units.
pub const WRONG_BY: i64 = 100;
/// How late a late notice is.
pub const NOTICE_LATE: Duration = Duration::minutes(10);
/// How long a reordered notice waits for the next one of its order to overtake it.
pub const NOTICE_REORDERED_MAX: Duration = Duration::minutes(10);
/// How far ahead a skewed clock of the PG goes: as one that takes its Korean time for UTC.
pub const CLOCK_SKEW: Duration = Duration::hours(9);

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The call hangs and was never looked at.
    TimeoutBefore,
    /// The call is carried out, and the answer never comes.
    TimeoutAfter,
    /// A 500 although nothing was looked at.
    ErrorBefore,
    /// A 500 although the call was carried out.
    ErrorAfter,
    /// Every notice of the change is sent twice.
    NoticeDoubled,
    /// Notices of the change leave [`NOTICE_LATE`] later.
    NoticeLate,
    /// The PG books [`WRONG_BY`] minor units more than was asked.
    WrongAmount,
    /// The call takes some seconds longer, and is then answered as ever.
    Slow,
    /// The connection is reset, and the call was never looked at.
    ResetBefore,
    /// The call is carried out, and the connection is reset instead of an answer.
    ResetAfter,
    /// Half of the answer, and then the connection is cut.
    Truncated,
    /// A page for people, with status 200, instead of the answer.
    Html,
    /// The answer in EUC-KR, as an old system behind the PG would write it.
    EucKr,
    /// Amounts as texts or objects, objects for lists: which, a seed decides.
    WrongTypes,
    /// The answer names another order.
    WrongOrder,
    /// The PG's dates are [`CLOCK_SKEW`] ahead, in the answer and in notices.
    ClockSkew,
    /// Notices of the change arrive before the answer leaves.
    NoticeEarly,
    /// Notices of the change arrive after the next ones of the same order.
    NoticeReordered,
    /// Notices of the change are never sent.
    NoticeLost,
    /// Beside the notices of the change come others, of somebody who is not the PG.
    NoticeForged,
}

/// The faults by what they do, as the window's panel and the console list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The answer does not come, or not in time.
    Silence,
    /// Something comes that is no answer.
    Garbled,
    /// A proper answer that is not true.
    Untrue,
    Notices,
}

impl Group {
    pub const ALL: [Group; 4] = [Group::Silence, Group::Garbled, Group::Untrue, Group::Notices];

    /// Korean and English.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Group::Silence => ("응답 없음·지연", "No answer, or late"),
            Group::Garbled => ("깨진 응답", "A broken answer"),
            Group::Untrue => ("틀린 내용", "A wrong answer"),
            Group::Notices => ("알림(웹훅)", "Notices"),
        }
    }

    pub fn faults(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(move |fault| fault.group() == self)
    }
}

impl Fault {
    /// In the order of their magic amounts: new ones come last.
    pub const ALL: [Fault; 20] = [
        Fault::TimeoutBefore,
        Fault::TimeoutAfter,
        Fault::ErrorBefore,
        Fault::ErrorAfter,
        Fault::NoticeDoubled,
        Fault::NoticeLate,
        Fault::WrongAmount,
        Fault::Slow,
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::Truncated,
        Fault::Html,
        Fault::EucKr,
        Fault::WrongTypes,
        Fault::WrongOrder,
        Fault::ClockSkew,
        Fault::NoticeEarly,
        Fault::NoticeReordered,
        Fault::NoticeLost,
        Fault::NoticeForged,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Fault::TimeoutBefore => "timeout-before",
            Fault::TimeoutAfter => "timeout-after",
            Fault::ErrorBefore => "5xx-before",
            Fault::ErrorAfter => "5xx-after",
            Fault::NoticeDoubled => "notice-doubled",
            Fault::NoticeLate => "notice-late",
            Fault::WrongAmount => "wrong-amount",
            Fault::Slow => "slow",
            Fault::ResetBefore => "reset-before",
            Fault::ResetAfter => "reset-after",
            Fault::Truncated => "truncated",
            Fault::Html => "html",
            Fault::EucKr => "euc-kr",
            Fault::WrongTypes => "wrong-types",
            Fault::WrongOrder => "wrong-order",
            Fault::ClockSkew => "clock-skew",
            Fault::NoticeEarly => "notice-early",
            Fault::NoticeReordered => "notice-reordered",
            Fault::NoticeLost => "notice-lost",
            Fault::NoticeForged => "notice-forged",
        }
    }

    pub fn parse(text: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| fault.as_str() == text)
    }

    /// In Korean, for the window and the console.
    pub fn korean(self) -> &'static str {
        match self {
            Fault::TimeoutBefore => "처리 전 무응답",
            Fault::TimeoutAfter => "처리 후 무응답",
            Fault::ErrorBefore => "처리 전 500 오류",
            Fault::ErrorAfter => "처리 후 500 오류",
            Fault::NoticeDoubled => "알림 두 번",
            Fault::NoticeLate => "늦은 알림 (10분)",
            Fault::WrongAmount => "다른 금액 처리",
            Fault::Slow => "느린 응답 (몇 초)",
            Fault::ResetBefore => "처리 전 연결 끊김",
            Fault::ResetAfter => "처리 후 연결 끊김",
            Fault::Truncated => "응답 절반만",
            Fault::Html => "JSON 대신 HTML",
            Fault::EucKr => "EUC-KR 응답",
            Fault::WrongTypes => "잘못된 자료형",
            Fault::WrongOrder => "다른 주문번호 응답",
            Fault::ClockSkew => "PG 시계 9시간 빠름",
            Fault::NoticeEarly => "응답보다 먼저 온 알림",
            Fault::NoticeReordered => "알림 순서 바뀜",
            Fault::NoticeLost => "알림 유실",
            Fault::NoticeForged => "위조 알림 추가",
        }
    }

    pub fn group(self) -> Group {
        match self {
            Fault::Slow
            | Fault::TimeoutBefore
            | Fault::TimeoutAfter
            | Fault::ResetBefore
            | Fault::ResetAfter
            | Fault::ErrorBefore
            | Fault::ErrorAfter => Group::Silence,
            Fault::Truncated | Fault::Html | Fault::EucKr | Fault::WrongTypes => Group::Garbled,
            Fault::WrongAmount | Fault::WrongOrder | Fault::ClockSkew => Group::Untrue,
            Fault::NoticeDoubled
            | Fault::NoticeEarly
            | Fault::NoticeLate
            | Fault::NoticeReordered
            | Fault::NoticeLost
            | Fault::NoticeForged => Group::Notices,
        }
    }
}

/// Which call a fault spoils.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Approve,
    Cancel,
    /// The undoing of an approve whose answer was lost, where a PG has a call of its own for it.
    NetCancel,
    Inquire,
    /// A virtual account issued, or a card keyed in, by the shop's server.
    Issue,
    /// Money arriving at a virtual account.
    Deposit,
    /// Everything else: cash receipts, listings.
    Other,
}

impl Operation {
    pub const ALL: [Operation; 7] = [
        Operation::Approve,
        Operation::Cancel,
        Operation::NetCancel,
        Operation::Inquire,
        Operation::Issue,
        Operation::Deposit,
        Operation::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Approve => "approve",
            Operation::Cancel => "cancel",
            Operation::NetCancel => "net-cancel",
            Operation::Inquire => "inquire",
            Operation::Issue => "issue",
            Operation::Deposit => "deposit",
            Operation::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<Operation> {
        Operation::ALL.into_iter().find(|operation| operation.as_str() == text)
    }

    /// In Korean, for the window and the console.
    pub fn korean(self) -> &'static str {
        match self {
            Operation::Approve => "승인",
            Operation::Cancel => "취소",
            Operation::NetCancel => "망취소",
            Operation::Inquire => "조회",
            Operation::Issue => "계좌 발급·카드 입력",
            Operation::Deposit => "입금",
            Operation::Other => "그 밖의 호출",
        }
    }
}
