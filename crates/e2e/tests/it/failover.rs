//! A new attempt goes to another PG account after a definite no, in the shop's order, and never before.

use flows::{BreakerState, Error};
use payments::{AttemptState, Payment, Refused, State};
use pg_simulator::faults::{Fault, Operation};
use vocabulary::{Duration, Method, Reason};

use crate::kit::{World, on_every_database};

fn account(world: &World, payment: &Payment, attempt: usize) -> String {
    let id = payment.attempts[attempt].pg_account;
    world.app.directory.account(id).unwrap().slug.clone()
}

#[test]
fn after_a_definite_no_of_one_pg_the_shopper_pays_through_the_next() {
    on_every_database(|database| async {
        let world = World::with_a_dead_pg(database).await;
        let payment = world.create("order-failover", 15_000).await;
        let declined = world.pay(&payment, Method::Card).await;
        assert_eq!(account(&world, &declined, 0), "dead", "the shop prefers it");
        assert_eq!(
            declined.state,
            State::Ready,
            "nothing was charged: the shopper may try again"
        );
        let why = declined.attempts[0].failure.as_ref().unwrap();
        assert_eq!(
            (declined.attempts[0].state, why.reason),
            (AttemptState::Declined, Reason::PgUnavailable)
        );
        let paid = world.pay(&payment, Method::Card).await;
        assert_eq!(
            (account(&world, &paid, 1), paid.state),
            ("toss".to_owned(), State::Done)
        );
        assert_eq!(world.truth(payment.id).await, (15_000, 1));
        // By another method the order of the configuration holds.
        let transfer = world.create("order-transfer", 15_000).await;
        let paid = world.pay(&transfer, Method::Transfer).await;
        assert_eq!(
            (account(&world, &paid, 0), paid.state),
            ("toss".to_owned(), State::Done)
        );
        world.check_books().await;
    });
}

#[test]
fn a_pg_that_fails_again_and_again_is_not_offered_until_it_has_rested() {
    on_every_database(|database| async {
        let world = World::with_a_dead_pg(database).await;
        for number in 0..5 {
            let payment = world.create(&format!("order-dead-{number}"), 1_000).await;
            let declined = world.pay(&payment, Method::Card).await;
            assert_eq!(account(&world, &declined, 0), "dead");
        }
        let dead = world
            .side
            .accounts
            .iter()
            .find(|account| account.slug == "dead")
            .unwrap();
        assert_eq!(dead.health().breaker, BreakerState::Open);
        let payment = world.create("order-elsewhere", 1_000).await;
        let paid = world.pay(&payment, Method::Card).await;
        assert_eq!(
            (account(&world, &paid, 0), paid.state),
            ("toss".to_owned(), State::Done),
            "at once"
        );
        world.clock.advance(Duration::seconds(11));
        let payment = world.create("order-probe", 1_000).await;
        let declined = world.pay(&payment, Method::Card).await;
        assert_eq!(account(&world, &declined, 0), "dead", "one tries whether it is back");
        let paid = world.pay(&payment, Method::Card).await;
        assert_eq!(
            (account(&world, &paid, 1), paid.state),
            ("toss".to_owned(), State::Done)
        );
        world.check_books().await;
    });
}

#[test]
fn while_an_outcome_is_unknown_no_other_pg_is_tried() {
    on_every_database(|database| async {
        let world = World::with_a_dead_pg(database).await;
        let payment = world.create("order-unknown", 15_000).await;
        world.pay(&payment, Method::Card).await;
        world.pg.plan_fault(Operation::Approve, Fault::TimeoutAfter, 1);
        world.pg.plan_fault(Operation::Inquire, Fault::ErrorBefore, 1);
        let unclear = world.pay(&payment, Method::Card).await;
        assert_eq!(
            (account(&world, &unclear, 1), unclear.state),
            ("toss".to_owned(), State::Confirming)
        );
        let choice = flows::Choice {
            method: Method::Card,
            kind: None,
            instalment_months: None,
        };
        let refused = flows::checkout::open(&world.app, world.side.scope, payment.id, choice).await;
        assert!(
            matches!(refused, Err(Error::Refused(Refused::AnotherUnderWay))),
            "{refused:?}"
        );
        world.calm().await;
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        assert_eq!(world.truth(payment.id).await, (15_000, 1));
        world.check_books().await;
    });
}
