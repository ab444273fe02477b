//! What can go wrong on purpose, and the one place where a broken answer is carried out.
//!
//! A fault is asked for in five ways, strongest first:
//! 1. `Simulator-Fault: <spec>[, <spec>…]` on the request itself;
//! 2. the control API: for the next N calls of an operation;
//! 3. `fault-<spec>` at the end of the order id;
//! 4. the window's "시험 조건" panel, for that payment;
//! 5. a magic amount, see [`for_amount`].
//!
//! A spec is `[operation-]name[-xN]`: `timeout-after`, `cancel-5xx-before`, `inquire-timeout-before-x3`.
//! Without an operation it means the approve (for notices: whatever the payment does next).

use std::sync::atomic::{AtomicI64, Ordering};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use vocabulary::Duration;

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
    /// The PG approves and books [`WRONG_BY`] minor units more than was asked.
    WrongAmount,
}

/// What "wrong amount" adds, in the currency's minor units.
pub const WRONG_BY: i64 = 100;
/// How late a late notice is.
pub const NOTICE_LATE: Duration = Duration::minutes(10);
/// The longest a call hangs; a client has given up long before.
const HANG_MAX: Duration = Duration::seconds(90);
/// The most calls one plan may spoil, and the most plans kept.
const TIMES_MAX: u32 = 1_000_000;
const PLANS_MAX: usize = 64;

impl Fault {
    pub const ALL: [Fault; 7] = [
        Fault::TimeoutBefore,
        Fault::TimeoutAfter,
        Fault::ErrorBefore,
        Fault::ErrorAfter,
        Fault::NoticeDoubled,
        Fault::NoticeLate,
        Fault::WrongAmount,
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
        }
    }

    pub fn parse(text: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| fault.as_str() == text)
    }

    /// In Korean, for the window and the console.
    pub fn korean(self) -> &'static str {
        match self {
            Fault::TimeoutBefore => "승인 전 무응답",
            Fault::TimeoutAfter => "승인 후 무응답",
            Fault::ErrorBefore => "승인 전 500 오류",
            Fault::ErrorAfter => "승인 후 500 오류",
            Fault::NoticeDoubled => "알림 두 번",
            Fault::NoticeLate => "늦은 알림 (10분)",
            Fault::WrongAmount => "다른 금액 승인",
        }
    }
}

/// Which call a fault spoils.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Approve,
    Cancel,
    Inquire,
    /// A virtual account issued, or a card keyed in, by the shop's server.
    Issue,
    /// Money arriving at a virtual account.
    Deposit,
    /// Everything else: cash receipts, listings.
    Other,
}

impl Operation {
    pub const ALL: [Operation; 6] = [
        Operation::Approve,
        Operation::Cancel,
        Operation::Inquire,
        Operation::Issue,
        Operation::Deposit,
        Operation::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Approve => "approve",
            Operation::Cancel => "cancel",
            Operation::Inquire => "inquire",
            Operation::Issue => "issue",
            Operation::Deposit => "deposit",
            Operation::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<Operation> {
        Operation::ALL.into_iter().find(|operation| operation.as_str() == text)
    }
}

/// A fault for the next `left` calls of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// None: the approve, or for faults of notices and amounts whatever comes next.
    pub operation: Option<Operation>,
    pub fault: Fault,
    pub left: u32,
}

impl Plan {
    pub fn new(operation: Operation, fault: Fault, times: u32) -> Plan {
        Plan {
            operation: Some(operation),
            fault,
            left: times.min(TIMES_MAX),
        }
    }

    /// Reads `[operation-]name[-xN]`.
    pub fn parse(spec: &str) -> Option<Plan> {
        let spec = spec.trim();
        let (operation, rest) = match spec.split_once(['-', ':']) {
            Some((word, rest)) => match Operation::parse(word) {
                Some(operation) => (Some(operation), rest),
                None => (None, spec),
            },
            None => (None, spec),
        };
        let (name, left) = match rest.rsplit_once("-x") {
            Some((name, times)) => (
                name,
                times.parse().ok().filter(|times| (1..=TIMES_MAX).contains(times))?,
            ),
            None => (rest, 1),
        };
        Some(Plan {
            operation,
            fault: Fault::parse(name)?,
            left,
        })
    }

    /// What an order id that ends in `fault-<spec>` asks for.
    pub fn in_order_id(order_id: &str) -> Option<Plan> {
        let (_, spec) = order_id.split_once("fault-")?;
        Plan::parse(spec)
    }

    fn spoils(&self, operation: Operation) -> bool {
        match self.operation {
            Some(wanted) => wanted == operation,
            None => match self.fault {
                Fault::NoticeDoubled | Fault::NoticeLate => operation != Operation::Inquire,
                _ => matches!(operation, Operation::Approve | Operation::Issue),
            },
        }
    }
}

/// Takes one use of each plan that spoils `operation` and reports the faults.
pub fn draw(plans: &mut Vec<Plan>, operation: Operation) -> Active {
    let mut active = Active::default();
    for plan in plans.iter_mut().filter(|plan| plan.spoils(operation)) {
        plan.left = plan.left.saturating_sub(1);
        active.add(plan.fault);
    }
    plans.retain(|plan| plan.left > 0);
    active
}

/// Adds a plan; the oldest goes when there are too many.
pub fn remember(plans: &mut Vec<Plan>, plan: Plan) {
    if plan.left > 0 {
        plans.push(plan);
    }
    if plans.len() > PLANS_MAX {
        plans.remove(0);
    }
}

/// The faults a header asks for; unknown words are ignored, as an unknown header would be.
pub fn in_header(value: &str, operation: Operation) -> Active {
    let mut active = Active::default();
    for plan in value.split(',').filter_map(Plan::parse) {
        if plan.operation.is_none_or(|wanted| wanted == operation) {
            active.add(plan.fault);
        }
    }
    active
}

/// Amounts that ask for trouble by themselves, in minor units of any currency.
///
/// | amount | fault |
/// |---|---|
/// | 900001 | timeout-before |
/// | 900002 | timeout-after |
/// | 900003 | 5xx-before |
/// | 900004 | 5xx-after |
/// | 900005 | notice-doubled |
/// | 900006 | notice-late |
/// | 900007 | wrong-amount |
///
/// 900101 and up are refusals, which are each PG's own (`toss::trouble`).
pub fn for_amount(minor: i64) -> Option<Fault> {
    let index = usize::try_from(minor.checked_sub(900_001)?).ok()?;
    Fault::ALL.get(index).copied()
}

/// The faults in force for one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Active {
    pub before: Option<Break>,
    pub after: Option<Break>,
    pub notices: NoticePlan,
    pub wrong_amount: bool,
}

/// How an answer breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    Hang,
    ServerError,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoticePlan {
    pub doubled: bool,
    pub late: bool,
}

impl Active {
    pub fn add(&mut self, fault: Fault) {
        match fault {
            Fault::TimeoutBefore => self.before = Some(Break::Hang),
            Fault::TimeoutAfter => self.after = Some(Break::Hang),
            Fault::ErrorBefore => self.before = Some(Break::ServerError),
            Fault::ErrorAfter => self.after = Some(Break::ServerError),
            Fault::NoticeDoubled => self.notices.doubled = true,
            Fault::NoticeLate => self.notices.late = true,
            Fault::WrongAmount => self.wrong_amount = true,
        }
    }

    pub fn with(mut self, weaker: Active) -> Active {
        self.before = self.before.or(weaker.before);
        self.after = self.after.or(weaker.after);
        self.notices.doubled |= weaker.notices.doubled;
        self.notices.late |= weaker.notices.late;
        self.wrong_amount |= weaker.wrong_amount;
        self
    }
}

/// The wire to the client, as far as it can be made to misbehave.
pub struct Line {
    /// Added to every API answer, for benchmarks that want a PG as slow as a real one.
    latency_us: AtomicI64,
    hang_us: AtomicI64,
    closing: watch::Sender<bool>,
}

impl Default for Line {
    fn default() -> Line {
        Line {
            latency_us: AtomicI64::new(0),
            hang_us: AtomicI64::new(HANG_MAX.as_micros()),
            closing: watch::Sender::new(false),
        }
    }
}

impl Line {
    pub fn set_latency(&self, latency: Duration) {
        self.latency_us
            .store(latency.min(HANG_MAX).as_micros(), Ordering::Relaxed);
    }

    pub fn set_hang(&self, hang: Duration) {
        self.hang_us.store(hang.min(HANG_MAX).as_micros(), Ordering::Relaxed);
    }

    pub async fn delay(&self) {
        let latency = Duration::micros(self.latency_us.load(Ordering::Relaxed));
        if latency > Duration::ZERO {
            self.wait(latency).await;
        }
    }

    /// Hangs as long as a hanging call does.
    pub async fn hang(&self) -> Response {
        self.wait(Duration::micros(self.hang_us.load(Ordering::Relaxed))).await;
        StatusCode::GATEWAY_TIMEOUT.into_response()
    }

    /// Lets every hanging call go, so that the simulator can stop.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    async fn wait(&self, time: Duration) {
        let mut closing = self.closing.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time.to_std()) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    }
}
