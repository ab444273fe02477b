//! Who asks the PG, when, and what for: one at a time, and what concerns one thing says nothing of another.

use flows::Error;
use payments::{AttemptState, ReceiptState, State, Terms};
use pg_simulator::faults::{Fault, Operation};
use pg_simulator::toss::Deposit;
use vocabulary::pg::CashReceiptKind;
use vocabulary::{Digits, Duration, Method};

use crate::kit::{self, World, on_every_database};

#[test]
fn the_sweep_asks_beside_nobody_who_still_waits_for_an_answer() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-beside", 15_000).await;
        let attempt = world.open(payment.id, Method::Card).await;
        let back = world.agree(&payment, attempt).await;
        world.pg.toss().plan_fault(Operation::Approve, Fault::TimeoutAfter, 1);
        world.pg.toss().plan_fault(Operation::Inquire, Fault::TimeoutBefore, 1);
        let beside = async {
            for state in [State::InProgress, State::Confirming] {
                while world.payment(payment.id).await.state != state {
                    tokio::task::yield_now().await;
                }
                world.clock.advance(Duration::seconds(50));
                assert_eq!(flows::sweep(&world.app).await.unwrap(), 0, "{state}: someone is asking");
            }
        };
        let (after, ()) = tokio::join!(world.come_back(&payment, attempt, back), beside);
        assert_eq!((after.unwrap().state, world.wire.calls()), (State::Confirming, 2));
        // From here the waits count.
        world.clock.advance(Duration::seconds(4));
        assert_eq!(flows::sweep(&world.app).await.unwrap(), 0);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(flows::sweep(&world.app).await.unwrap(), 1);
        assert_eq!(world.truth(payment.id).await, (15_000, 1));
        assert_eq!(world.payment(payment.id).await.state, State::Done);
    });
}

#[test]
fn what_has_expired_is_not_approved_any_more() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let terms = Terms {
            lifetime: Duration::minutes(1),
            ..Terms::default()
        };
        let payment = world.create_with("order-too-late", 15_000, terms).await;
        world.pg.toss().plan_fault(Operation::Approve, Fault::TimeoutBefore, 1);
        world.pg.toss().plan_fault(Operation::Inquire, Fault::ErrorBefore, 1);
        assert_eq!(world.pay(&payment, Method::Card).await.state, State::Confirming);
        world.clock.advance(Duration::minutes(2));
        flows::sweep(&world.app).await.unwrap();
        assert_eq!(
            world.payment(payment.id).await.state,
            State::Confirming,
            "the PG's window is open still"
        );
        world.long_calm().await;
        assert_eq!(world.payment(payment.id).await.state, State::Expired);
        assert_eq!(world.truth(payment.id).await, (0, 0), "never charged");
        world.check_books().await;
    });
}

#[test]
fn a_deposit_without_a_notice_is_found_within_hours() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-six-hours", 33_000).await;
        let waiting = world.pay(&payment, Method::VirtualAccount).await;
        world.pg.toss().set_notice_urls("naruscenario", &[]);
        let at_pg = waiting.attempts[0].id.to_string();
        world.pg.toss().make_deposit(&at_pg, Deposit::default()).unwrap();
        world.clock.advance(Duration::hours(6));
        flows::sweep(&world.app).await.unwrap();
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        world.check_books().await;
    });
}

#[test]
fn a_held_account_that_nobody_pays_into_ends_by_itself() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        world.pg.toss().plan_fault(Operation::Cancel, Fault::ErrorBefore, 1000);
        let payment = kit::held_account(&world, "order-held-account").await;
        for _ in 0..9 {
            world.clock.advance(Duration::days(1));
            flows::sweep(&world.app).await.unwrap();
        }
        let after = world.payment(payment.id).await;
        assert_eq!(
            (after.attempts[0].state, after.state),
            (AttemptState::Voided, State::Expired)
        );
        world.check_books().await;
    });
}

#[test]
fn a_held_deposit_goes_back_to_the_account_a_cancel_names() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = kit::held_deposit(&world, "order-held-deposit").await;
        assert!(payment.needs_a_person());
        world.clock.advance(Duration::hours(1));
        flows::sweep(&world.app).await.unwrap();
        world.check_books().await;
        let nowhere = world.cancel(payment.id, None, "nowhere").await.unwrap();
        assert_eq!(nowhere.answer.status, 422, "an account is needed");
        let back = world
            .cancel_to(payment.id, None, "back", Some("1002-123-456789"))
            .await
            .unwrap();
        assert_eq!(back.answer.status, 200, "{}", back.answer.body);
        assert!(back.answer.body.contains("VOIDED"), "{}", back.answer.body);
        let again = world
            .cancel_to(payment.id, None, "back", Some("1002-123-456789"))
            .await
            .unwrap();
        assert_eq!((again.replayed, again.answer), (true, back.answer));
        assert_eq!(world.truth(payment.id).await.0, 0);
        world.check_books().await;
    });
}

#[test]
fn a_cash_receipt_goes_back_with_the_money() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-receipt-back", 15_000).await;
        world.pay(&payment, Method::Transfer).await;
        let ask = |key| {
            flows::issue_receipt(
                &world.app,
                &world.side,
                payment.id,
                CashReceiptKind::IncomeDeduction,
                Digits::parse("010-1234-5678").unwrap(),
                kit::memo(key, "receipt"),
                kit::render(),
            )
        };
        // The first answer is lost; another key asks for the same receipt.
        world.pg.toss().plan_fault(Operation::Other, Fault::TimeoutAfter, 1);
        assert!(matches!(ask("first").await, Err(Error::OutcomeUnknown)));
        assert_eq!(ask("second").await.unwrap().answer.status, 200);
        assert_eq!(world.receipts_at_pg(&payment.order.id).await, [15_000]);

        world.cancel(payment.id, Some(4_000), "part").await.unwrap();
        world.pg.toss().plan_fault(Operation::Other, Fault::TimeoutAfter, 1);
        flows::sweep(&world.app).await.unwrap();
        world.cancel(payment.id, Some(1_000), "more").await.unwrap();
        world.calm().await;
        assert_eq!(world.receipts_at_pg(&payment.order.id).await, [15_000, -4_000, -1_000]);
        world.cancel(payment.id, None, "rest").await.unwrap();
        world.calm().await;
        let receipt = world.payment(payment.id).await.receipt.unwrap();
        assert_eq!(receipt.state, ReceiptState::Canceled);
        assert_eq!(
            world.receipts_at_pg(&payment.order.id).await,
            [15_000, -4_000, -1_000, -10_000]
        );
    });
}
