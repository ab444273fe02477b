//! How faults are asked for: by name, by order id, by header, by amount, by rate.

use vocabulary::Chance;

use super::{Active, Fault, Operation};

/// The most calls one plan may spoil, and the most plans kept.
const TIMES_MAX: u32 = 1_000_000;
const PLANS_MAX: usize = 64;
/// Magic amounts begin here.
const AMOUNT_FIRST: i64 = 900_001;
/// How finely a rate is drawn.
const RATE_STEPS: u64 = 1_000_000;

/// A fault for the next `left` calls of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// None: the approve, or for faults of notices whatever comes next.
    pub operation: Option<Operation>,
    pub fault: Fault,
    pub left: u32,
}

impl Plan {
    pub fn new(operation: Operation, fault: Fault, times: u32) -> Plan {
        Plan {
            operation: Some(operation),
            fault,
            left: Plan::times(times),
        }
    }

    /// As many as a plan may spoil.
    pub fn times(wanted: u32) -> u32 {
        wanted.min(TIMES_MAX)
    }

    /// Reads `[operation-]name[-xN]`.
    pub fn parse(spec: &str) -> Option<Plan> {
        let (operation, rest) = split_operation(spec.trim());
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
                Fault::NoticeDoubled
                | Fault::NoticeEarly
                | Fault::NoticeLate
                | Fault::NoticeReordered
                | Fault::NoticeLost
                | Fault::NoticeForged => operation != Operation::Inquire,
                _ => matches!(operation, Operation::Approve | Operation::Issue),
            },
        }
    }
}

/// Takes the operation's name off the front.
fn split_operation(spec: &str) -> (Option<Operation>, &str) {
    for operation in Operation::ALL {
        let rest = spec.strip_prefix(operation.as_str());
        if let Some(rest) = rest.and_then(|rest| rest.strip_prefix(['-', ':'])) {
            return (Some(operation), rest);
        }
    }
    (None, spec)
}

/// A fault for a share of all calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// None: every call.
    pub operation: Option<Operation>,
    pub fault: Fault,
    /// From 0, never, to 1, always.
    pub rate: f64,
}

impl Rate {
    /// Reads `[operation-]name=rate`: `timeout-after=0.05`, `cancel-5xx-before=0.1`.
    pub fn parse(text: &str) -> Option<Rate> {
        let (spec, rate) = text.split_once('=')?;
        let (operation, name) = split_operation(spec.trim());
        let rate: f64 = rate.trim().parse().ok()?;
        (0.0..=1.0).contains(&rate).then_some(())?;
        Some(Rate {
            operation,
            fault: Fault::parse(name)?,
            rate,
        })
    }

    /// `[operation-]name`
    pub fn spec(&self) -> String {
        match self.operation {
            Some(operation) => format!("{}-{}", operation.as_str(), self.fault.as_str()),
            None => self.fault.as_str().to_owned(),
        }
    }

    pub(super) fn strikes(&self, operation: Operation, chance: &Chance) -> bool {
        if self.operation.is_some_and(|wanted| wanted != operation) {
            return false;
        }
        // Both ends are exact: 0 never strikes and 1 always does.
        chance.below(RATE_STEPS) < (self.rate * RATE_STEPS as f64) as u64
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

/// Amounts that ask for trouble by themselves, in minor units of any currency: 900001 is the first of
/// [`Fault::ALL`], 900020 the last.
///
/// 900101 and up are refusals, which are each PG's own (`toss::trouble`).
pub fn for_amount(minor: i64) -> Option<Fault> {
    let index = usize::try_from(minor.checked_sub(AMOUNT_FIRST)?).ok()?;
    Fault::ALL.get(index).copied()
}

/// The amount of [`for_amount`] that asks for `fault`.
pub fn magic_amount(fault: Fault) -> i64 {
    let index = Fault::ALL.iter().take_while(|other| **other != fault).count();
    AMOUNT_FIRST + index as i64
}
