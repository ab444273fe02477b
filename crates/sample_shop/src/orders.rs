use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::Mutex;
use vocabulary::{Chance, Money, Timestamp};

use crate::goods::{Good, Shelf};
use crate::naru::PaymentView;
use crate::sessions::{SessionId, price_of};
use crate::words::Lang;

/// The shop's number of an order, and NaruPay's `orderId`: `naru-20261125-7k3m9q`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderId(String);

const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl OrderId {
    pub fn new(now: Timestamp, chance: &Chance) -> OrderId {
        let day = now.korean_date().replace('-', "");
        let tail: String = chance
            .bytes::<6>()
            .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
            .iter()
            .collect();
        OrderId(format!("naru-{day}-{tail}"))
    }

    /// `None` for anything this shop cannot have made.
    pub fn parse(text: &str) -> Option<OrderId> {
        let well_formed = text.len() == 20
            && text.starts_with("naru-")
            && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric());
        well_formed.then(|| OrderId(String::from(text)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub name: String,
    pub email: String,
    pub phone: String,
}

pub struct Line {
    pub good: &'static Good,
    pub quantity: u32,
    /// Units given back at the shopper's wish.
    pub canceled: u32,
    /// Units taken off the shelf for this line.
    held: u32,
}

impl Line {
    pub fn new(good: &'static Good, quantity: u32) -> Line {
        Line {
            good,
            quantity,
            canceled: 0,
            held: 0,
        }
    }

    pub fn left(&self) -> u32 {
        self.quantity.saturating_sub(self.canceled)
    }
}

/// The shop's answer when NaruPay asks before the money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Sell,
    Refuse,
}

#[derive(Clone, Copy, PartialEq)]
pub enum CancelOf {
    Whole,
    One(&'static Good),
}

pub struct Cancel {
    pub of: CancelOf,
    pub outcome: CancelOutcome,
}

#[derive(Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// Sent, and no clear answer yet: sending it again is safe.
    Asked,
    /// Taken by NaruPay, the PG's answer is open.
    Open,
    Done,
    /// Why, in words for people; may be empty.
    Refused(String),
}

/// How an order stands, in the shopper's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// NaruPay has not answered yet, so there is nowhere to pay.
    NotOpened,
    Unpaid,
    WaitingForDeposit,
    Checking,
    Paid,
    PartlyCanceled,
    Canceled,
    /// Ended without money.
    NotPaid,
}

impl Standing {
    /// For pages' `data-status`, scripts and tests.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::NotOpened => "not-opened",
            Standing::Unpaid => "unpaid",
            Standing::WaitingForDeposit => "waiting-for-deposit",
            Standing::Checking => "checking",
            Standing::Paid => "paid",
            Standing::PartlyCanceled => "partly-canceled",
            Standing::Canceled => "canceled",
            Standing::NotPaid => "not-paid",
        }
    }

    /// Will it change without the shopper doing anything?
    pub fn moves(self) -> bool {
        matches!(self, Standing::Checking | Standing::WaitingForDeposit)
    }

    pub fn may_cancel_whole(self) -> bool {
        use Standing::*;
        matches!(self, Unpaid | WaitingForDeposit | Paid | PartlyCanceled)
    }

    pub fn may_cancel_one(self) -> bool {
        matches!(self, Standing::Paid | Standing::PartlyCanceled)
    }

    fn claims_goods(self) -> bool {
        !matches!(self, Standing::NotOpened | Standing::Canceled | Standing::NotPaid)
    }
}

pub struct Order {
    pub id: OrderId,
    pub session: SessionId,
    pub placed_at: Timestamp,
    pub customer: Customer,
    pub lang: Lang,
    pub lines: Vec<Line>,
    /// Of the cart this order was made from.
    pub cart_version: u32,
    /// What NaruPay is asked for, frozen: a repeat must be the same to the byte.
    pub opening: String,
    pub payment: Option<PaymentView>,
    pub decision: Option<Decision>,
    /// The attempt about which NaruPay has heard the decision.
    pub decision_told: Option<String>,
    pub cancels: Vec<Cancel>,
    /// Held while NaruPay is asked for something about this order, so that commands go one by one.
    pub busy: Arc<Mutex<()>>,
}

/// What became of something we heard about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    News,
    /// We know this or something newer already.
    Stale,
    /// Another sum or currency than the shop asked for: not believed.
    Strange,
}

impl Order {
    pub fn total(&self) -> Money {
        Money::krw(
            self.lines
                .iter()
                .map(|line| price_of(line.good, line.quantity).minor)
                .sum(),
        )
    }

    pub fn checked_before_sale(&self) -> bool {
        self.lines.iter().any(|line| line.good.checked_before_sale)
    }

    pub fn standing(&self) -> Standing {
        let Some(payment) = &self.payment else {
            return Standing::NotOpened;
        };
        match payment.status.as_str() {
            "READY" => Standing::Unpaid,
            "WAITING_FOR_DEPOSIT" => Standing::WaitingForDeposit,
            "DONE" => Standing::Paid,
            "PARTIAL_CANCELED" => Standing::PartlyCanceled,
            "CANCELED" => Standing::Canceled,
            "ABORTED" | "EXPIRED" => Standing::NotPaid,
            // IN_PROGRESS, CONFIRMING, and words we do not know yet: never say paid or not paid on a guess.
            _ => Standing::Checking,
        }
    }

    /// The attempt for which NaruPay waits for the shop's word: the shopper agreed, nothing is charged yet.
    /// After a declined card there may be another one.
    pub fn awaits_decision(&self) -> Option<&str> {
        let payment = self
            .payment
            .as_ref()
            .filter(|payment| payment.status == "IN_PROGRESS")?;
        let agreed = payment.attempts.iter().rfind(|attempt| attempt.status == "AGREED")?;
        let told = self.decision_told.as_ref() == Some(&agreed.id);
        (self.checked_before_sale() && !told).then_some(&agreed.id)
    }

    /// Takes in a payment's state from a webhook or an answer. Webhooks may come doubled and late:
    /// only a higher version is news.
    pub fn hear(&mut self, view: PaymentView, shelf: &mut Shelf) -> Heard {
        if view.amount != self.total().minor || view.currency != "KRW" {
            return Heard::Strange;
        }
        if self.payment.as_ref().is_some_and(|known| known.version >= view.version) {
            return Heard::Stale;
        }
        self.payment = Some(view);
        self.settle(shelf);
        Heard::News
    }

    /// Brings cancels and shelf in line with the payment as last heard.
    pub fn settle(&mut self, shelf: &mut Shelf) {
        self.settle_cancels();
        self.settle_shelf(shelf);
    }

    /// A cancel that was open is settled once the payment lists none that is.
    fn settle_cancels(&mut self) {
        let Some(payment) = &self.payment else { return };
        let open = |status: &str| matches!(status, "REQUESTED" | "UNKNOWN");
        if payment.cancels.iter().any(|cancel| open(&cancel.status)) {
            return;
        }
        let all_back = self.standing() == Standing::Canceled;
        let refused = payment.cancels.last().is_some_and(|cancel| cancel.status == "REFUSED");
        for cancel in &mut self.cancels {
            match cancel.outcome {
                CancelOutcome::Open if refused => cancel.outcome = CancelOutcome::Refused(String::new()),
                CancelOutcome::Open => cancel.outcome = CancelOutcome::Done,
                // Its answer was lost, but nothing is left that it could still be about.
                CancelOutcome::Asked if all_back => cancel.outcome = CancelOutcome::Done,
                CancelOutcome::Asked | CancelOutcome::Done | CancelOutcome::Refused(_) => {}
            }
        }
        self.count_canceled();
    }

    /// Units canceled by line, from the cancels that were taken.
    pub fn count_canceled(&mut self) {
        for line in &mut self.lines {
            let given_back = self.cancels.iter().filter(|cancel| {
                cancel.of == CancelOf::One(line.good)
                    && matches!(cancel.outcome, CancelOutcome::Open | CancelOutcome::Done)
            });
            line.canceled = u32::try_from(given_back.count()).unwrap_or(line.quantity);
        }
    }

    /// Takes off the shelf what this order needs now, and puts back what it no longer does.
    pub fn settle_shelf(&mut self, shelf: &mut Shelf) {
        let claims = self.standing().claims_goods();
        let decided = self.decision == Some(Decision::Sell);
        for line in &mut self.lines {
            let claimed = claims && (decided || !line.good.checked_before_sale);
            let needed = if claimed { line.left() } else { 0 };
            if line.held > needed {
                shelf.put_back(line.good, line.held - needed);
                line.held = needed;
            }
            // A payment that came back to life after its goods were given up takes what there is.
            let more = (line.good, needed.saturating_sub(line.held));
            if shelf.take(std::iter::once(more)) {
                line.held += more.1;
            }
        }
    }

    /// Takes the goods that are held while the shopper pays. All or none; nothing when they are held already.
    pub fn hold(&mut self, shelf: &mut Shelf) -> bool {
        self.take(shelf, false)
    }

    /// The one place where scarce goods are given out: who is asked about first gets them.
    pub fn decide(&mut self, shelf: &mut Shelf) -> Decision {
        if let Some(decision) = self.decision {
            return decision;
        }
        let decision = if self.take(shelf, true) {
            Decision::Sell
        } else {
            Decision::Refuse
        };
        self.decision = Some(decision);
        decision
    }

    fn take(&mut self, shelf: &mut Shelf, checked_before_sale: bool) -> bool {
        let wanted = |line: &&mut Line| line.good.checked_before_sale == checked_before_sale;
        let missing: Vec<(&Good, u32)> = self
            .lines
            .iter_mut()
            .filter(wanted)
            .map(|line| (line.good, line.left() - line.held.min(line.left())))
            .collect();
        if !shelf.take(missing.iter().copied()) {
            return false;
        }
        for line in self.lines.iter_mut().filter(wanted) {
            line.held = line.held.max(line.left());
        }
        true
    }
}

/// The latest `ORDERS_MAX` orders, all of them in memory.
#[derive(Default)]
pub struct Orders {
    by_id: HashMap<OrderId, Order>,
    /// Oldest first.
    placed: VecDeque<OrderId>,
}

const ORDERS_MAX: usize = 5_000;

impl Orders {
    pub fn get(&self, id: &OrderId) -> Option<&Order> {
        self.by_id.get(id)
    }

    pub fn get_mut(&mut self, id: &OrderId) -> Option<&mut Order> {
        self.by_id.get_mut(id)
    }

    pub fn add(&mut self, order: Order) {
        if self.placed.len() >= ORDERS_MAX
            && let Some(oldest) = self.placed.pop_front()
        {
            self.by_id.remove(&oldest);
        }
        self.placed.push_back(order.id.clone());
        self.by_id.insert(order.id.clone(), order);
    }

    pub fn latest_first(&self) -> impl Iterator<Item = &Order> {
        self.placed.iter().rev().filter_map(|id| self.by_id.get(id))
    }
}
