use payments::State;
use pg_simulator::toss::Deposit;
use vocabulary::{Duration, Method};

use crate::kit::{World, on_every_database};

#[test]
fn a_deposit_arrives_and_is_heard_of_by_notice() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-deposit", 33_000).await;
        let waiting = world.pay(&payment, Method::VirtualAccount).await;
        assert_eq!(waiting.state, State::WaitingForDeposit);
        let order = waiting.attempts[0].id.to_string();
        world.pg.toss().make_deposit(&order, Deposit::default()).unwrap();
        world.notices().await;
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        world.check_truth(payment.id).await;

        world.pg.toss().take_deposit_back(&order).unwrap();
        world.notices().await;
        assert_eq!(
            world.payment(payment.id).await.state,
            State::WaitingForDeposit,
            "the bank took it back"
        );
        world.check_books().await;
        world.pg.toss().make_deposit(&order, Deposit::default()).unwrap();
        world.notices().await;
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        world.check_books().await;
        world.check_truth(payment.id).await;
    });
}

#[test]
fn a_forged_notice_changes_nothing() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-forgery", 33_000).await;
        let waiting = world.pay(&payment, Method::VirtualAccount).await;
        let order = waiting.attempts[0].id;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        for body in [
            format!(
                r#"{{"createdAt":"2026-11-25T11:00:01.123456","secret":"ps_guess","status":"DONE","transactionKey":"t1","orderId":"{order}"}}"#
            ),
            format!(
                r#"{{"eventType":"PAYMENT_STATUS_CHANGED","createdAt":"2026-11-25T10:15:32.000000","data":{{"orderId":"{order}","paymentKey":"k","status":"DONE","totalAmount":33000}}}}"#
            ),
            "{".repeat(2_000),
            String::new(),
        ] {
            let answer = http.post(&world.notice_url).body(body).send().await.unwrap();
            assert_eq!(answer.status(), 200, "answered alike, whatever it is");
        }
        world.notices().await;
        assert_eq!(world.payment(payment.id).await.state, State::WaitingForDeposit);
    });
}

#[test]
fn a_lost_notice_is_made_up_for_when_the_account_runs_out() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let paid = world.create("order-lost-notice", 33_000).await;
        let waiting = world.pay(&paid, Method::VirtualAccount).await;
        let unpaid = world.create("order-unpaid", 33_000).await;
        world.pay(&unpaid, Method::VirtualAccount).await;
        world.pg.toss().set_notice_urls("naruscenario", &[]);
        world
            .pg
            .toss()
            .make_deposit(&waiting.attempts[0].id.to_string(), Deposit::default())
            .unwrap();
        for _ in 0..5 {
            world.clock.advance(Duration::days(2));
            flows::sweep(&world.app).await.unwrap();
        }
        assert_eq!(world.payment(paid.id).await.state, State::Done);
        assert_eq!(world.payment(unpaid.id).await.state, State::Expired);
        world.check_books().await;
    });
}

#[test]
fn a_deposit_is_sent_back_to_an_account_and_an_unpaid_one_given_up() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-send-back", 33_000).await;
        let waiting = world.pay(&payment, Method::VirtualAccount).await;
        world
            .pg
            .toss()
            .make_deposit(&waiting.attempts[0].id.to_string(), Deposit::default())
            .unwrap();
        world.notices().await;
        let without = world.cancel(payment.id, Some(3_000), "no-account").await.unwrap();
        assert_eq!(without.answer.status, 422, "an account is needed");
        let with = world
            .cancel_to(payment.id, Some(3_000), "account", Some("1002-123-456789"))
            .await
            .unwrap();
        assert_eq!(with.answer.status, 200, "{}", with.answer.body);
        assert_eq!(world.payment(payment.id).await.state, State::PartialCanceled);
        world.check_truth(payment.id).await;

        let given_up = world.create("order-given-up", 33_000).await;
        world.pay(&given_up, Method::VirtualAccount).await;
        let replied = world.cancel(given_up.id, None, "give-up").await.unwrap();
        assert_eq!(replied.answer.status, 200, "{}", replied.answer.body);
        assert_eq!(world.payment(given_up.id).await.state, State::Canceled);
        world.check_books().await;
    });
}
