//! A test is a story: `check` plays it line by line, `event -> what must be true then`. Each event is
//! played twice; the second time may change nothing that is posted or told.

use std::collections::HashMap;

use ledger::{Account, TrialBalance};
use vocabulary::pg::{Answer, CancelAnswer, CashReceipt, CashReceiptKind, RefundAccount, Standing};
use vocabulary::{
    AttemptId, CancelId, Chance, Currency, Digits, Duration, Failure, Method, Mode, Money, PgAccountId, Reason, Scope,
    ShopId, Timestamp,
};

use super::pg_double::{account, line, report};
use crate::{
    About, CancelOrder, Confirm, Customer, Event, LateApproval, NewAttempt, NewPayment, Now, Order, Payment, Refused,
    State, Step, Terms, Texts, Todo, Told,
};

pub(super) fn check(story: &str) {
    let mut teller = Teller::new();
    for text in story.lines().map(str::trim).filter(|text| !text.is_empty()) {
        let (event, then) = text.split_once("->").unwrap_or((text, ""));
        teller.play(event.trim());
        for expected in then.split(',').map(str::trim).filter(|expected| !expected.is_empty()) {
            let found = teller.look(expected);
            assert_eq!(found, expected, "\nafter  {text}\nin the story {story}");
        }
    }
}

struct Teller {
    payment: Option<Payment>,
    attempts: HashMap<String, AttemptId>,
    books: TrialBalance,
    now: Timestamp,
    start: Timestamp,
    chance: Chance,
    pg_account: PgAccountId,
    told: Option<Told>,
    changed: bool,
    refused: Option<Refused>,
}

impl Teller {
    fn new() -> Teller {
        let (start, chance) = (Timestamp::from_seconds(1_800_000_000), Chance::seeded(7));
        Teller {
            payment: None,
            attempts: HashMap::new(),
            books: TrialBalance::default(),
            now: start,
            start,
            pg_account: PgAccountId::new(start, &chance),
            chance,
            told: None,
            changed: false,
            refused: None,
        }
    }

    fn payment(&self) -> &Payment {
        self.payment.as_ref().expect("the story begins with pay")
    }

    fn play(&mut self, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["pay", ..] => self.pay(&words),
            ["wait", time] => self.now = self.now + span(time),
            ["look"] => {}
            _ => {
                let event = self.event(&words);
                self.happen(event, words[0] == "open");
                if let ["open", name, ..] = words[..] {
                    let newest = self.payment().attempts.last().map(|attempt| attempt.id);
                    if let (None, Some(id)) = (&self.refused, newest) {
                        self.attempts.insert(name.to_owned(), id);
                    }
                }
            }
        }
    }

    fn happen(&mut self, event: Event, new_each_time: bool) {
        let before = self.payment().clone();
        let now = Now {
            at: self.now,
            chance: &self.chance,
        };
        let outcome = before.on(event.clone(), &now);
        (self.told, self.changed, self.refused) = (None, false, None);
        match outcome {
            Ok(step) => self.take(step),
            Err(refused) => {
                self.refused = Some(refused);
                return;
            }
        }
        if new_each_time {
            return;
        }
        let now = Now {
            at: self.now,
            chance: &self.chance,
        };
        if let Ok(again) = self.payment().on(event.clone(), &now) {
            assert!(again.postings.is_empty(), "{event:?} posts twice");
            assert_eq!(again.told, None, "{event:?} is told twice");
        }
    }

    fn take(&mut self, step: Step) {
        for line in step.postings.iter().flat_map(|posting| posting.lines()) {
            self.books.add(*line).unwrap();
        }
        (self.told, self.changed) = (step.told, step.changed);
        self.payment = Some(step.payment);
    }

    fn pay(&mut self, words: &[&str]) {
        let currency: Currency = words[2].parse().unwrap();
        let money = |name: &str| Money::new(number_after(words, name).unwrap_or(0), currency);
        let has = |word: &str| words.contains(&word);
        let order = Order::new(
            "order-1".parse().unwrap(),
            "Tea",
            money("pay"),
            money("tax_free"),
            money("exempt"),
        );
        let methods = words.iter().filter_map(|word| word.parse::<Method>().ok()).collect();
        let terms = Terms {
            confirm: if has("by_shop") {
                Confirm::ByShop
            } else {
                Confirm::Automatic
            },
            late_approval: if has("accept_late") {
                LateApproval::Accept
            } else {
                LateApproval::Cancel
            },
            methods,
            ..Terms::default()
        };
        let (customer, metadata) = (Customer::default(), Texts::default());
        let new = NewPayment {
            order: order.unwrap(),
            terms,
            customer,
            metadata,
        };
        let scope = Scope {
            shop: ShopId::new(self.now, &self.chance),
            mode: Mode::Test,
        };
        let now = Now {
            at: self.now,
            chance: &self.chance,
        };
        let step = Payment::create(scope, new, &now).unwrap();
        self.take(step);
    }

    fn event(&self, words: &[&str]) -> Event {
        match words {
            ["open", _, rest @ ..] => Event::Open(NewAttempt {
                pg_account: self.pg_account,
                method: rest.first().map_or(Method::Card, |method| method.parse().unwrap()),
                kind: None,
                instalment_months: None,
            }),
            ["agree", name, amount, rest @ ..] => Event::Agreed {
                attempt: self.attempt(name),
                pg_key: format!("key-{}", self.attempt(name)),
                pg_order_id: rest
                    .last()
                    .map_or(self.attempt(name).to_string(), |order| (*order).to_owned()),
                amount_text: (*amount).to_owned(),
            },
            ["gives_up", name] => Event::GaveUp {
                attempt: self.attempt(name),
                failure: Failure::ours(Reason::ClosedByShopper),
            },
            ["shop", "confirms"] => Event::ShopConfirms,
            ["shop", "refuses"] => Event::ShopRefuses,
            ["ask", about @ ..] => Event::Ask(self.about(about)),
            ["unanswered", about @ ..] => Event::Unanswered {
                about: self.about(about),
                heard: None,
            },
            ["undo", name] => Event::Undo(self.attempt(name)),
            ["undone", name] => Event::PgSays {
                attempt: self.attempt(name),
                answer: Answer::No(Failure::ours(Reason::PgUnavailable)),
            },
            ["time", "up"] => Event::TimeUp,
            ["cancel", ..] => Event::Cancel(self.cancel_order(words)),
            ["void", name, answer] => Event::VoidAnswered {
                attempt: self.attempt(name),
                answer: self.cancel_answer(self.attempt(name), &[answer], 0),
            },
            ["receipt"] => Event::AskReceipt {
                kind: CashReceiptKind::IncomeDeduction,
            },
            ["receipt", "issued"] => Event::ReceiptAnswered(Ok(CashReceipt {
                kind: CashReceiptKind::IncomeDeduction,
                pg_key: "R".to_owned(),
                issue_number: "1".to_owned(),
                url: None,
                amount: self.payment().order.amount,
            })),
            ["receipt", "back"] => Event::ReceiptBackAnswered(Ok(())),
            ["receipt", "stays"] => Event::ReceiptBackAnswered(Err(Failure::ours(Reason::BadRequest))),
            ["receipt", "no"] => Event::ReceiptAnswered(Err(Failure::ours(Reason::BadRequest))),
            ["pg", name, rest @ ..] if name.starts_with('C') => {
                let cancel = self.cancel(name);
                let attempt = self.payment().cancel(cancel).unwrap().attempt;
                let left =
                    self.payment().balance().unwrap().minor - self.payment().cancel(cancel).unwrap().amount().minor;
                Event::CancelAnswered {
                    cancel,
                    answer: self.cancel_answer(attempt, rest, left),
                }
            }
            ["pg", name, rest @ ..] => Event::PgSays {
                attempt: self.attempt(name),
                answer: self.answer(name, rest),
            },
            other => panic!("the teller does not know {other:?}"),
        }
    }

    /// `A1`, `C1`, `receipt`; nothing: what is due first.
    fn about(&self, words: &[&str]) -> About {
        match words {
            ["receipt"] => About::Receipt,
            [name] if name.starts_with('C') => About::Cancel(self.cancel(name)),
            [name] => About::Attempt(self.attempt(name)),
            _ => self
                .payment()
                .todo()
                .map_or(About::Attempt(self.attempt("A1")), Todo::about),
        }
    }

    fn attempt(&self, name: &str) -> AttemptId {
        let unknown = || AttemptId::new(self.start, &Chance::seeded(99));
        self.attempts.get(name).copied().unwrap_or_else(unknown)
    }

    fn cancel(&self, name: &str) -> CancelId {
        let place: usize = name[1..].parse().unwrap();
        let unknown = || CancelId::new(self.start, &Chance::seeded(99));
        self.payment()
            .cancels
            .get(place - 1)
            .map_or_else(unknown, |cancel| cancel.id)
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.payment().order.amount.currency)
    }

    fn cancel_order(&self, words: &[&str]) -> CancelOrder {
        let money = |name: &str| number_after(words, name).map(|minor| self.money(minor));
        let account = RefundAccount {
            bank: "20".to_owned(),
            number: Digits::parse("110-1").unwrap(),
            holder: "김".to_owned(),
        };
        CancelOrder {
            amount: money("cancel"),
            tax_free: money("tax_free"),
            reason: "changed mind".to_owned(),
            refund_account: words.contains(&"account").then_some(account),
            expected_balance: money("expected"),
        }
    }

    /// `done [left N] [K1:300 …]`, `pending`, `silent`, `no`.
    fn cancel_answer(&self, id: AttemptId, words: &[&str], left: i64) -> CancelAnswer {
        match words {
            ["done", rest @ ..] => {
                let left = number_after(rest, "left").unwrap_or(left).max(0);
                let standing = if left == 0 {
                    Standing::Canceled
                } else {
                    Standing::Approved
                };
                let mut report = report(id, standing, self.payment().order.amount, self.money(left));
                report.cancels = self.lines(rest);
                let refunded = report.cancels.last().cloned();
                CancelAnswer::Done {
                    report: Box::new(report),
                    refunded,
                }
            }
            ["pending"] => CancelAnswer::Pending,
            ["silent"] => CancelAnswer::Unknown("no answer".to_owned()),
            ["no"] => CancelAnswer::No(Failure::ours(Reason::NotCancelable)),
            other => panic!("no such answer: {other:?}"),
        }
    }

    fn answer(&self, name: &str, words: &[&str]) -> Answer {
        let (standing, rest) = match words {
            ["silent"] => return Answer::Unknown("no answer".to_owned()),
            ["no"] => return Answer::No(Failure::ours(Reason::DeclinedByIssuer)),
            ["not_yet"] => (Standing::NotYet, &words[1..]),
            ["failed"] => (Standing::Failed(Failure::ours(Reason::InsufficientFunds)), &words[1..]),
            ["says", "approved", rest @ ..] => (Standing::Approved, rest),
            ["says", "waiting" | "timed_out", rest @ ..] => (Standing::WaitingForDeposit, rest),
            ["says", "canceled", rest @ ..] => (Standing::Canceled, rest),
            other => panic!("no such answer: {other:?}"),
        };
        let amount = rest
            .first()
            .and_then(|word| word.parse().ok())
            .unwrap_or(self.payment().order.amount.minor);
        let whole = if standing == Standing::Canceled { 0 } else { amount };
        let left = number_after(rest, "left").unwrap_or(whole);
        let mut report = report(self.attempt(name), standing, self.money(amount), self.money(left));
        if report.standing == Standing::WaitingForDeposit {
            report.means = account(Some(self.start + Duration::days(7)), words[1] == "timed_out");
        }
        report.cancels = self.lines(rest);
        report.partial_cancel_allowed = !rest.contains(&"whole_only");
        Answer::Report(Box::new(report))
    }

    fn lines(&self, words: &[&str]) -> Vec<vocabulary::pg::Refunded> {
        let pairs = words.iter().filter_map(|word| word.split_once(':'));
        pairs
            .map(|(key, amount)| line(key, self.money(amount.parse().unwrap())))
            .collect()
    }

    /// What is true, in the words of `expected`.
    fn look(&self, expected: &str) -> String {
        let payment = self.payment();
        let words: Vec<&str> = expected.split_whitespace().collect();
        if expected.to_uppercase().replace(' ', "_").parse::<State>().is_ok() {
            return plain(payment.state.as_str());
        }
        match words[..] {
            ["refused", ..] => {
                let debug = format!("{:?}", self.refused);
                let name = debug
                    .trim_start_matches("Some(")
                    .split([' ', '(', ')'])
                    .next()
                    .unwrap_or("");
                format!("refused {name}")
            }
            ["changed"] => (if self.changed { "changed" } else { "quiet" }).to_owned(),
            ["quiet"] => (if self.changed || self.refused.is_some() {
                "not quiet"
            } else {
                "quiet"
            })
            .to_owned(),
            ["told", ..] => format!("told {}", self.told.map_or("nothing", Told::as_str)),
            ["todo", ..] => format!("todo {}", self.todo()),
            ["due", ..] => payment.due_at().map_or("due never".to_owned(), |due| {
                format!("due {}s", (due - self.start).as_seconds())
            }),
            ["person"] | ["no", "person"] => (if payment.needs_a_person() {
                "person"
            } else {
                "no person"
            })
            .to_owned(),
            ["failure", ..] => {
                format!(
                    "failure {}",
                    payment
                        .failure
                        .as_ref()
                        .map_or("none", |failure| failure.reason.as_str())
                )
            }
            ["left", _] => format!("left {}", payment.balance().unwrap().minor),
            ["given_back", _] => format!("given_back {}", payment.canceled().unwrap().minor),
            ["balanced"] => (if self.books.balanced().unwrap() {
                "balanced"
            } else {
                "unbalanced"
            })
            .to_owned(),
            ["receipt", "of", _] => {
                let receipt = payment.receipt.as_ref().unwrap();
                format!("receipt of {}", receipt.amount.minor)
            }
            ["receipt", _] => {
                let receipt = payment.receipt.as_ref().unwrap();
                format!("receipt {}", plain(receipt.state.as_str()))
            }
            ["cancels", _] => format!("cancels {}", payment.cancels.len()),
            [name, "whole" | "part"] => format!("{name} {}", if self.cancel_of(name).whole { "whole" } else { "part" }),
            [name, "takes", _] => format!("{name} takes {}", self.cancel_of(name).amount().minor),
            [name, "because", _] if name.starts_with('C') => {
                format!(
                    "{name} because {}",
                    self.cancel_of(name).failure.as_ref().unwrap().reason
                )
            }
            [name, "because", _] => {
                let attempt = payment.attempt(self.attempt(name)).unwrap();
                format!("{name} because {}", attempt.failure.as_ref().unwrap().reason)
            }
            [name, _] if name.starts_with('C') => format!("{name} {}", plain(self.cancel_of(name).state.as_str())),
            [name, ..] if name.starts_with('A') => {
                format!(
                    "{name} {}",
                    plain(payment.attempt(self.attempt(name)).unwrap().state.as_str())
                )
            }
            [account, _] => format!("{account} {}", self.sum(account)),
            _ => format!("not understood, while the payment is {}", plain(payment.state.as_str())),
        }
    }

    fn cancel_of(&self, name: &str) -> &crate::Cancel {
        self.payment().cancel(self.cancel(name)).unwrap()
    }

    fn sum(&self, account: &str) -> i64 {
        let account = match account {
            "receivable" => Account::PgReceivable(self.pg_account),
            name => name.parse().unwrap(),
        };
        self.books
            .balance(account, self.payment().order.amount.currency)
            .unwrap()
            .minor
    }

    fn todo(&self) -> String {
        let attempt = |id| self.attempts.iter().find(|(_, known)| **known == id).unwrap().0;
        let cancel = |id| {
            self.payment()
                .cancels
                .iter()
                .position(|cancel| cancel.id == id)
                .unwrap()
                + 1
        };
        match self.payment().todo() {
            None => "nothing".to_owned(),
            Some(Todo::Approve(id)) => format!("approve {}", attempt(id)),
            Some(Todo::Inquire(id)) => format!("inquire {}", attempt(id)),
            Some(Todo::Void(id)) => format!("void {}", attempt(id)),
            Some(Todo::Cancel(id)) => format!("cancel C{}", cancel(id)),
            Some(Todo::LookFor(id)) => format!("look_for C{}", cancel(id)),
            Some(Todo::TakeBackReceipt) => "take_back_receipt".to_owned(),
        }
    }
}

fn plain(state: &str) -> String {
    state.to_lowercase().replace('_', " ")
}

fn number_after(words: &[&str], name: &str) -> Option<i64> {
    let at = words.iter().position(|word| *word == name)?;
    words.get(at + 1)?.parse().ok()
}

/// `10m`, `5s`, `2h`, `3d`.
fn span(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: i64 = number.parse().unwrap();
    match unit {
        "s" => Duration::seconds(number),
        "m" => Duration::minutes(number),
        "h" => Duration::hours(number),
        "d" => Duration::days(number),
        other => panic!("no unit of time: {other}"),
    }
}
