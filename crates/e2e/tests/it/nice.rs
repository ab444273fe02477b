//! The shop's stories again, with NICE Payments as the only PG.

use flows::test_help::{Outcome, visit};
use flows::{Choice, checkout};
use payments::{AttemptState, State};
use pg_simulator::faults::{Fault, Operation};
use pg_simulator::nice::NoticeForm;
use serde_json::json;
use vocabulary::{Duration, Method, Reason};

use crate::kit::{World, on_every_database};

const WAYS: [(Method, Option<&str>); 11] = [
    (Method::Card, None),
    (Method::OverseasCard, None),
    (Method::Transfer, None),
    (Method::VirtualAccount, None),
    (Method::Mobile, None),
    (Method::EasyPay, None),
    (Method::EasyPay, Some("NAVERPAY")),
    (Method::EasyPay, Some("KAKAOPAY")),
    (Method::EasyPay, Some("SAMSUNGPAY")),
    (Method::EasyPay, Some("PAYCO")),
    (Method::EasyPay, Some("SSG")),
];

#[test]
fn a_shopper_pays_by_every_method() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        for (number, (method, kind)) in WAYS.into_iter().enumerate() {
            let payment = world.create(&format!("order-{number}"), 15_000).await;
            let choice = Choice {
                method,
                kind: kind.map(str::to_owned),
                instalment_months: None,
            };
            let opened = checkout::open(&world.app, world.side.scope, payment.id, choice).await;
            let attempt = opened.unwrap().1;
            let back = world.agree(&payment, attempt).await;
            let paid = world.come_back(&payment, attempt, back.clone()).await.unwrap();
            let waits = method == Method::VirtualAccount;
            let expected = if waits { State::WaitingForDeposit } else { State::Done };
            assert_eq!(paid.state, expected, "{method} {kind:?}: {:?}", paid.attempts);
            let again = world.come_back(&payment, attempt, back).await.unwrap();
            assert_eq!(again.state, expected, "coming back twice is quiet");
            world.check_truth(paid.id).await;
        }
        world.check_books().await;
    });
}

#[test]
fn a_shopper_who_gives_up_or_is_refused_pays_another_way() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        let payment = world.create("order-no", 15_000).await;
        for outcome in [Outcome::Close, Outcome::Decline] {
            let attempt = world.open(payment.id, Method::Card).await;
            let now = world.payment(payment.id).await;
            let back = visit(&world.app, &now, attempt, outcome).await.unwrap();
            let after = world.come_back(&payment, attempt, back).await.unwrap();
            assert_eq!(after.state, State::Ready, "{outcome:?}: {:?}", after.failure);
            assert_eq!(world.truth(payment.id).await.0, 0);
        }
        let paid = world.pay(&payment, Method::Transfer).await;
        assert_eq!((paid.state, world.truth(payment.id).await), (State::Done, (15_000, 1)));
        world.check_books().await;
    });
}

#[test]
fn what_the_browser_says_about_money_is_not_believed() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        let payment = world.create("order-forged", 15_000).await;
        let attempt = world.open(payment.id, Method::Card).await;
        let back = world.agree(&payment, attempt).await;
        for (name, value) in [
            ("amount", "100"),
            ("signature", "00"),
            ("clientId", "S2_x"),
            ("orderId", "att_x"),
        ] {
            let mut forged = back.clone();
            forged.insert(name.to_owned(), value.to_owned());
            assert!(world.come_back(&payment, attempt, forged).await.is_err(), "{name}");
        }
        let paid = world.come_back(&payment, attempt, back).await.unwrap();
        assert_eq!((paid.state, world.truth(payment.id).await), (State::Done, (15_000, 1)));
        world.check_books().await;
    });
}

#[test]
fn a_payment_goes_back_in_parts_until_nothing_is_left() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        let payment = world.create("order-parts", 15_000).await;
        world.pay(&payment, Method::Card).await;
        for (number, (won, left)) in [(5_000, 10_000), (9_000, 1_000), (1_000, 0)].into_iter().enumerate() {
            let key = format!("part-{number}");
            let answered = world.cancel(payment.id, Some(won), &key).await.unwrap();
            assert_eq!(answered.answer.status, 200, "{}", answered.answer.body);
            let again = world.cancel(payment.id, Some(won), &key).await.unwrap();
            assert_eq!(again.answer, answered.answer, "a repeat");
            assert_eq!(world.truth(payment.id).await.0, left);
            world.check_truth(payment.id).await;
        }
        assert_eq!(world.payment(payment.id).await.state, State::Canceled);
        let over = world.create("order-over", 15_000).await;
        world.pay(&over, Method::Card).await;
        world.cancel(over.id, None, "whole").await.unwrap();
        assert_eq!(world.payment(over.id).await.state, State::Canceled);
        world.check_truth(over.id).await;
        world.check_books().await;
    });
}

#[test]
fn a_partial_cancel_whose_answer_is_lost_is_made_once() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        for fault in [Fault::TimeoutAfter, Fault::TimeoutBefore] {
            let payment = world.create(&format!("order-{}", fault.as_str()), 15_000).await;
            world.pay(&payment, Method::Card).await;
            world.pg.plan_fault(Operation::Cancel, fault, 1);
            world.cancel(payment.id, Some(9_000), fault.as_str()).await.unwrap();
            world.calm().await;
            world.long_calm().await;
            let left = world.truth(payment.id).await.0;
            assert!(
                left == 6_000 || (left == 15_000 && fault == Fault::TimeoutBefore),
                "{left}"
            );
            world.check_truth(payment.id).await;
        }
        world.check_books().await;
    });
}

#[test]
fn a_deposit_is_told_by_a_signed_notice_and_refunded_to_an_account() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        let payment = world.create("order-deposit", 33_000).await;
        let waiting = world.pay(&payment, Method::VirtualAccount).await;
        assert_eq!(waiting.state, State::WaitingForDeposit);
        world.notices().await;
        deposit(&world, &waiting.attempts[0].id.to_string(), 33_000).await;
        assert_eq!(world.payment(payment.id).await.state, State::WaitingForDeposit);
        world.notices().await;
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        let back = world
            .cancel_to(payment.id, Some(3_000), "part", Some("1002-123-456789"))
            .await;
        assert_eq!(back.unwrap().answer.status, 200);
        world.check_truth(payment.id).await;
        world.check_books().await;
    });
}

#[test]
fn notices_may_be_forms_and_keys_may_be_tokens() {
    on_every_database(|database| async {
        let world = World::nice_as(database, NoticeForm::Form, "bearer").await;
        let payment = world.create("order-form", 33_000).await;
        let waiting = world.pay(&payment, Method::VirtualAccount).await;
        world.notices().await;
        deposit(&world, &waiting.attempts[0].id.to_string(), 33_000).await;
        world.notices().await;
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        // The token runs out meanwhile, and another one is asked for.
        world.clock.advance(Duration::hours(2));
        let card = world.create("order-token", 15_000).await;
        assert_eq!(world.pay(&card, Method::Card).await.state, State::Done);
        world.check_truth(card.id).await;
        world.check_books().await;
    });
}

#[test]
fn an_account_is_given_up_before_its_deposit() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        let payment = world.create("order-given-up", 33_000).await;
        world.pay(&payment, Method::VirtualAccount).await;
        let answered = world.cancel(payment.id, None, "give-up").await.unwrap();
        assert_eq!(answered.answer.status, 200, "{}", answered.answer.body);
        assert_eq!(world.payment(payment.id).await.state, State::Canceled);
        world.check_books().await;
    });
}

#[test]
fn a_lost_answer_to_an_approve_ends_as_the_pg_has_it() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        for fault in [
            Fault::TimeoutAfter,
            Fault::ResetAfter,
            Fault::ErrorAfter,
            Fault::Truncated,
            Fault::Html,
            Fault::EucKr,
            Fault::WrongTypes,
        ] {
            let payment = world.create(&format!("order-{}", fault.as_str()), 15_000).await;
            world.pg.plan_fault(Operation::Approve, fault, 1);
            world.pay(&payment, Method::Card).await;
            world.calm().await;
            let after = world.payment(payment.id).await;
            assert_eq!(after.state, State::Done, "{fault:?}: {:?}", after.attempts);
            assert_eq!(world.truth(payment.id).await, (15_000, 1), "{fault:?}");
        }
        world.check_books().await;
    });
}

#[test]
fn an_approve_that_never_arrived_charges_nothing_and_the_shopper_may_pay_again() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        for fault in [Fault::TimeoutBefore, Fault::ResetBefore, Fault::ErrorBefore] {
            let payment = world.create(&format!("order-{}", fault.as_str()), 15_000).await;
            world.pg.plan_fault(Operation::Approve, fault, 1);
            let unclear = world.pay(&payment, Method::Card).await;
            assert_eq!(unclear.state, State::Confirming, "{fault:?}");
            world.calm().await;
            let after = world.payment(payment.id).await;
            assert_eq!(world.truth(payment.id).await.0, 0, "{fault:?}");
            assert_eq!(
                after.attempts[0].state,
                AttemptState::Declined,
                "{fault:?}: {:?}",
                after.attempts
            );
        }
        world.check_books().await;
    });
}

#[test]
fn a_forged_notice_changes_nothing() {
    on_every_database(|database| async {
        let world = World::nice(database).await;
        let payment = world.create("order-forged-notice", 33_000).await;
        let waiting = world.pay(&payment, Method::VirtualAccount).await;
        let attempt = &waiting.attempts[0];
        let forged = json!({"resultCode": "0000", "tid": attempt.pg_key, "orderId": attempt.id.to_string(), "status": "paid",
            "amount": 33_000, "balanceAmt": 33_000, "ediDate": "2026-11-25T10:00:00.000+0900", "signature": "0".repeat(64)});
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let _ = http.post(&world.notice_url).json(&forged).send().await.unwrap();
        world.calm().await;
        assert_eq!(world.payment(payment.id).await.state, State::WaitingForDeposit);
        let reason = world.payment(payment.id).await.failure.map(|failure| failure.reason);
        assert_eq!(reason, None::<Reason>);
        world.check_books().await;
    });
}

async fn deposit(world: &World, order: &str, won: i64) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/_control/deposit", world.pg_url());
    let answer = http
        .post(url)
        .json(&json!({ "orderId": order, "amount": won }))
        .send()
        .await;
    answer.unwrap().error_for_status().unwrap();
}
