//! What does not end by itself is parked, shown with everything known, and ends when somebody asks.

use flows::work_list::work_list;
use payments::{AttemptState, State};
use pg_simulator::faults::{Fault, Operation};
use vocabulary::{Duration, Method};

use crate::kit::{World, on_every_database};

/// More questions than any PG is asked by itself.
const ROUNDS: u32 = 120;

#[test]
fn a_pg_that_is_silent_for_days_parks_the_question_until_somebody_asks() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        world.pg.plan_fault(Operation::Approve, Fault::ErrorAfter, 1);
        world.pg.plan_fault(Operation::Inquire, Fault::ErrorBefore, 10_000);
        let payment = world.create("order-parked", 15_000).await;
        assert_eq!(world.pay(&payment, Method::Card).await.state, State::Confirming);
        assert!(stuck(&world).await.is_empty(), "not yet a matter for a person");
        let asked_before = world.wire.calls();
        for _ in 0..ROUNDS {
            world.clock.advance(Duration::hours(1));
            flows::sweep(&world.app).await.unwrap();
        }
        let asked = world.wire.calls() - asked_before;
        let parked = world.payment(payment.id).await;
        assert_eq!(parked.state, State::Confirming, "no clock ends an unknown outcome");
        assert!((70..90).contains(&asked), "asked {asked} times in {ROUNDS} hours");
        assert_eq!((parked.due_at(), parked.parked()), (None, true));

        let items = stuck(&world).await;
        let [item] = items.as_slice() else { panic!("{items:?}") };
        assert_eq!((item.kind, item.amount, item.parked), ("APPROVE_UNKNOWN", 15_000, true));
        assert_eq!((item.pg, item.next_at.as_deref()), (Some("toss"), None));
        assert!(item.pg_key.is_some() && item.asks >= 80, "{item:?}");
        assert!(
            item.last_heard.as_deref().is_some_and(|heard| !heard.is_empty()),
            "{item:?}"
        );

        // Asked by hand while the PG is still away, it stays parked and known.
        let silent = flows::recheck(&world.app, world.side.scope, payment.id).await.unwrap();
        assert_eq!((silent.open, silent.payment.parked()), (1, true));
        world.pg.clear_faults();
        let known = flows::recheck(&world.app, world.side.scope, payment.id).await.unwrap();
        assert_eq!((known.open, known.payment.state), (0, State::Done));
        assert!(stuck(&world).await.is_empty());
        assert_eq!(world.truth(payment.id).await, (15_000, 1));
        world.check_books().await;
    });
}

#[test]
fn a_notice_ends_what_is_parked() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        world.pg.plan_fault(Operation::Approve, Fault::ErrorAfter, 1);
        world.pg.plan_fault(Operation::Inquire, Fault::ErrorBefore, 10_000);
        let payment = world.create("order-parked-noticed", 15_000).await;
        world.pay(&payment, Method::Card).await;
        for _ in 0..ROUNDS {
            world.clock.advance(Duration::hours(1));
            flows::sweep(&world.app).await.unwrap();
        }
        assert!(world.payment(payment.id).await.parked());
        world.pg.clear_faults();
        world.notices().await;
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        world.check_books().await;
    });
}

#[test]
fn a_refund_without_an_answer_is_parked_too_and_never_given_twice() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-refund-parked", 15_000).await;
        world.pay(&payment, Method::Card).await;
        world.pg.plan_fault(Operation::Cancel, Fault::ErrorAfter, 1);
        world.pg.plan_fault(Operation::Inquire, Fault::ErrorBefore, 10_000);
        world.cancel(payment.id, Some(4_000), "refund-parked").await.unwrap();
        for _ in 0..ROUNDS {
            world.clock.advance(Duration::hours(1));
            flows::sweep(&world.app).await.unwrap();
        }
        let items = stuck(&world).await;
        assert_eq!(items.len(), 1);
        assert_eq!(
            (items[0].kind, items[0].amount, items[0].parked),
            ("CANCEL_UNKNOWN", 4_000, true)
        );
        world.pg.clear_faults();
        let known = flows::recheck(&world.app, world.side.scope, payment.id).await.unwrap();
        assert_eq!((known.open, known.payment.state), (0, State::PartialCanceled));
        assert_eq!(world.truth(payment.id).await.0, 11_000, "given back once");
        world.check_books().await;
    });
}

#[test]
fn the_work_list_is_paged_and_a_shops_own() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        world.pg.plan_fault(Operation::Inquire, Fault::ErrorBefore, 100_000);
        for number in 0..3 {
            world.pg.plan_fault(Operation::Approve, Fault::ErrorAfter, 1);
            let payment = world.create(&format!("order-stuck-{number}"), 1_000 + number).await;
            let paid = world.pay(&payment, Method::Card).await;
            assert_eq!(paid.attempts[0].state, AttemptState::Unknown);
            world.clock.advance(Duration::seconds(1));
        }
        for _ in 0..15 {
            world.clock.advance(Duration::hours(1));
            flows::sweep(&world.app).await.unwrap();
        }
        let (mut sums, mut cursor) = (Vec::new(), None);
        loop {
            let page = work_list(&world.app, world.side.scope, cursor.as_deref(), 2)
                .await
                .unwrap();
            sums.extend(page.items.iter().map(|item| item.amount));
            assert!(page.items.iter().all(|item| item.next_at.is_some() && !item.parked));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(sums, [1_000, 1_001, 1_002], "the oldest first, each once");
        let neighbour = world.neighbour();
        let theirs = work_list(&world.app, neighbour.scope, None, 100).await.unwrap();
        assert!(theirs.items.is_empty());
        assert!(work_list(&world.app, world.side.scope, Some("x"), 2).await.is_err());
    });
}

async fn stuck(world: &World) -> Vec<flows::work_list::WorkItem> {
    work_list(&world.app, world.side.scope, None, 100).await.unwrap().items
}
