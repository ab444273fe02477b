mod dead_pg;
mod held;
mod hooks;
mod mortal;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use connectors::PgConfig;
use flows::test_help::Outcome;
use flows::view::PaymentView;
use flows::webhooks::Sender;
use flows::{
    AccountSetup, Answer, App, Budgets, Choice, Directory, Error, KeySetup, Memo, Render, Settings, ShopSetup,
    ShopSide, checkout,
};
use payments::{CancelOrder, Customer, NewPayment, Order, Payment, Terms, Texts};
use pg_simulator::nice::NoticeForm;
use pg_simulator::toss::Deposit;
use pg_simulator::{Simulator, nice, toss};
use store::{Options, Store};
use testkit::Database;
use tokio::net::TcpListener;
use vocabulary::pg::RefundAccount;
use vocabulary::{
    AttemptId, Chance, Clock, Digits, Duration, Method, Mode, Money, PaymentId, PgAccountId, Secret, TestClock,
    Timestamp,
};

pub use held::{held_account, held_deposit};
pub use hooks::Hooks;
pub use mortal::{Moment, Mortal};

const NICE_MID: &str = "UTNARU001m";
const NICE_CLIENT_ID: &str = "S2_00000000000000000000000000000001";
const NICE_SECRET_KEY: &str = "00000000000000000000000000000002";
pub const CLIENT_KEY: &str = "test_ck_narupayscenarios0000000000";
pub const SECRET_KEY: &str = "test_sk_narupayscenarios0000000000";

/// One shop, its server, its database and its PG.
pub struct World {
    pub clock: Arc<TestClock>,
    pub pg: Simulator,
    pub app: Arc<App>,
    pub side: Arc<ShopSide>,
    pub notice_url: String,
    /// The server's way to the PG.
    pub wire: Arc<Mortal>,
    database: Database,
    pg_url: String,
}

/// Runs a scenario once on each database that is there.
pub fn on_every_database<F: Future<Output = ()>>(scenario: impl Fn(Database) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        scenario(Database::sqlite().await).await;
        if let Some(database) = Database::postgres().await {
            scenario(database).await;
        }
    });
}

impl World {
    pub async fn new(database: Database) -> World {
        World::seeded(database, 7, None).await
    }

    /// With the PG's dice thrown by `seed`, and a sender of webhooks of the test's.
    pub async fn seeded(database: Database, seed: u64, webhooks: Option<Sender>) -> World {
        let clock = Arc::new(TestClock::at(Timestamp::parse("2026-11-25T10:00:00+09:00").unwrap()));
        let pg = Simulator::new(pg_simulator::Config {
            public_url: None,
            merchants: vec![toss::Merchant::new("naruscenario", CLIENT_KEY, SECRET_KEY)],
            seed,
            clock: clock.clone(),
            nice: Vec::new(),
            courier: None,
        });
        pg.toss().set_hang(Duration::millis(800));
        let pg_url = serve_pg(pg.clone()).await;
        let wire = Mortal::new();
        let app = start(&database.url, &pg_url, clock.clone(), 1, wire.clone(), webhooks).await;
        let side = app.directory.by_secret_key(KEYS[0].0).unwrap();
        let notice_url = serve_notices(app.clone(), side.accounts[0].id).await;
        pg.toss().set_notice_urls("naruscenario", &[&notice_url]);
        World {
            clock,
            pg,
            app,
            side,
            notice_url,
            wire,
            database,
            pg_url,
        }
    }

    /// With NICE as the only PG of the only shop.
    pub async fn nice(database: Database) -> World {
        World::nice_as(database, NoticeForm::Json, "basic").await
    }

    /// Whose notices are written so, and whose keys are let in so.
    pub async fn nice_as(database: Database, notice_form: NoticeForm, auth: &str) -> World {
        let clock = Arc::new(TestClock::at(Timestamp::parse("2026-11-25T10:00:00+09:00").unwrap()));
        let pg = Simulator::new(pg_simulator::Config {
            public_url: None,
            merchants: Vec::new(),
            seed: 7,
            clock: clock.clone(),
            nice: vec![nice::Merchant {
                notice_form,
                ..nice::Merchant::new(NICE_MID, NICE_CLIENT_ID, NICE_SECRET_KEY)
            }],
            courier: None,
        });
        pg.nice().set_hang(Duration::millis(800));
        let pg_url = serve_pg(pg.clone()).await.replace("/toss", "/nice");
        let wire = Mortal::new();
        let setups = vec![shop_at("naru", KEYS[0], nice_account(&pg_url, auth))];
        let app = start_as(setups, &database.url, clock.clone(), 1, wire.clone(), None).await;
        let side = app.directory.by_secret_key(KEYS[0].0).unwrap();
        let notice_url = serve_notices(app.clone(), side.accounts[0].id).await;
        pg.nice().set_notice_urls(NICE_MID, &[&notice_url]);
        World {
            clock,
            pg,
            app,
            side,
            notice_url,
            wire,
            database,
            pg_url,
        }
    }

    /// The process dies and another one starts on the same database. What was only in memory is gone.
    pub async fn restart(&mut self) {
        self.app.store.close().await;
        self.wire.buried.notify_waiters();
        self.wire = Mortal::new();
        self.app = start(
            &self.database.url,
            &self.pg_url,
            self.clock.clone(),
            self.clock.now().as_micros() as u64,
            self.wire.clone(),
            None,
        )
        .await;
        self.side = self.app.directory.by_secret_key(KEYS[0].0).unwrap();
        self.notice_url = serve_notices(self.app.clone(), self.side.accounts[0].id).await;
        self.pg.toss().set_notice_urls("naruscenario", &[&self.notice_url]);
    }

    /// Another shop of the same installation.
    pub fn neighbour(&self) -> Arc<ShopSide> {
        self.app.directory.by_secret_key(KEYS[1].0).unwrap()
    }

    pub fn pg_url(&self) -> &str {
        &self.pg_url
    }

    pub async fn create(&self, order: &str, won: i64) -> Payment {
        self.create_with(order, won, Terms::default()).await
    }

    pub async fn create_with(&self, order: &str, won: i64, terms: Terms) -> Payment {
        let replied = self.try_create(order, won, terms, order).await.unwrap();
        assert_eq!(replied.answer.status, 200, "{}", replied.answer.body);
        let id: serde_json::Value = serde_json::from_str(&replied.answer.body).unwrap();
        self.payment(id["id"].as_str().unwrap().parse().unwrap()).await
    }

    pub async fn try_create(&self, order: &str, won: i64, terms: Terms, key: &str) -> Result<flows::Replied, Error> {
        let new = new_payment(order, won, terms);
        flows::create(
            &self.app,
            &self.side,
            new,
            None,
            memo(key, &format!("{order} {won}")),
            render(),
        )
        .await
    }

    pub async fn payment(&self, id: PaymentId) -> Payment {
        self.app.store.payment(self.side.scope, id).await.unwrap().unwrap()
    }

    pub async fn open(&self, id: PaymentId, method: Method) -> AttemptId {
        let choice = Choice {
            method,
            kind: None,
            instalment_months: None,
        };
        checkout::open(&self.app, self.side.scope, id, choice).await.unwrap().1
    }

    /// The shopper agrees in the PG's window; the browser's way back is yet to come.
    pub async fn agree(&self, payment: &Payment, attempt: AttemptId) -> BTreeMap<String, String> {
        let now = self.payment(payment.id).await;
        flows::test_help::visit(&self.app, &now, attempt, Outcome::Approve)
            .await
            .unwrap()
    }

    pub async fn come_back(
        &self,
        payment: &Payment,
        attempt: AttemptId,
        query: BTreeMap<String, String>,
    ) -> Result<Payment, Error> {
        checkout::returned(&self.app, self.side.scope, payment.id, attempt, query).await
    }

    /// The deposit a virtual account waits for arrives.
    pub fn deposit_arrives(&self, attempt: AttemptId) {
        let order = attempt.to_string();
        if self.pg.toss().truth(&order).is_some() {
            self.pg.toss().make_deposit(&order, Deposit::default()).unwrap();
        } else {
            self.pg.nice().make_deposit(&order, nice::Deposit::default()).unwrap();
        }
    }

    /// Where the PG's notices go from now on.
    pub fn notices_go_to(&self, urls: &[&str]) {
        self.pg.toss().set_notice_urls("naruscenario", urls);
        self.pg.nice().set_notice_urls(NICE_MID, urls);
    }

    /// From the choice of the method to the end, as a willing shopper.
    pub async fn pay(&self, payment: &Payment, method: Method) -> Payment {
        let attempt = self.open(payment.id, method).await;
        let back = self.agree(payment, attempt).await;
        self.come_back(payment, attempt, back).await.unwrap()
    }

    pub async fn cancel(&self, id: PaymentId, won: Option<i64>, key: &str) -> Result<flows::Replied, Error> {
        self.cancel_to(id, won, key, None).await
    }

    pub async fn cancel_to(
        &self,
        id: PaymentId,
        won: Option<i64>,
        key: &str,
        account: Option<&str>,
    ) -> Result<flows::Replied, Error> {
        let order = CancelOrder {
            amount: won.map(Money::krw),
            tax_free: None,
            reason: "구매자 변심".to_owned(),
            refund_account: account.map(|number| RefundAccount {
                bank: "20".to_owned(),
                number: Digits::parse(number).unwrap(),
                holder: "박구매".to_owned(),
            }),
            expected_balance: None,
        };
        flows::cancel(
            &self.app,
            &self.side,
            id,
            order,
            memo(key, &format!("{id} {won:?}")),
            render(),
        )
        .await
    }

    /// Notices arrive and are looked into; open questions are asked, while the clock moves, until nothing is due.
    pub async fn calm(&self) {
        self.pg.clear_faults();
        for _ in 0..12 {
            self.pg.deliver_due_notices().await;
            while flows::notices::work(&self.app).await.unwrap() > 0 {}
            flows::sweep(&self.app).await.unwrap();
            self.clock.advance(Duration::minutes(2));
        }
    }

    /// As [`World::calm`], until the longest waits are over.
    pub async fn long_calm(&self) {
        self.calm().await;
        for _ in 0..6 {
            self.clock.advance(Duration::hours(1));
            flows::sweep(&self.app).await.unwrap();
        }
    }

    pub async fn notices(&self) {
        self.pg.deliver_due_notices().await;
        while flows::notices::work(&self.app).await.unwrap() > 0 {}
    }

    /// The books balance and agree with the payments, and every paid attempt with the PG.
    pub async fn check_books(&self) {
        for report in flows::books::check_all(&self.app).await.unwrap() {
            assert!(report.clean(), "{:?}", report);
        }
    }

    /// What the PG has, summed over a payment's attempts: approved less given back, and how often it approved.
    pub async fn truth(&self, id: PaymentId) -> (i64, u32) {
        let payment = self.payment(id).await;
        let orders = payment
            .attempts
            .iter()
            .filter_map(|attempt| self.pg.truth(&attempt.id.to_string()));
        orders.fold((0, 0), |(sum, approvals), truth| {
            (sum + truth.balance.minor, approvals + truth.approvals)
        })
    }

    /// What the PG's cash receipts of an order say, in its order; those that take back below zero.
    pub async fn receipts_at_pg(&self, order: &payments::OrderId) -> Vec<i64> {
        let mut sums = Vec::new();
        for day in ["2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28"] {
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            let url = format!("{}/v1/cash-receipts?requestDate={day}&limit=10000", self.pg_url);
            let answer = http.get(url).basic_auth(SECRET_KEY, Some("")).send().await.unwrap();
            let listed: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            for receipt in listed["data"].as_array().unwrap() {
                if receipt["orderId"] == order.as_str() {
                    let sum = receipt["amount"].as_i64().unwrap();
                    let back = receipt["transactionType"] == "CANCEL";
                    sums.push(if back { -sum } else { sum });
                }
            }
        }
        sums
    }

    /// Our balance is the PG's.
    pub async fn check_truth(&self, id: PaymentId) {
        let payment = self.payment(id).await;
        let (balance, _) = self.truth(id).await;
        assert_eq!(
            payment.balance().unwrap().minor,
            balance,
            "{} against the PG",
            payment.state
        );
    }
}

const KEYS: [(&str, &str); 2] = [
    (
        "sk_test_scenario0000000000000000000000",
        "ck_test_scenario0000000000000000000000",
    ),
    (
        "sk_test_neighbour000000000000000000000",
        "ck_test_neighbour000000000000000000000",
    ),
];

async fn start(
    database: &str,
    pg_url: &str,
    clock: Arc<TestClock>,
    seed: u64,
    transport: Arc<Mortal>,
    webhooks: Option<Sender>,
) -> Arc<App> {
    let setups = vec![shop("naru", KEYS[0], pg_url), shop("neighbour", KEYS[1], pg_url)];
    start_as(setups, database, clock, seed, transport, webhooks).await
}

async fn start_as(
    setups: Vec<ShopSetup>,
    database: &str,
    clock: Arc<TestClock>,
    seed: u64,
    transport: Arc<Mortal>,
    webhooks: Option<Sender>,
) -> Arc<App> {
    let chance = Chance::seeded(seed);
    let store = Store::open(
        database,
        Options::new(clock.clone(), chance.clone(), Secret::new([9; 32])),
    )
    .await
    .unwrap();
    store.migrate().await.unwrap();
    let directory = Directory::load(
        &store,
        setups,
        connectors::Outside {
            transport,
            clock: clock.clone(),
        },
    )
    .await
    .unwrap();
    let settings = Settings {
        public_url: "http://127.0.0.1:1".to_owned(),
        signing_key: Secret::new(vec![7; 32]),
        old_signing_key: None,
        webhook_private_addresses: true,
    };
    match webhooks {
        Some(webhooks) => App::sending(webhooks, store, directory, clock, chance, settings),
        None => App::new(store, directory, clock, chance, settings).unwrap(),
    }
}

fn nice_account(pg_url: &str, auth: &str) -> AccountSetup {
    let setting = |name: &str, value: String| (name.to_owned(), value);
    let config = PgConfig {
        pg: "nice".to_owned(),
        mode: Mode::Test,
        settings: BTreeMap::from([
            setting("client_id", NICE_CLIENT_ID.to_owned()),
            setting("auth", auth.to_owned()),
            setting("api_url", pg_url.to_owned()),
            setting("script_url", format!("{pg_url}/v1/js/")),
        ]),
        secrets: BTreeMap::from([("secret_key".to_owned(), Secret::new(NICE_SECRET_KEY.to_owned()))]),
    };
    AccountSetup {
        slug: "nice".to_owned(),
        config,
        methods: Vec::new(),
        simulator: Some(pg_url.to_owned()),
        budgets: Budgets::default(),
    }
}

fn toss_account(pg_url: &str) -> AccountSetup {
    let setting = |name: &str, value: String| (name.to_owned(), value);
    let config = PgConfig {
        pg: "toss".to_owned(),
        mode: Mode::Test,
        settings: BTreeMap::from([
            setting("client_key", CLIENT_KEY.to_owned()),
            setting("api_url", pg_url.to_owned()),
            setting("script_url", format!("{pg_url}/v2/standard")),
        ]),
        secrets: BTreeMap::from([("secret_key".to_owned(), Secret::new(SECRET_KEY.to_owned()))]),
    };
    AccountSetup {
        slug: "toss".to_owned(),
        config,
        methods: Vec::new(),
        simulator: Some(pg_url.to_owned()),
        budgets: Budgets::default(),
    }
}

fn shop(slug: &str, keys: (&str, &str), pg_url: &str) -> ShopSetup {
    shop_at(slug, keys, toss_account(pg_url))
}

fn shop_at(slug: &str, (secret, client): (&str, &str), account: AccountSetup) -> ShopSetup {
    ShopSetup {
        slug: slug.to_owned(),
        name: "나루 상점".to_owned(),
        accent: None,
        keys: vec![KeySetup {
            mode: Mode::Test,
            secret_key: Secret::new(secret.to_owned()),
            client_key: client.to_owned(),
        }],
        accounts: vec![account],
        preference: BTreeMap::new(),
    }
}

pub fn new_payment(order: &str, won: i64, terms: Terms) -> NewPayment {
    let zero = Money::krw(0);
    NewPayment {
        order: Order::new(order.parse().unwrap(), "면 티셔츠 외 1건", Money::krw(won), zero, zero).unwrap(),
        terms,
        customer: Customer::new(Some("박구매"), Some("buyer@example.com"), Some("010-1234-5678")).unwrap(),
        metadata: Texts::default(),
    }
}

pub fn memo(key: &str, request: &str) -> Memo {
    let mut request_hash = [0; 32];
    for (at, byte) in request.bytes().enumerate() {
        request_hash[at % 32] ^= byte.rotate_left((at / 32) as u32);
    }
    let fields = serde_json::json!({ "request": request }).to_string();
    Memo {
        key: key.to_owned(),
        request_hash,
        fields,
    }
}

/// Answers as a server would, in short: 200 and the view, or 422 and the error.
pub fn render() -> Arc<Render> {
    Arc::new(|result: Result<&PaymentView, &Error>| match result {
        Ok(view) => Answer {
            status: 200,
            body: serde_json::to_string(view).unwrap(),
        },
        Err(error) => Answer {
            status: 422,
            body: error.to_string(),
        },
    })
}

pub fn query(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn serve_pg(pg: Simulator) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/toss", listener.local_addr().unwrap());
    tokio::spawn(pg_simulator::serve(pg, listener, std::future::pending()));
    url
}

async fn serve_notices(app: Arc<App>, account: PgAccountId) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notices/{account}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/notices/{account}", post(take_notice))
        .with_state(app);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn take_notice(
    State(app): State<Arc<App>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = headers.iter().map(text).collect();
    match flows::notices::receive(&app, account.parse().unwrap(), headers, body).await {
        Ok(answer) => (StatusCode::from_u16(answer.status).unwrap(), answer.body),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, ""),
    }
}
