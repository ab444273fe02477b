//! The ladder of an approve without an answer, as a table.

use vocabulary::{Chance, Duration, Method, Mode, Money, PgAccountId, Scope, ShopId, Timestamp};

use crate::recovery::{Found, Manners, Rung};
use crate::{Attempt, AttemptState, Customer, Event, NewAttempt, NewPayment, Now, Order, Payment, Terms, Texts};

/// Who the PG is; what was asked before; what the look found; what follows.
const LADDER: &str = "
    replays     unknown   asked 1  5 s   not yet    replay
    replays     unknown   asked 1  5 s   not there  doubt
    replays     unknown   asked 3  40 s  not there  doubt
    replays     unknown   asked 4  80 s  not there  believe
    replays     unknown   asked 9  2 h   not yet    believe
    replays     waiting   asked 1  5 s   not there  doubt
    replays     approved  asked 1  5 s   not there  believe
    undoes      approving asked 1  0 s   not there  doubt
    undoes      approving asked 1  0 s   not yet    doubt
    undoes      unknown   asked 2  5 s   not there  net cancel
    undoes      unknown   asked 2  5 s   not yet    net cancel
    undoes      unknown   asked 9  59 m  not there  net cancel
    undoes      unknown   asked 9  60 m  not there  believe
    undoes      unknown   asked 2  60 m  not there  doubt
    undoes      waiting   asked 5  5 s   not there  doubt
    both        unknown   asked 2  5 s   not yet    replay
    both        unknown   asked 2  5 s   not there  net cancel
    undoing     unknown   asked 3  15 s  not yet    net cancel
    undoing     unknown   asked 9  60 m  not yet    believe
    neither     unknown   asked 2  5 s   not yet    believe
    neither     unknown   asked 4  5 s   not there  believe
";

#[test]
fn each_rung_follows_from_the_attempt_the_look_and_the_pg() {
    let hour = Some(Duration::hours(1));
    for line in LADDER.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (approve_repeatable, net_cancel_within) = match words[0] {
            "replays" => (true, None),
            "undoes" => (false, hour),
            "both" | "undoing" => (true, hour),
            _ => (false, None),
        };
        let state = match words[1] {
            "approving" => AttemptState::Approving,
            "unknown" => AttemptState::Unknown,
            "waiting" => AttemptState::Waiting,
            _ => AttemptState::Approved,
        };
        let number: i64 = words[4].parse().unwrap();
        let later = match words[5] {
            "s" => Duration::seconds(number),
            "m" => Duration::minutes(number),
            _ => Duration::hours(number),
        };
        let found = match words[7] {
            "yet" => Found::NotYet,
            _ => Found::NotThere,
        };
        let mut attempt = opened_attempt();
        attempt.state = state;
        attempt.asks = words[3].parse().unwrap();
        attempt.pg_key = Some("key".to_owned());
        attempt.undoing = words[0] == "undoing";
        let manners = Manners {
            approve_repeatable,
            net_cancel_within,
        };
        let expires_at: Timestamp = attempt.opened_at + Duration::minutes(30);
        let rung = attempt.rung(found, manners, expires_at, attempt.opened_at + later);
        let said = match rung {
            Rung::Believe => "believe",
            Rung::Replay => "replay",
            Rung::NetCancel => "net cancel",
            Rung::Doubt => "doubt",
        };
        assert_eq!(said, words[8..].join(" "), "{line}");
    }
}

fn opened_attempt() -> Attempt {
    let (at, chance) = (Timestamp::from_seconds(1_800_000_000), Chance::seeded(7));
    let now = Now { at, chance: &chance };
    let zero = Money::krw(0);
    let new = NewPayment {
        order: Order::new("order-rungs".parse().unwrap(), "나룻배", Money::krw(15_000), zero, zero).unwrap(),
        terms: Terms::default(),
        customer: Customer::default(),
        metadata: Texts::default(),
    };
    let scope = Scope {
        shop: ShopId::new(at, &chance),
        mode: Mode::Test,
    };
    let payment = Payment::create(scope, new, &now).unwrap().payment;
    let open = Event::Open(NewAttempt {
        pg_account: PgAccountId::new(at, &chance),
        method: Method::Card,
        kind: None,
        instalment_months: None,
    });
    payment.on(open, &now).unwrap().payment.attempts.remove(0)
}
