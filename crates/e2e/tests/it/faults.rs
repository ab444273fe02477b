//! Whatever the PG does, each attempt ends in the state the PG has.

use payments::{AttemptState, State};
use pg_simulator::faults::{Fault, Operation};
use vocabulary::{Duration, Method};

use crate::kit::{World, on_every_database};

#[test]
fn every_fault_of_an_approve_ends_at_the_pgs_truth() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let faults = [
            Fault::TimeoutBefore,
            Fault::TimeoutAfter,
            Fault::ErrorBefore,
            Fault::ErrorAfter,
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            world.pg.toss().plan_fault(Operation::Approve, fault, 1);
            let payment = world.create(&format!("order-fault-{number}"), 15_000).await;
            let paid = world.pay(&payment, Method::Card).await;
            assert!(
                matches!(paid.state, State::Done | State::Confirming),
                "{fault:?} left it {}",
                paid.state
            );
            world.calm().await;
            let after = world.payment(payment.id).await;
            assert_eq!(after.state, State::Done, "{fault:?}");
            assert_eq!(world.truth(payment.id).await, (15_000, 1), "{fault:?}: charged once");
        }
        world.check_books().await;
    });
}

#[test]
fn a_silent_pg_leaves_the_payment_confirming_until_it_speaks() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        world.pg.toss().plan_fault(Operation::Approve, Fault::TimeoutAfter, 1);
        world.pg.toss().plan_fault(Operation::Inquire, Fault::ErrorBefore, 1000);
        let payment = world.create("order-silent", 15_000).await;
        assert_eq!(world.pay(&payment, Method::Card).await.state, State::Confirming);
        for _ in 0..5 {
            world.clock.advance(Duration::hours(3));
            flows::sweep(&world.app).await.unwrap();
            assert_eq!(
                world.payment(payment.id).await.state,
                State::Confirming,
                "no clock ends an unknown outcome"
            );
        }
        world.restart().await;
        assert_eq!(world.payment(payment.id).await.state, State::Confirming);
        world.calm().await;
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        assert_eq!(world.truth(payment.id).await, (15_000, 1));
        world.check_books().await;
    });
}

#[test]
fn a_crash_while_the_pg_is_asked_forgets_nothing() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        // Saved as approving, and gone before the PG was asked.
        let payment = world.create("order-crash", 15_000).await;
        let attempt = world.open(payment.id, Method::Card).await;
        let back = world.agree(&payment, attempt).await;
        world.pg.toss().plan_fault(Operation::Approve, Fault::TimeoutBefore, 1);
        world.pg.toss().plan_fault(Operation::Inquire, Fault::TimeoutBefore, 1);
        let _ = world.come_back(&payment, attempt, back).await;
        world.restart().await;
        world.calm().await;
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        assert_eq!(world.truth(payment.id).await, (15_000, 1));
        world.check_books().await;
    });
}

#[test]
fn a_wrong_sum_goes_back_and_the_shopper_may_pay_again() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        world.pg.toss().plan_fault(Operation::Approve, Fault::WrongAmount, 1);
        let payment = world.create("order-wrong", 15_000).await;
        let after = world.pay(&payment, Method::Card).await;
        assert_eq!(
            after.attempts[0].state,
            AttemptState::Voided,
            "{:?}",
            after.attempts[0].failure
        );
        assert_eq!((after.state, world.truth(payment.id).await.0), (State::Ready, 0));
        world.check_books().await;
        assert_eq!(world.pay(&payment, Method::Card).await.state, State::Done);
        world.check_truth(payment.id).await;
        world.check_books().await;
    });
}

#[test]
fn every_fault_of_a_cancel_ends_at_the_pgs_truth() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let faults = [
            Fault::TimeoutBefore,
            Fault::TimeoutAfter,
            Fault::ErrorBefore,
            Fault::ErrorAfter,
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            let payment = world.create(&format!("order-refund-{number}"), 15_000).await;
            world.pay(&payment, Method::Card).await;
            world.pg.toss().plan_fault(Operation::Cancel, fault, 1);
            let key = format!("refund-{number}");
            let replied = world.cancel(payment.id, Some(4_000), &key).await.unwrap();
            assert!(replied.answer.body.contains("UNKNOWN") || replied.answer.body.contains("DONE"));
            world.calm().await;
            let after = world.payment(payment.id).await;
            assert_eq!(after.state, State::PartialCanceled, "{fault:?}: {:?}", after.cancels);
            assert_eq!(world.truth(payment.id).await.0, 11_000, "{fault:?}: given back once");
        }
        world.check_books().await;
    });
}

#[test]
fn notices_doubled_late_and_before_the_answer_are_normal() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        world.pg.toss().plan_fault(Operation::Approve, Fault::NoticeDoubled, 1);
        let doubled = world.create("order-doubled", 15_000).await;
        world.pay(&doubled, Method::Card).await;
        world.notices().await;
        world.pg.toss().plan_fault(Operation::Approve, Fault::TimeoutAfter, 1);
        world.pg.toss().plan_fault(Operation::Inquire, Fault::ErrorBefore, 1);
        let early = world.create("order-early", 15_000).await;
        assert_eq!(world.pay(&early, Method::Card).await.state, State::Confirming);
        world.notices().await;
        assert_eq!(
            world.payment(early.id).await.state,
            State::Done,
            "the notice told us first"
        );
        world.pg.toss().plan_fault(Operation::Approve, Fault::NoticeLate, 1);
        let late = world.create("order-late-notice", 15_000).await;
        world.pay(&late, Method::Card).await;
        world.calm().await;
        for payment in [doubled, early, late] {
            assert_eq!(world.truth(payment.id).await, (15_000, 1));
            assert_eq!(world.payment(payment.id).await.state, State::Done);
        }
        world.check_books().await;
    });
}
