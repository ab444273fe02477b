use payments::{AttemptState, Confirm, State, Terms};
use vocabulary::{Duration, Method, Reason, Scope};

use crate::kit::{self, World, on_every_database};

#[test]
fn a_shopper_pays_by_every_method() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        for (number, method) in Method::ALL.into_iter().enumerate() {
            if method == Method::OverseasEasyPay {
                continue; // Dollars only; the currency tests have it.
            }
            let payment = world.create(&format!("order-{number}"), 15_000).await;
            let paid = world.pay(&payment, method).await;
            let expected = if method == Method::VirtualAccount {
                State::WaitingForDeposit
            } else {
                State::Done
            };
            assert_eq!(paid.state, expected, "{method}: {:?}", paid.failure);
            world.check_truth(paid.id).await;
        }
        world.check_books().await;
    });
}

#[test]
fn coming_back_twice_charges_once() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-twice", 15_000).await;
        let attempt = world.open(payment.id, Method::Card).await;
        let back = world.agree(&payment, attempt).await;
        let (one, two) = tokio::join!(
            world.come_back(&payment, attempt, back.clone()),
            world.come_back(&payment, attempt, back.clone())
        );
        assert!(one.is_ok() && two.is_ok());
        let again = world.come_back(&payment, attempt, back).await.unwrap();
        assert_eq!(again.state, State::Done);
        assert_eq!(world.truth(payment.id).await, (15_000, 1), "charged once");
        world.check_books().await;
    });
}

#[test]
fn what_the_browser_says_about_money_is_not_believed() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-forged", 15_000).await;
        let other = world.create("order-other", 1_000).await;
        let attempt = world.open(payment.id, Method::Card).await;
        let cheap = world.open(other.id, Method::Card).await;
        let mut back = world.agree(&payment, attempt).await;
        back.insert("amount".to_owned(), "100".to_owned());
        assert!(
            world.come_back(&payment, attempt, back).await.is_err(),
            "another amount"
        );
        // The key of a cheaper order's window, dressed up as this one's.
        let cheaper = world.agree(&other, cheap).await;
        let mixed = kit::query(&[
            ("paymentKey", cheaper["paymentKey"].as_str()),
            ("orderId", &attempt.to_string()),
            ("amount", "15000"),
        ]);
        let after = world.come_back(&payment, attempt, mixed).await.unwrap();
        assert!(!after.state.paid(), "{}", after.state);
        world.calm().await;
        assert!(!world.payment(payment.id).await.state.paid());
        assert_eq!(world.truth(payment.id).await.0, 0);
        world.check_books().await;
    });
}

#[test]
fn after_a_decline_the_shopper_pays_another_way() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-again", 15_000).await;
        let first = world.open(payment.id, Method::Card).await;
        let declined = kit::query(&[
            ("code", "REJECT_CARD_COMPANY"),
            ("message", "거절"),
            ("orderId", &first.to_string()),
        ]);
        let after = world.come_back(&payment, first, declined).await.unwrap();
        assert_eq!(
            (after.state, after.failure.unwrap().reason),
            (State::Ready, Reason::DeclinedByIssuer)
        );
        let paid = world.pay(&payment, Method::EasyPay).await;
        assert_eq!(paid.state, State::Done);
        world.check_truth(paid.id).await;
    });
}

#[test]
fn a_second_window_cannot_charge_a_second_time() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-tabs", 15_000).await;
        let (left, right) = (
            world.open(payment.id, Method::Card).await,
            world.open(payment.id, Method::Card).await,
        );
        let (from_left, from_right) = (world.agree(&payment, left).await, world.agree(&payment, right).await);
        let (one, two) = tokio::join!(
            world.come_back(&payment, left, from_left),
            world.come_back(&payment, right, from_right)
        );
        assert!(one.is_ok() || two.is_ok());
        world.calm().await;
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        assert_eq!(world.truth(payment.id).await, (15_000, 1));
        world.check_books().await;
    });
}

#[test]
fn the_shop_may_decide_itself() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let terms = || Terms {
            confirm: Confirm::ByShop,
            ..Terms::default()
        };
        let sold = world.create_with("order-sold", 15_000, terms()).await;
        let waiting = world.pay(&sold, Method::Card).await;
        assert_eq!(
            (waiting.state, world.truth(sold.id).await.1),
            (State::InProgress, 0),
            "nothing charged yet"
        );
        let memo = kit::memo("confirm-1", "confirm");
        let replied = flows::confirm(&world.app, &world.side, sold.id, memo.clone(), kit::render())
            .await
            .unwrap();
        assert!(
            replied.answer.body.contains(r#""status":"DONE""#),
            "{}",
            replied.answer.body
        );
        let again = flows::confirm(&world.app, &world.side, sold.id, memo, kit::render())
            .await
            .unwrap();
        assert_eq!((again.replayed, again.answer), (true, replied.answer));

        let out_of_stock = world.create_with("order-gone", 15_000, terms()).await;
        world.pay(&out_of_stock, Method::Card).await;
        let memo = kit::memo("refuse-1", "refuse");
        flows::refuse(&world.app, &world.side, out_of_stock.id, memo, kit::render())
            .await
            .unwrap();
        assert_eq!(world.payment(out_of_stock.id).await.state, State::Aborted);

        let forgotten = world.create_with("order-late", 15_000, terms()).await;
        world.pay(&forgotten, Method::Card).await;
        world.clock.advance(Duration::minutes(9));
        flows::sweep(&world.app).await.unwrap();
        assert_eq!(
            world.payment(forgotten.id).await.state,
            State::Ready,
            "the shop was too late"
        );
        assert_eq!(world.truth(forgotten.id).await.1, 0);
        world.check_books().await;
    });
}

#[test]
fn an_unpaid_payment_expires_and_its_window_is_worth_nothing() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-slow", 15_000).await;
        world.clock.advance(Duration::minutes(25));
        let attempt = world.open(payment.id, Method::Card).await;
        let back = world.agree(&payment, attempt).await;
        world.clock.advance(Duration::minutes(6));
        flows::sweep(&world.app).await.unwrap();
        assert_eq!(world.payment(payment.id).await.state, State::Expired);
        let after = world.come_back(&payment, attempt, back).await.unwrap();
        assert_eq!(after.state, State::Expired);
        assert_eq!(after.attempt(attempt).unwrap().state, AttemptState::Declined);
        assert_eq!(world.truth(payment.id).await.1, 0);
    });
}

#[test]
fn a_shop_sees_only_its_own() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-mine", 15_000).await;
        let neighbour = world
            .app
            .directory
            .sides()
            .find(|side| side.slug == "neighbour")
            .unwrap()
            .clone();
        assert!(
            world
                .app
                .store
                .payment(neighbour.scope, payment.id)
                .await
                .unwrap()
                .is_none()
        );
        let live = Scope {
            mode: vocabulary::Mode::Live,
            ..world.side.scope
        };
        assert!(world.app.store.payment(live, payment.id).await.unwrap().is_none());
        let order = flows::cancel(
            &world.app,
            &neighbour,
            payment.id,
            payments::CancelOrder {
                amount: None,
                tax_free: None,
                reason: "훔쳐보기".to_owned(),
                refund_account: None,
                expected_balance: None,
            },
            kit::memo("not-mine", "x"),
            kit::render(),
        );
        assert!(matches!(order.await, Err(flows::Error::NotFound(_))));
        let token = flows::token::checkout_token(&world.app, world.side.scope, payment.id);
        assert_eq!(
            flows::token::read(&world.app, &token),
            Some((world.side.scope, payment.id))
        );
        let mut forged = token.clone().into_bytes();
        forged[30] = if forged[30] == b'A' { b'B' } else { b'A' };
        assert_eq!(
            flows::token::read(&world.app, std::str::from_utf8(&forged).unwrap()),
            None
        );
    });
}
