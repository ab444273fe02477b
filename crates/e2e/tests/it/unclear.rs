//! Requests whose answers were lost, doubled or overtaken: nobody is told a no that is not one.

use flows::Error;
use payments::{AttemptState, CancelState, Confirm, Refused, State, Terms};
use pg_simulator::faults::{Fault, Operation};
use pg_simulator::toss::Deposit;
use vocabulary::pg::CashReceiptKind;
use vocabulary::{Digits, Duration, Method, Reason};

use crate::kit::{self, World, on_every_database};

#[test]
fn a_refund_to_an_account_that_got_lost_is_looked_for_and_not_sent_without_the_account() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-lost-refund", 33_000).await;
        let waiting = world.pay(&payment, Method::VirtualAccount).await;
        let order = waiting.attempts[0].id.to_string();
        world.pg.toss().make_deposit(&order, Deposit::default()).unwrap();
        world.notices().await;
        world.pg.toss().plan_fault(Operation::Cancel, Fault::TimeoutBefore, 1);
        let asked = world
            .cancel_to(payment.id, Some(3_000), "refund", Some("1002-123-456789"))
            .await
            .unwrap();
        assert!(asked.answer.body.contains("UNKNOWN"), "{}", asked.answer.body);
        world.calm().await;
        let looking = world.payment(payment.id).await;
        assert_eq!(looking.cancels[0].state, CancelState::Unknown, "not given up for long");
        world.long_calm().await;
        let after = world.payment(payment.id).await;
        let cancel = &after.cancels[0];
        let reason = cancel.failure.as_ref().map(|failure| failure.reason);
        assert_eq!(
            (cancel.state, reason),
            (CancelState::Refused, Some(Reason::NotFoundAtPg))
        );
        world.check_truth(payment.id).await;
        world.check_books().await;
    });
}

#[test]
fn whoever_takes_over_answers_and_the_first_says_the_same() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-overtaken", 15_000).await;
        world.pay(&payment, Method::Card).await;
        world.pg.toss().plan_fault(Operation::Cancel, Fault::TimeoutAfter, 1);
        let second = async {
            let known = || world.app.store.remembered(world.side.scope, "slow");
            while known().await.unwrap().is_none() {
                tokio::task::yield_now().await;
            }
            world.clock.advance(Duration::seconds(91));
            world.cancel(payment.id, Some(4_000), "slow").await
        };
        let (first, second) = tokio::join!(world.cancel(payment.id, Some(4_000), "slow"), second);
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.answer, second.answer, "byte for byte");
        assert_eq!(world.payment(payment.id).await.cancels.len(), 1);
        world.calm().await;
        assert_eq!(world.truth(payment.id).await.0, 11_000);
        world.check_books().await;
    });
}

#[test]
fn another_cancel_under_way_is_no_answer_to_remember() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-under-way", 15_000).await;
        world.pay(&payment, Method::Card).await;
        world.pg.toss().plan_fault(Operation::Cancel, Fault::TimeoutAfter, 1);
        world.cancel(payment.id, Some(4_000), "first").await.unwrap();
        let too_soon = world.cancel(payment.id, Some(5_000), "second").await;
        assert!(matches!(too_soon, Err(Error::Refused(Refused::CancelUnderWay))));
        world.calm().await;
        let later = world.cancel(payment.id, Some(5_000), "second").await.unwrap();
        assert_eq!((later.replayed, later.answer.status), (false, 200));
        assert_eq!(world.truth(payment.id).await.0, 6_000);
        world.check_books().await;
    });
}

#[test]
fn a_cash_receipt_without_an_answer_can_be_asked_for_again() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-receipt", 15_000).await;
        world.pay(&payment, Method::Transfer).await;
        let ask = || {
            flows::issue_receipt(
                &world.app,
                &world.side,
                payment.id,
                CashReceiptKind::IncomeDeduction,
                Digits::parse("010-1234-5678").unwrap(),
                kit::memo("receipt", "receipt"),
                kit::render(),
            )
        };
        world.pg.toss().plan_fault(Operation::Other, Fault::TimeoutAfter, 1);
        assert!(matches!(ask().await, Err(Error::OutcomeUnknown)));
        let again = ask().await.unwrap();
        assert!(again.answer.body.contains("ISSUED"), "{}", again.answer.body);
        assert!(ask().await.unwrap().replayed);
    });
}

#[test]
fn two_confirms_at_once_ask_the_pg_once() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let terms = Terms {
            confirm: Confirm::ByShop,
            ..Terms::default()
        };
        let payment = world.create_with("order-confirmed-twice", 15_000, terms).await;
        world.pay(&payment, Method::Card).await;
        let confirm = |key| {
            let memo = kit::memo(key, "confirm");
            flows::confirm(&world.app, &world.side, payment.id, memo, kit::render())
        };
        let (one, two) = tokio::join!(confirm("one"), confirm("two"));
        for replied in [one.unwrap(), two.unwrap()] {
            assert!(!replied.answer.body.contains("CONFIRMING"), "{}", replied.answer.body);
        }
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        assert_eq!(world.truth(payment.id).await, (15_000, 1));
    });
}

#[test]
fn an_account_over_a_wrong_sum_is_given_up() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        world.pg.toss().plan_fault(Operation::Approve, Fault::WrongAmount, 1);
        let payment = world.create("order-wrong-account", 33_000).await;
        let after = world.pay(&payment, Method::VirtualAccount).await;
        assert_eq!(after.attempts[0].state, AttemptState::Voided);
        assert_eq!(after.state, State::Ready, "the shopper may try again");
        world.check_books().await;
    });
}

#[test]
fn a_refund_in_the_console_that_no_notice_told_of_does_not_block_ours() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-silent-console", 15_000).await;
        let paid = world.pay(&payment, Method::Card).await;
        let key = paid.attempts[0].pg_key.clone().unwrap();
        world.pg.toss().set_notice_urls("naruscenario", &[]);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.post(format!("{}/v1/payments/{key}/cancel", world.pg_url()))
            .basic_auth(kit::SECRET_KEY, Some(""))
            .json(&serde_json::json!({ "cancelReason": "콘솔에서 취소", "cancelAmount": 2_500 }))
            .send()
            .await
            .unwrap();
        let refused = world.cancel(payment.id, Some(4_000), "unaware").await.unwrap();
        assert_eq!(refused.answer.status, 422);
        let aware = world.cancel(payment.id, Some(4_000), "aware").await.unwrap();
        assert_eq!(aware.answer.status, 200, "{}", aware.answer.body);
        assert_eq!(world.truth(payment.id).await.0, 8_500);
        world.check_truth(payment.id).await;
        world.check_books().await;
    });
}

#[test]
fn a_sync_beside_a_cancel_on_its_way_only_looks() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-sync-beside", 15_000).await;
        world.pay(&payment, Method::Card).await;
        world.pg.toss().plan_fault(Operation::Cancel, Fault::TimeoutBefore, 1);
        let sync = async {
            let known = || world.app.store.remembered(world.side.scope, "slow");
            while known().await.unwrap().is_none() {
                tokio::task::yield_now().await;
            }
            let memo = kit::memo("sync", "sync");
            flows::sync(&world.app, &world.side, payment.id, memo, kit::render()).await
        };
        let (_, synced) = tokio::join!(world.cancel(payment.id, Some(4_000), "slow"), sync);
        let body = synced.unwrap().answer.body;
        assert!(body.contains("REQUESTED"), "{body}");
        assert_eq!(world.truth(payment.id).await.0, 15_000, "not sent a second time");
        world.calm().await;
        assert_eq!(world.truth(payment.id).await.0, 11_000);
        world.check_books().await;
    });
}
