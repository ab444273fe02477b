use axum::http::StatusCode;
use payments::State;
use store::{ChangeSet, DeliveryState};
use vocabulary::{Duration, Method, Timestamp};

use crate::kit::{Hooks, World, on_every_database};

impl World {
    pub async fn subscribe(&self, hooks: &Hooks) -> store::Endpoint {
        let (set, endpoint): (ChangeSet, _) =
            flows::webhooks::create(&self.app, self.side.scope, &hooks.url, Vec::new())
                .await
                .unwrap();
        self.app.store.commit(set).await.unwrap();
        endpoint
    }

    /// Fans out and sends until nothing is due.
    pub async fn deliver(&self) {
        loop {
            let events = flows::webhooks::fan_out(&self.app).await.unwrap();
            let due = flows::webhooks::deliver_and_wait(&self.app).await.unwrap();
            if events + due == 0 {
                return;
            }
        }
    }
}

#[test]
fn webhooks_arrive_signed_and_in_order() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let hooks = Hooks::serve().await;
        let endpoint = world.subscribe(&hooks).await;
        let payment = world.create("order-told", 15_000).await;
        world.pay(&payment, Method::Card).await;
        world.cancel(payment.id, Some(5_000), "part").await.unwrap();
        world.cancel(payment.id, None, "rest").await.unwrap();
        world.deliver().await;
        let expected = [
            "payment.created",
            "payment.done",
            "payment.partial_canceled",
            "payment.canceled",
        ];
        assert_eq!(hooks.kinds(), expected);
        for (headers, body) in hooks.got() {
            let text = |name: &str| headers[name].to_str().unwrap().to_owned();
            let at = Timestamp::from_seconds(text("webhook-timestamp").parse().unwrap());
            let signed = flows::webhooks::signature(&endpoint.secret, &text("webhook-id"), at, &body);
            assert_eq!(text("webhook-signature"), signed);
        }
    });
}

#[test]
fn a_shop_that_is_down_for_three_days_hears_everything_in_order() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let hooks = Hooks::serve().await;
        world.subscribe(&hooks).await;
        hooks.answer(StatusCode::SERVICE_UNAVAILABLE);
        let payment = world.create("order-down", 15_000).await;
        world.pay(&payment, Method::Card).await;
        for _ in 0..72 {
            world.deliver().await;
            world.clock.advance(Duration::hours(1));
        }
        assert!(
            hooks.kinds().iter().all(|kind| kind == "payment.created"),
            "the first is not overtaken"
        );
        hooks.answer(StatusCode::OK);
        let failed = hooks.got().len();
        for _ in 0..30 {
            world.clock.advance(Duration::hours(1));
            world.deliver().await;
        }
        assert_eq!(hooks.kinds()[failed..], ["payment.created", "payment.done"]);
    });
}

#[test]
fn what_is_given_up_is_parked_and_can_be_sent_again() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let hooks = Hooks::serve().await;
        let endpoint = world.subscribe(&hooks).await;
        hooks.answer(StatusCode::GONE);
        world.create("order-parked", 15_000).await;
        for _ in 0..24 * 8 {
            world.deliver().await;
            world.clock.advance(Duration::hours(1));
        }
        let filter = store::DeliveryFilter {
            endpoint: Some(endpoint.id),
            ..Default::default()
        };
        let page = world.app.store.deliveries(world.side.scope, &filter).await.unwrap();
        let parked = &page.items[0];
        assert_eq!(parked.state, DeliveryState::Parked);
        let tries = world
            .app
            .store
            .delivery_tries(world.side.scope, parked.id)
            .await
            .unwrap();
        assert_eq!(tries.len(), parked.tries as usize);
        let (set, _) = flows::webhooks::replay(&world.app, world.side.scope, parked.id)
            .await
            .unwrap();
        world.app.store.commit(set).await.unwrap();
        // Still down: the whole schedule begins anew.
        for _ in 0..24 {
            world.deliver().await;
            world.clock.advance(Duration::hours(1));
        }
        hooks.answer(StatusCode::OK);
        world.clock.advance(Duration::days(1));
        world.deliver().await;
        let after = world
            .app
            .store
            .delivery(world.side.scope, parked.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(after.state, DeliveryState::Delivered);
    });
}

#[test]
fn while_a_secret_rotates_both_sign() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let hooks = Hooks::serve().await;
        let old = world.subscribe(&hooks).await;
        let overlap = Duration::hours(24);
        let (set, new) = flows::webhooks::rotate_secret(&world.app, world.side.scope, old.id, overlap)
            .await
            .unwrap();
        world.app.store.commit(set).await.unwrap();
        world.create("order-rotate-1", 15_000).await;
        world.deliver().await;
        world.clock.advance(Duration::hours(25));
        world.create("order-rotate-2", 15_000).await;
        world.deliver().await;
        let signatures: Vec<Vec<String>> = hooks
            .got()
            .iter()
            .map(|(headers, _)| {
                headers["webhook-signature"]
                    .to_str()
                    .unwrap()
                    .split(' ')
                    .map(str::to_owned)
                    .collect()
            })
            .collect();
        let (headers, body) = &hooks.got()[0];
        let at = Timestamp::from_seconds(headers["webhook-timestamp"].to_str().unwrap().parse().unwrap());
        let id = headers["webhook-id"].to_str().unwrap();
        let by = |secret| flows::webhooks::signature(secret, id, at, body);
        assert_eq!(signatures[0], [by(&new.secret), by(&old.secret)]);
        assert_eq!(signatures[1].len(), 1, "the old secret is over");
    });
}

#[test]
fn a_hanging_shop_delays_nobody() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        // Takes connections and never answers.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        let (set, _) = flows::webhooks::create(&world.app, world.side.scope, &url, Vec::new())
            .await
            .unwrap();
        world.app.store.commit(set).await.unwrap();
        let hooks = Hooks::serve().await;
        world.subscribe(&hooks).await;
        for number in 0..40 {
            world.create(&format!("order-hang-{number}"), 15_000).await;
        }
        // Not waiting for the hanging one: a round starts what is due and returns.
        for _ in 0..200 {
            flows::webhooks::fan_out(&world.app).await.unwrap();
            flows::webhooks::deliver(&world.app).await.unwrap();
            if hooks.got().len() == 40 {
                break;
            }
            world.clock.advance(Duration::seconds(1));
            tokio::task::yield_now().await;
        }
        assert_eq!(hooks.got().len(), 40);
        assert_eq!(world.payment_states().await, State::Ready);
    });
}

impl World {
    async fn payment_states(&self) -> State {
        let filter = store::PaymentFilter {
            limit: 1,
            ..Default::default()
        };
        self.app.store.payments(self.side.scope, &filter).await.unwrap().items[0].state
    }
}
