//! The money model: seeded sequences of events, hostile ones among them, beside a PG that keeps its own
//! truth in plain integers. `NARUPAY_SEED=n` plays one sequence again.

mod at_pg;

use ledger::{Account, TrialBalance};
use vocabulary::pg::{Answer, CancelAnswer, RefundAccount, Refunded, Standing};
use vocabulary::{
    AttemptId, Chance, Currency, Digits, Duration, Failure, Method, Mode, Money, PgAccountId, Reason, Scope, ShopId,
    Timestamp,
};

use crate::{
    AttemptState, CancelOrder, CancelState, Confirm, Customer, Event, LateApproval, NewAttempt, NewPayment, Now, Order,
    Payment, State, Terms, Texts, Todo,
};

/// `NARUPAY_SEQUENCES` asks for more.
const SEQUENCES: u64 = 10_000;
const EVENTS_MAX: u64 = 18;
/// Rounds after which truth must have been found; the slowest way is a refund looked for ten times.
const CALM_ROUNDS_MAX: u32 = 60;

#[test]
fn ten_thousand_sequences_agree_with_plain_integers() {
    if let Some(seed) = std::env::var("NARUPAY_SEED").ok().and_then(|seed| seed.parse().ok()) {
        return Run::new(seed).play();
    }
    let more = std::env::var("NARUPAY_SEQUENCES").ok();
    let sequences = more.and_then(|more| more.parse().ok()).unwrap_or(SEQUENCES);
    let mut ends = std::collections::BTreeMap::new();
    for seed in 0..sequences {
        let mut run = Run::new(seed);
        let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            run.play();
            run.payment.state
        }));
        let end = end.unwrap_or_else(|_| panic!("NARUPAY_SEED={seed} plays this again"));
        *ends.entry(end.as_str()).or_insert(0_u64) += 1;
    }
    for end in [
        State::Done,
        State::PartialCanceled,
        State::Canceled,
        State::Aborted,
        State::Expired,
    ] {
        assert!(
            ends.get(end.as_str()).is_some_and(|count| *count * 100 > sequences),
            "the sequences reach {end}: {ends:?}"
        );
    }
    println!("sequences {sequences}, ends {ends:?}, violations: 0");
}

/// What the PG knows of one attempt.
#[derive(Debug, Clone, PartialEq)]
struct Truth {
    id: AttemptId,
    standing: Standing,
    amount: i64,
    lines: Vec<Refunded>,
    lists_refunds: bool,
}

impl Truth {
    fn given_back(&self) -> i64 {
        self.lines.iter().map(|line| line.amount.minor).sum()
    }

    fn holds(&self) -> i64 {
        if self.standing == Standing::Approved {
            self.amount - self.given_back()
        } else {
            0
        }
    }
}

struct Run {
    chance: Chance,
    payment: Payment,
    books: TrialBalance,
    at: Timestamp,
    pg_account: PgAccountId,
    truths: Vec<Truth>,
    trace: Vec<String>,
}

impl Run {
    fn new(seed: u64) -> Run {
        let chance = Chance::seeded(seed);
        let at = Timestamp::from_seconds(1_800_000_000);
        let amount = 1 + chance.below(20_000) as i64;
        let tax_free = chance.below(amount as u64 + 1) as i64;
        let id = "order-1".parse().unwrap();
        let order = Order::new(id, "Tea", Money::krw(amount), Money::krw(tax_free), Money::krw(0)).unwrap();
        let terms = Terms {
            confirm: if chance.below(4) == 0 {
                Confirm::ByShop
            } else {
                Confirm::Automatic
            },
            late_approval: if chance.below(2) == 0 {
                LateApproval::Accept
            } else {
                LateApproval::Cancel
            },
            ..Terms::default()
        };
        let (customer, metadata) = (Customer::default(), Texts::default());
        let scope = Scope {
            shop: ShopId::new(at, &chance),
            mode: Mode::Test,
        };
        let new = NewPayment {
            order,
            terms,
            customer,
            metadata,
        };
        let payment = Payment::create(scope, new, &Now { at, chance: &chance })
            .unwrap()
            .payment;
        let (books, pg_account) = (TrialBalance::default(), PgAccountId::new(at, &chance));
        Run {
            chance,
            payment,
            books,
            at,
            pg_account,
            truths: Vec::new(),
            trace: Vec::new(),
        }
    }

    fn play(&mut self) {
        for _ in 0..4 + self.chance.below(EVENTS_MAX) {
            let event = self.next();
            self.happen(event);
            if self.dice(5) {
                self.console();
            }
        }
        self.calm();
    }

    fn dice(&self, one_in: u64) -> bool {
        self.chance.below(one_in) == 0
    }

    fn pick(&self) -> Option<AttemptId> {
        let count = self.payment.attempts.len() as u64;
        (count > 0).then(|| self.payment.attempts[self.chance.below(count) as usize].id)
    }

    /// One event, likely or hostile.
    fn next(&mut self) -> Event {
        let Some(id) = self.pick().filter(|_| !self.dice(12)) else {
            let method = if self.dice(3) {
                Method::VirtualAccount
            } else {
                Method::Card
            };
            return Event::Open(NewAttempt {
                pg_account: self.pg_account,
                method,
                kind: None,
                instalment_months: None,
            });
        };
        match self.chance.below(16) {
            0..=2 => Event::Agreed {
                attempt: id,
                pg_key: format!("key-{id}"),
                pg_order_id: if self.dice(20) {
                    "another".to_owned()
                } else {
                    id.to_string()
                },
                amount_text: (self.payment.order.amount.minor + i64::from(self.dice(10))).to_string(),
            },
            3 => Event::GaveUp {
                attempt: id,
                failure: Failure::ours(Reason::ClosedByShopper),
            },
            4 => {
                if self.dice(2) {
                    Event::ShopConfirms
                } else {
                    Event::ShopRefuses
                }
            }
            5 => {
                self.at = self.at + Duration::minutes(self.chance.below(15) as i64);
                Event::TimeUp
            }
            6 | 7 => Event::Cancel(self.cancel_order()),
            8 => match self.payment.todo() {
                // Somebody answers who was not asked.
                Some(Todo::Cancel(cancel)) if self.dice(2) => Event::CancelAnswered {
                    cancel,
                    answer: CancelAnswer::Unknown(String::new()),
                },
                _ => Event::PgSays {
                    attempt: id,
                    answer: Answer::Unknown(String::new()),
                },
            },
            9 | 10 => Event::PgSays {
                attempt: id,
                answer: self.inquire(id),
            },
            _ => self.ask_what_is_due(),
        }
    }

    fn cancel_order(&self) -> CancelOrder {
        let amount = Money::krw(self.chance.below(24_000) as i64 - 2_000);
        let tax_free = Money::krw(self.chance.below(8_000) as i64 - 500);
        let account = RefundAccount {
            bank: "20".to_owned(),
            number: Digits::parse("1").unwrap(),
            holder: "김".to_owned(),
        };
        CancelOrder {
            amount: (!self.dice(4)).then_some(amount),
            tax_free: self.dice(3).then_some(tax_free),
            reason: String::new(),
            refund_account: (!self.dice(4)).then_some(account),
            expected_balance: self.dice(8).then_some(amount),
        }
    }

    /// Does what `todo` says, against the PG, and loses a third of the answers.
    fn ask_what_is_due(&mut self) -> Event {
        let Some(todo) = self.payment.todo() else {
            return Event::TimeUp;
        };
        let about = todo.about();
        if self.dice(4) {
            // Whoever asked before may be dead.
            self.at = self.at + Duration::minutes(2);
        }
        let leased = self.payment.being_asked(self.at) == Some(about);
        let version = format!("{:?}", self.payment);
        self.happen(Event::Ask(about));
        if leased {
            assert_eq!(format!("{:?}", self.payment), version, "one asks at a time");
        }
        let Some(todo) = self.payment.todo_about(about) else {
            return Event::TimeUp;
        };
        let lost = self.dice(3);
        let answer = self.carry_out(todo, lost);
        if self.dice(6) {
            // It dies before it can save the answer.
            return Event::TimeUp;
        }
        self.happen(answer);
        Event::Unanswered { about, heard: None }
    }

    fn carry_out(&mut self, todo: Todo, lost: bool) -> Event {
        let silent = || CancelAnswer::Unknown("lost".to_owned());
        match todo {
            Todo::Approve(attempt) => {
                self.approve(attempt);
                let answer = if lost {
                    Answer::Unknown("lost".to_owned())
                } else {
                    self.inquire(attempt)
                };
                Event::PgSays { attempt, answer }
            }
            Todo::Inquire(attempt) => self.look_or_undo(attempt, lost),
            Todo::Void(attempt) => {
                let left = self.truth(attempt).holds();
                let answer = self.give_back(attempt, left, &format!("V-{attempt}"));
                Event::VoidAnswered {
                    attempt,
                    answer: if lost { silent() } else { answer },
                }
            }
            Todo::Cancel(cancel) => {
                let answer = self.cancel(cancel);
                Event::CancelAnswered {
                    cancel,
                    answer: if lost { silent() } else { answer },
                }
            }
            Todo::LookFor(cancel) => {
                let attempt = self.payment.cancel(cancel).unwrap().attempt;
                Event::PgSays {
                    attempt,
                    answer: self.inquire(attempt),
                }
            }
            Todo::TakeBackReceipt => Event::ReceiptBackAnswered(Ok(())),
        }
    }

    /// At a PG with net cancel an approve of which nothing is seen is undone. It may land at that very moment.
    fn look_or_undo(&mut self, attempt: AttemptId, lost: bool) -> Event {
        let seen = self.inquire(attempt);
        let nothing = matches!(&seen, Answer::No(failure) if failure.reason == Reason::NotFoundAtPg);
        let in_doubt = |run: &Run| run.payment.attempt(attempt).unwrap().state.in_doubt();
        if !nothing || !in_doubt(self) || self.payment.attempt(attempt).unwrap().asks < 2 || self.dice(2) {
            return Event::PgSays { attempt, answer: seen };
        }
        let lands = |run: &mut Run| {
            if run.dice(4) {
                run.approve(attempt);
            }
            if run.dice(2) {
                let answer = run.inquire(attempt);
                run.happen(Event::PgSays { attempt, answer });
            }
        };
        lands(self);
        self.happen(Event::Undo(attempt));
        if !in_doubt(self) {
            return Event::TimeUp;
        }
        lands(self);
        let held = self.truth(attempt).holds();
        if held > 0 {
            self.give_back(attempt, held, &format!("U-{attempt}"));
        }
        let amount = self.payment.order.amount.minor;
        let truth = self.truth(attempt);
        if truth.standing == Standing::NotYet {
            // What it would be, should it be approved in spite of all.
            truth.amount = amount;
        }
        truth.standing = match truth.standing {
            Standing::NotYet => Standing::Failed(Failure::ours(Reason::Expired)),
            Standing::WaitingForDeposit => Standing::Canceled,
            ref other => other.clone(),
        };
        let answer = if lost {
            Answer::Unknown("lost".to_owned())
        } else {
            Answer::No(Failure::ours(Reason::PgUnavailable))
        };
        Event::PgSays { attempt, answer }
    }

    fn happen(&mut self, event: Event) {
        self.trace.push(format!("{event:?}"));
        let now = Now {
            at: self.at,
            chance: &self.chance,
        };
        let repeats = !matches!(event, Event::Open(_) | Event::Ask(_));
        let Ok(step) = self.payment.on(event.clone(), &now) else {
            return;
        };
        for line in step.postings.iter().flat_map(|posting| posting.lines()) {
            self.books.add(*line).unwrap();
        }
        self.payment = step.payment;
        if let Ok(again) = self.payment.on(event, &now) {
            assert!(
                !repeats || again.postings.is_empty(),
                "posted twice\n{}",
                self.trace.join("\n")
            );
        }
        self.holds();
    }

    fn balance(&self, account: Account) -> i64 {
        self.books.balance(account, Currency::KRW).unwrap().minor
    }

    /// What must be true after every step.
    fn holds(&self) {
        let payment = &self.payment;
        let told = || format!("{payment:#?}\n{}", self.trace.join("\n"));
        let count = |state: AttemptState| payment.attempts.iter().filter(|attempt| attempt.state == state).count();
        let order = payment.order.amount.minor;
        let approved = count(AttemptState::Approved);
        assert!(approved <= 1, "charged twice\n{}", told());
        assert!(self.books.balanced().unwrap(), "{}", told());
        let is_done = |cancel: &&crate::Cancel| cancel.state == CancelState::Done;
        let given_back: i64 = payment
            .cancels
            .iter()
            .filter(is_done)
            .map(|cancel| cancel.amount().minor)
            .sum();
        let held = payment
            .attempts
            .iter()
            .filter(|attempt| attempt.state == AttemptState::Voiding);
        let held: i64 = held
            .filter_map(|attempt| attempt.amount_at_pg)
            .map(|held| held.minor)
            .sum();
        // A sale taken back after a part of it was given back is reversed for the rest alone.
        let sold = if approved == 1 { order } else { given_back };
        assert_eq!(
            self.balance(Account::PgReceivable(self.pg_account)),
            sold + held - given_back,
            "{}",
            told()
        );
        assert_eq!(self.balance(Account::Suspense), -held, "{}", told());
        assert!((0..=sold.max(0)).contains(&given_back), "over-refunded\n{}", told());
        assert_eq!(payment.state.paid(), approved == 1 && given_back < order, "{}", told());
        assert_eq!(
            payment.state == State::PartialCanceled,
            approved == 1 && given_back > 0 && given_back < order,
            "{}",
            told()
        );
        let waiting = count(AttemptState::Waiting);
        assert_eq!(payment.state == State::WaitingForDeposit, waiting == 1, "{}", told());
        let open = payment.cancels.iter().filter(|cancel| cancel.state.open()).count();
        assert!(open <= 1 && (open == 0 || approved + waiting == 1), "{}", told());
        let nothing_to_do = open + count(AttemptState::Voiding) == 0;
        assert!(
            !payment.state.settled() || nothing_to_do == payment.todo().is_none(),
            "{}",
            told()
        );
        let under_way = approved + waiting + count(AttemptState::Unknown) + count(AttemptState::Approving);
        assert!(under_way <= 1, "two go ahead\n{}", told());
        assert!(payment.state != State::Ready || payment.todo().is_none(), "{}", told());
        if given_back == order {
            assert_eq!(self.balance(Account::VatPayable), 0, "{}", told());
        }
    }

    /// The PG answers, and answers truly: everything must come to rest where the PG is.
    fn calm(&mut self) {
        for round in 0.. {
            assert!(
                round < CALM_ROUNDS_MAX,
                "never comes to rest: {:#?}\n{}",
                self.payment,
                self.trace.join("\n")
            );
            self.at = self.at + Duration::hours(1);
            self.happen(Event::TimeUp);
            for truth in &mut self.truths {
                // The bank closes what nobody paid into.
                if round > 3 && truth.standing == Standing::WaitingForDeposit {
                    truth.standing = Standing::Canceled;
                }
            }
            let ids: Vec<AttemptId> = self.payment.attempts.iter().map(|attempt| attempt.id).collect();
            let Some(todo) = self.payment.todo() else {
                let before = self.payment.todo();
                // Settlement and notices: each attempt is looked at once more.
                for attempt in ids {
                    let answer = self.inquire(attempt);
                    self.happen(Event::PgSays { attempt, answer });
                }
                if self.payment.todo() == before && self.payment.due_at().is_none() {
                    break;
                }
                continue;
            };
            self.happen(Event::Ask(todo.about()));
            let todo = self.payment.todo_about(todo.about()).unwrap_or(todo);
            let event = self.carry_out(todo, false);
            self.happen(event);
            self.happen(Event::Unanswered {
                about: todo.about(),
                heard: None,
            });
            if let Todo::Void(attempt) | Todo::Inquire(attempt) = todo {
                let answer = self.inquire(attempt);
                self.happen(Event::PgSays { attempt, answer });
            } else if let Todo::Cancel(cancel) | Todo::LookFor(cancel) = todo {
                let attempt = self.payment.cancel(cancel).unwrap().attempt;
                let answer = self.inquire(attempt);
                self.happen(Event::PgSays { attempt, answer });
            }
        }
        let truly: i64 = self.truths.iter().map(Truth::holds).sum();
        let receivable = self.balance(Account::PgReceivable(self.pg_account));
        assert_eq!(
            receivable,
            truly,
            "{:#?}\n{:#?}\n{}",
            self.truths,
            self.payment,
            self.trace.join("\n")
        );
        assert!(self.payment.state.settled(), "{}", self.payment.state);
        assert_eq!(self.balance(Account::Suspense), 0);
    }
}
