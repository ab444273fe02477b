//! What comes through the PGs' door, and who sends it.

use std::collections::BTreeMap;

use payments::State;
use pg_simulator::faults::{Fault, Operation};
use pg_simulator::toss::Deposit;
use store::{NoticeState, StoredNotice};
use vocabulary::{AttemptId, Clock, Duration, Method};

use crate::kit::{World, on_every_database};

impl World {
    async fn told(&self, body: String) -> u16 {
        let account = self.side.accounts[0].id;
        flows::notices::receive(&self.app, account, BTreeMap::new(), body.into())
            .await
            .unwrap()
            .status
    }

    async fn kept(&self, attempt: AttemptId) -> Option<StoredNotice> {
        self.app
            .store
            .notice_of_attempt(self.side.scope, attempt)
            .await
            .unwrap()
    }

    /// A virtual account that waits, and the secret that its deposit's notice must hold.
    async fn waiting(&self, order: &str) -> (payments::Payment, AttemptId, String) {
        let payment = self.create(order, 33_000).await;
        let waiting = self.pay(&payment, Method::VirtualAccount).await;
        let attempt = &waiting.attempts[0];
        let secret = attempt.notice_secret.as_ref().unwrap().reveal_for("a test").clone();
        (payment, attempt.id, secret)
    }
}

fn deposit(order: &str, secret: &str, transaction: &str) -> String {
    format!(
        r#"{{"createdAt":"2026-11-25T11:00:01.123456","secret":"{secret}","status":"DONE","transactionKey":"{transaction}","orderId":"{order}"}}"#
    )
}

fn status_changed(order: &str) -> String {
    format!(
        r#"{{"eventType":"PAYMENT_STATUS_CHANGED","createdAt":"2026-11-25T10:15:32.000000","data":{{"orderId":"{order}","paymentKey":"k","status":"DONE"}}}}"#
    )
}

#[test]
fn what_proves_to_be_nothing_leaves_no_trace() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let (_, attempt, secret) = world.waiting("order-nothing").await;
        let stranger = AttemptId::new(world.clock.now(), &world.app.chance);
        for body in [
            "{".repeat(2_000),
            r#"{"eventType":"BILLING_DELETED","data":{}}"#.to_owned(),
            deposit("somebody-elses-order", &secret, "t1"),
            deposit(&stranger.to_string(), &secret, "t2"),
            deposit(&attempt.to_string(), "ps_guess", "t3"),
        ] {
            assert_eq!(world.told(body).await, 200, "all hear the same");
        }
        assert!(world.kept(attempt).await.is_none() && world.kept(stranger).await.is_none());
        assert!(
            world
                .app
                .store
                .due_notices(world.clock.now(), 10)
                .await
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn a_flood_without_proof_is_put_off_and_keeps_no_proven_one_out() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let (_, attempt, secret) = world.waiting("order-flood").await;
        let (mut answered, mut put_off) = (0, 0);
        for _ in 0..600 {
            let stranger = AttemptId::new(world.clock.now(), &world.app.chance);
            match world.told(status_changed(&stranger.to_string())).await {
                200 => answered += 1,
                429 => put_off += 1,
                other => panic!("{other}"),
            }
        }
        assert_eq!((answered, put_off), (500, 100));
        assert_eq!(world.told(deposit(&attempt.to_string(), &secret, "t1")).await, 200);
        assert!(world.kept(attempt).await.unwrap().proven);
        world.clock.advance(Duration::seconds(10));
        assert_eq!(world.told(status_changed(&attempt.to_string())).await, 200);
    });
}

#[test]
fn an_attempt_has_one_look_whatever_comes_and_one_more_for_news_meanwhile() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let (payment, attempt, secret) = world.waiting("order-news").await;
        for number in 0..5 {
            let body = deposit(&attempt.to_string(), &secret, &format!("t{number}"));
            assert_eq!(world.told(body).await, 200);
        }
        let due = || async { world.app.store.due_notices(world.clock.now(), 10).await.unwrap().len() };
        assert_eq!(due().await, 1);

        // The PG hangs over the first look; meanwhile the deposit comes and is told.
        world.pg.toss().plan_fault(Operation::Inquire, Fault::TimeoutBefore, 1);
        let news = async {
            while world.kept(attempt).await.unwrap().tries == 0 {
                tokio::task::yield_now().await;
            }
            world
                .pg
                .toss()
                .make_deposit(&attempt.to_string(), Deposit::default())
                .unwrap();
            world.told(deposit(&attempt.to_string(), &secret, "t9")).await
        };
        let (looked, told) = tokio::join!(flows::notices::work(&world.app), news);
        assert_eq!((looked.unwrap(), told), (1, 200));
        assert_eq!(due().await, 1, "not put off as what went before");
        flows::notices::work(&world.app).await.unwrap();
        assert_eq!(world.payment(payment.id).await.state, State::Done);
        assert_eq!(world.kept(attempt).await.unwrap().state, NoticeState::Applied);

        // The same again is known; it is forgotten in time.
        assert_eq!(world.told(deposit(&attempt.to_string(), &secret, "t9")).await, 200);
        assert_eq!(due().await, 0);
        world.clock.advance(Duration::days(31));
        flows::workers::forget(&world.app).await.unwrap();
        assert!(world.kept(attempt).await.is_none());
    });
}

#[test]
fn a_pg_whose_notice_is_ahead_of_its_inquiry_is_asked_again() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        world.pg.toss().set_notice_urls("naruscenario", &[]);
        let (payment, attempt, secret) = world.waiting("order-ahead").await;
        world.told(deposit(&attempt.to_string(), &secret, "t1")).await;
        let look = || async { flows::notices::work(&world.app).await.unwrap() };
        assert_eq!((look().await, look().await), (1, 0), "put off");
        world.clock.advance(Duration::minutes(1));
        assert_eq!((look().await, look().await), (1, 0));
        world
            .pg
            .toss()
            .make_deposit(&attempt.to_string(), Deposit::default())
            .unwrap();
        world.clock.advance(Duration::minutes(5));
        assert_eq!((look().await, look().await), (1, 0));
        assert_eq!(world.payment(payment.id).await.state, State::Done);

        let (_, never, secret) = world.waiting("order-never").await;
        world.told(deposit(&never.to_string(), &secret, "t1")).await;
        let mut looks = 0;
        for _ in 0..120 {
            looks += look().await;
            world.clock.advance(Duration::minutes(1));
        }
        assert_eq!(looks, 4, "at once, and after 1, 5 and 30 minutes");
        assert_eq!(world.kept(never).await.unwrap().state, NoticeState::Ignored);
    });
}
