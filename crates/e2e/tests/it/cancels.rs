use payments::State;
use vocabulary::Method;

use crate::kit::{World, on_every_database};

#[test]
fn cancels_never_give_back_more_than_was_paid() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-race", 15_000).await;
        world.pay(&payment, Method::Card).await;
        // Sixteen clerks at once, each for 4,000 of 15,000: at most three can be right.
        let keys: Vec<String> = (0..16).map(|number| format!("race-{number}")).collect();
        let clerks = keys.iter().map(|key| world.cancel(payment.id, Some(4_000), key));
        let answers = futures_util::future::join_all(clerks).await;
        let given = answers
            .iter()
            .flatten()
            .filter(|replied| replied.answer.status == 200)
            .count() as i64;
        assert!((1..=3).contains(&given), "{given} went through");
        assert_eq!(world.truth(payment.id).await.0, 15_000 - given * 4_000);
        world.check_truth(payment.id).await;
        world.check_books().await;

        let too_much = world.cancel(payment.id, Some(15_000), "too-much").await.unwrap();
        assert_eq!(too_much.answer.status, 422);
        let rest = world.cancel(payment.id, None, "the-rest").await.unwrap();
        assert_eq!(rest.answer.status, 200, "{}", rest.answer.body);
        assert_eq!(world.payment(payment.id).await.state, State::Canceled);
        assert_eq!(world.truth(payment.id).await.0, 0);
        world.check_books().await;
    });
}

#[test]
fn the_same_cancel_asked_twice_is_given_back_once() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-asked-twice", 15_000).await;
        world.pay(&payment, Method::Card).await;
        let first = world.cancel(payment.id, Some(5_000), "same-key").await.unwrap();
        let second = world.cancel(payment.id, Some(5_000), "same-key").await.unwrap();
        assert_eq!(
            (second.replayed, &second.answer),
            (true, &first.answer),
            "byte for byte"
        );
        assert_eq!(world.truth(payment.id).await.0, 10_000);
        let other = world.cancel(payment.id, Some(6_000), "same-key").await;
        assert!(matches!(other, Err(flows::Error::KeyReused { .. })));
    });
}

#[test]
fn a_refund_made_in_the_pgs_console_is_taken_up() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-console", 15_000).await;
        let paid = world.pay(&payment, Method::Card).await;
        let key = paid.attempts[0].pg_key.clone().unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http
            .post(format!("{}/v1/payments/{key}/cancel", world.pg_url()))
            .basic_auth(crate::kit::SECRET_KEY, Some(""))
            .json(&serde_json::json!({ "cancelReason": "콘솔에서 취소", "cancelAmount": 2_500 }))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        world.notices().await;
        let after = world.payment(payment.id).await;
        assert_eq!((after.state, after.cancels.len()), (State::PartialCanceled, 1));
        world.check_truth(payment.id).await;
        world.check_books().await;
    });
}
