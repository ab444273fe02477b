//! An approve without an answer at a PG that undoes by order id (망취소): it ends as "not paid, try again" within
//! seconds, and whatever crosses it on the way, nothing is charged and nothing stands that the PG took back.

mod double;

use flows::{AccountSetup, App, Budgets, Choice, Directory, KeySetup, Settings, ShopSetup, ShopSide, checkout};
use payments::{AttemptState, Payment, State, Terms};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Options, Store};
use testkit::Database;
use vocabulary::{AttemptId, Chance, Duration, Method, Mode, PaymentId, Reason, Secret, TestClock, Timestamp};

use crate::kit::{self, on_every_database};
use double::{How, Nice};

const SECRET_KEY: &str = "sk_test_netcancel000000000000000000000";

struct Shop {
    clock: Arc<TestClock>,
    pg: Arc<Nice>,
    app: Arc<App>,
    side: Arc<ShopSide>,
    /// Goes away with it.
    _database: Database,
}

impl Shop {
    async fn new(database: Database) -> Shop {
        let clock = Arc::new(TestClock::at(Timestamp::parse("2026-11-25T10:00:00+09:00").unwrap()));
        let (pg, chance) = (Arc::new(Nice::default()), Chance::seeded(1));
        let options = Options::new(clock.clone(), chance.clone(), Secret::new([9; 32]));
        let store = Store::open(&database.url, options).await.unwrap();
        store.migrate().await.unwrap();
        let outside = connectors::Outside {
            transport: pg.clone(),
            clock: clock.clone(),
        };
        let directory = Directory::load(&store, vec![setup()], outside).await.unwrap();
        let settings = Settings {
            public_url: "http://127.0.0.1:1".to_owned(),
            signing_key: Secret::new(vec![7; 32]),
            old_signing_key: None,
            webhook_private_addresses: true,
        };
        let app = App::new(store, directory, clock.clone(), chance, settings).unwrap();
        let side = app.directory.by_secret_key(SECRET_KEY).unwrap();
        Shop {
            clock,
            pg,
            app,
            side,
            _database: database,
        }
    }

    async fn order(&self, order: &str) -> PaymentId {
        let new = kit::new_payment(order, 15_000, Terms::default());
        let memo = kit::memo(order, order);
        let replied = flows::create(&self.app, &self.side, new, None, memo, kit::render());
        let body: serde_json::Value = serde_json::from_str(&replied.await.unwrap().answer.body).unwrap();
        body["id"].as_str().unwrap().parse().unwrap()
    }

    /// The shopper agrees in the window and comes back.
    async fn pay(&self, id: PaymentId) -> Payment {
        let choice = Choice {
            method: Method::Card,
            kind: None,
            instalment_months: None,
        };
        let (_, attempt) = checkout::open(&self.app, self.side.scope, id, choice).await.unwrap();
        let back = self.pg.agreed(&attempt.to_string(), 15_000);
        self.come_back(id, attempt, back).await
    }

    async fn come_back(&self, id: PaymentId, attempt: AttemptId, back: BTreeMap<String, String>) -> Payment {
        checkout::returned(&self.app, self.side.scope, id, attempt, back)
            .await
            .unwrap()
    }

    async fn after(&self, wait: Duration, id: PaymentId) -> Payment {
        self.clock.advance(wait);
        flows::sweep(&self.app).await.unwrap();
        self.app.store.payment(self.side.scope, id).await.unwrap().unwrap()
    }

    async fn check_books(&self) {
        for report in flows::books::check_all(&self.app).await.unwrap() {
            assert!(report.clean(), "{report:?}");
        }
    }
}

fn setup() -> ShopSetup {
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    ShopSetup {
        slug: "naru".to_owned(),
        name: "나루 상점".to_owned(),
        accent: None,
        keys: vec![KeySetup {
            mode: Mode::Test,
            secret_key: Secret::new(SECRET_KEY.to_owned()),
            client_key: "ck_test_netcancel000000000000000000000".to_owned(),
        }],
        accounts: vec![AccountSetup {
            slug: "nice".to_owned(),
            config: connectors::PgConfig {
                pg: "nice".to_owned(),
                mode: Mode::Test,
                settings: BTreeMap::from([
                    setting("client_id", double::CLIENT_ID),
                    setting("api_url", "http://127.0.0.1:9/nice"),
                ]),
                secrets: BTreeMap::from([("secret_key".to_owned(), Secret::new(double::SECRET_KEY.to_owned()))]),
            },
            methods: Vec::new(),
            simulator: None,
            budgets: Budgets::default(),
        }],
        preference: BTreeMap::new(),
    }
}

fn end(payment: &Payment, attempt: usize) -> (State, AttemptState, Option<Reason>) {
    let one = &payment.attempts[attempt];
    (
        payment.state,
        one.state,
        one.failure.as_ref().map(|failure| failure.reason),
    )
}

const NOT_PAID: (State, AttemptState, Option<Reason>) =
    (State::Ready, AttemptState::Declined, Some(Reason::PgUnavailable));

#[test]
fn an_approve_that_never_arrived_is_undone_at_the_second_look_and_the_shopper_pays_again() {
    on_every_database(|database| async {
        let shop = Shop::new(database).await;
        let id = shop.order("order-undone").await;
        shop.pg.plan("approve", How::Before, 1);
        assert_eq!(shop.pay(id).await.state, State::Confirming);
        assert_eq!(shop.pg.count("net cancel"), 0, "it may still be on its way");
        assert_eq!(end(&shop.after(Duration::seconds(5), id).await, 0), NOT_PAID);
        assert_eq!(shop.pg.count("net cancel"), 1);
        let paid = shop.pay(id).await;
        assert_eq!((paid.state, shop.pg.charged()), (State::Done, 15_000));
        shop.check_books().await;
    });
}

#[test]
fn an_approve_whose_answer_was_lost_is_found_and_not_undone() {
    on_every_database(|database| async {
        let shop = Shop::new(database).await;
        let id = shop.order("order-found").await;
        shop.pg.plan("approve", How::After, 1);
        assert_eq!(shop.pay(id).await.state, State::Done);
        assert_eq!((shop.pg.count("net cancel"), shop.pg.charged()), (0, 15_000));
        shop.check_books().await;
    });
}

#[test]
fn a_net_cancel_without_an_answer_is_asked_again() {
    for how in [How::Before, How::After] {
        on_every_database(|database| async move {
            let shop = Shop::new(database).await;
            let id = shop.order("order-asked-again").await;
            shop.pg.plan("approve", How::Before, 1);
            shop.pg.plan("net cancel", how, 2);
            shop.pay(id).await;
            for wait in [5, 10] {
                let still = shop.after(Duration::seconds(wait), id).await;
                assert_eq!(still.state, State::Confirming, "{how:?}");
            }
            assert_eq!(end(&shop.after(Duration::seconds(20), id).await, 0), NOT_PAID);
            assert_eq!((shop.pg.count("net cancel"), shop.pg.charged()), (3, 0));
            shop.check_books().await;
        });
    }
}

#[test]
fn an_approve_that_lands_just_before_its_net_cancel_is_not_charged() {
    on_every_database(|database| async {
        let shop = Shop::new(database).await;
        let id = shop.order("order-landed-before").await;
        shop.pg.plan("approve", How::Before, 1);
        shop.pay(id).await;
        shop.pg.lands_before("net cancel");
        shop.pg.plan("net cancel", How::After, 1);
        assert_eq!(shop.after(Duration::seconds(5), id).await.state, State::Confirming);
        assert_eq!(end(&shop.after(Duration::seconds(10), id).await, 0), NOT_PAID);
        assert_eq!((shop.pg.count("net cancel"), shop.pg.charged()), (1, 0));
        shop.check_books().await;
    });
}

#[test]
fn an_approve_that_lands_after_a_net_cancel_that_got_lost_goes_back() {
    on_every_database(|database| async {
        let shop = Shop::new(database).await;
        let id = shop.order("order-landed-after").await;
        shop.pg.plan("approve", How::Before, 1);
        shop.pay(id).await;
        // It may yet arrive, so the money may not stay.
        shop.pg.plan("net cancel", How::Before, 1);
        assert_eq!(shop.after(Duration::seconds(5), id).await.state, State::Confirming);
        shop.pg.lands_before("inquire");
        let after = shop.after(Duration::seconds(10), id).await;
        let given_back = (State::Ready, AttemptState::Voided, Some(Reason::PgUnavailable));
        assert_eq!((end(&after, 0), shop.pg.charged()), (given_back, 0));
        shop.check_books().await;
    });
}

#[test]
fn after_the_hour_a_look_that_finds_nothing_is_enough() {
    on_every_database(|database| async {
        let shop = Shop::new(database).await;
        let id = shop.order("order-too-late").await;
        shop.pg.plan("approve", How::Before, 1);
        shop.pg.plan("inquire", How::Before, 1_000);
        shop.pay(id).await;
        for _ in 0..7 {
            let still = shop.after(Duration::minutes(10), id).await;
            assert_eq!(still.state, State::Confirming, "silence ends nothing");
        }
        shop.pg.clear();
        let after = shop.after(Duration::hours(1), id).await;
        assert_eq!(
            (after.state, after.attempts[0].state),
            (State::Expired, AttemptState::Declined)
        );
        assert_eq!((shop.pg.count("net cancel"), shop.pg.charged()), (0, 0));
        shop.check_books().await;
    });
}

#[test]
fn a_re_check_climbs_the_ladder_too() {
    on_every_database(|database| async {
        let shop = Shop::new(database).await;
        let id = shop.order("order-rechecked").await;
        shop.pg.plan("approve", How::Before, 1);
        shop.pay(id).await;
        shop.clock.advance(Duration::seconds(2));
        let known = flows::recheck(&shop.app, shop.side.scope, id).await.unwrap();
        assert_eq!((known.open, end(&known.payment, 0)), (0, NOT_PAID));
        shop.check_books().await;
    });
}
