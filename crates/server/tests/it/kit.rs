use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Request, StatusCode, header};
use connectors::PgConfig;
use connectors::http::Wire;
use flows::{AccountSetup, App, Budgets, Directory, KeySetup, Settings, ShopSetup};
use http_body_util::BodyExt;
use pg_simulator::{Simulator, toss};
use serde_json::{Value, json};
use server::{Faces, Limits, router};
use store::{Options, Store};
use testkit::Database;
use tokio::net::TcpListener;
use tower::ServiceExt;
use vocabulary::{Chance, Clock, Mode, Secret, TestClock, Timestamp};

pub const KEY: &str = "sk_test_server000000000000000000000";
pub const NEIGHBOUR: &str = "sk_test_neighbour0000000000000000000";
const LIVE: &str = "sk_live_server000000000000000000000";
const PG_CLIENT_KEY: &str = "test_ck_narupayserver00000000000";
const PG_SECRET_KEY: &str = "test_sk_narupayserver00000000000";
pub const NICE_CLIENT_ID: &str = "S2_00000000000000000000000000000001";
pub const NICE_SECRET_KEY: &str = "00000000000000000000000000000002";
pub const PUBLIC_URL: &str = "http://pay.test";

pub struct World {
    pub app: Arc<App>,
    pub router: Router,
    pub clock: Arc<TestClock>,
    _database: Database,
}

impl World {
    pub async fn new() -> World {
        World::with(Limits::default()).await
    }

    pub async fn with(limits: Limits) -> World {
        World::of(limits, toss_account).await
    }

    /// Whose shops pay through NICE, which never answers.
    pub async fn nice() -> World {
        World::of(Limits::default(), |_| nice_account()).await
    }

    async fn of(limits: Limits, account: fn(&str) -> AccountSetup) -> World {
        let clock = Arc::new(TestClock::at(Timestamp::parse("2026-11-25T10:00:00+09:00").unwrap()));
        let pg = Simulator::new(pg_simulator::Config {
            public_url: None,
            merchants: vec![toss::Merchant::new("narufaces", PG_CLIENT_KEY, PG_SECRET_KEY)],
            seed: 7,
            clock: clock.clone(),
            nice: Vec::new(),
            courier: None,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let pg_url = format!("http://{}/toss", listener.local_addr().unwrap());
        tokio::spawn(pg_simulator::serve(pg, listener, std::future::pending()));
        let database = Database::sqlite().await;
        let chance = Chance::seeded(1);
        let store = Store::open(
            &database.url,
            Options::new(clock.clone(), chance.clone(), Secret::new([9; 32])),
        )
        .await
        .unwrap();
        let transport = Arc::new(Wire::new().unwrap());
        let setups = vec![
            shop("naru", &[(Mode::Test, KEY), (Mode::Live, LIVE)], account(&pg_url)),
            shop("neighbour", &[(Mode::Test, NEIGHBOUR)], account(&pg_url)),
        ];
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
            public_url: PUBLIC_URL.to_owned(),
            signing_key: Secret::new(vec![7; 32]),
            old_signing_key: None,
            webhook_private_addresses: false,
        };
        let app = App::new(store, directory, clock.clone(), chance, settings).unwrap();
        let router = router(app.clone(), Faces { metrics: None, limits });
        World {
            app,
            router,
            clock,
            _database: database,
        }
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    /// With a key of its own, so that it is new work.
    pub fn post(&self, path: &str, body: &Value) -> Ask<'_> {
        self.post_raw(path, body.to_string().into_bytes())
    }

    pub fn post_raw(&self, path: &str, body: Vec<u8>) -> Ask<'_> {
        let key = vocabulary::RequestId::new(self.clock.now(), &self.app.chance).to_string();
        let ask = self
            .ask("POST", path)
            .header("idempotency-key", &key)
            .header("content-type", "application/json");
        Ask { body, ..ask }
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        Ask {
            world: self,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![("authorization".into(), format!("Bearer {KEY}"))],
            body: Vec::new(),
        }
    }

    pub async fn create(&self, body: Value) -> Value {
        let got = self.post("/v1/payments", &body).send().await;
        assert_eq!(got.status, 201, "{}", got.text);
        got.json()
    }

    /// A payment of 15,000 won for `order`.
    pub async fn payment(&self, order: &str) -> Value {
        self.create(order_of(order)).await
    }

    /// Where the shopper's page is, without its host.
    pub async fn checkout(&self, order: &str) -> String {
        checkout_path(&self.payment(order).await)
    }
}

pub fn order_of(order: &str) -> Value {
    json!({ "orderId": order, "orderName": "만년필", "amount": 15_000, "returnUrl": "https://shop.example/back?a=1" })
}

pub fn checkout_path(payment: &Value) -> String {
    payment["checkoutUrl"]
        .as_str()
        .unwrap()
        .strip_prefix(PUBLIC_URL)
        .unwrap()
        .to_owned()
}

pub struct Ask<'w> {
    world: &'w World,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask<'_> {
    /// In place of one by the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn shop(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub fn form(mut self, text: &str) -> Self {
        self.body = text.as_bytes().to_vec();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    pub async fn send(self) -> Got {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = self
            .world
            .router
            .clone()
            .oneshot(request.body(Body::from(self.body)).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Got {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// The code of the problem it gets, with all that a problem must have.
    pub async fn problem(self) -> Problem {
        let got = self.send().await;
        let body = got.json();
        assert_eq!(
            got.header(header::CONTENT_TYPE),
            "application/problem+json",
            "{}",
            got.text
        );
        assert_eq!(body["status"], got.status);
        let code = body["code"].as_str().unwrap().to_owned();
        assert_eq!(body["type"], format!("{PUBLIC_URL}/docs/errors/{code}"));
        assert_eq!(body["requestId"], got.header(HeaderName::from_static("request-id")));
        assert!(["no", "unknown"].contains(&body["moneyMoved"].as_str().unwrap()));
        assert!(
            server::problem_codes().iter().any(|known| known.code == code),
            "{code} is not in the table"
        );
        Problem {
            status: got.status,
            code,
            body,
            headers: got.headers,
        }
    }
}

#[derive(Debug)]
pub struct Problem {
    pub status: u16,
    pub code: String,
    pub body: Value,
    pub headers: HeaderMap,
}

impl Problem {
    #[track_caller]
    pub fn is(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.code.as_str()), (status, code), "{}", self.body);
        self
    }

    #[track_caller]
    pub fn at(&self, field: &str) -> &Self {
        assert_eq!(self.body["field"], field, "{}", self.body);
        self
    }

    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.body["detail"].as_str().unwrap().contains(words), "{}", self.body);
        self
    }
}

#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads to, being a redirect after a POST or to the right page.
    #[track_caller]
    pub fn leads_to(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER.as_u16(), "{}", self.text);
        self.header(header::LOCATION).to_owned()
    }

    #[track_caller]
    pub fn shows(&self, words: &str) -> &Self {
        assert!(self.text.contains(words), "no {words:?} in {}", self.text);
        self
    }
}

fn toss_account(pg_url: &str) -> AccountSetup {
    let setting = |name: &str, value: String| (name.to_owned(), value);
    let config = PgConfig {
        pg: "toss".to_owned(),
        mode: Mode::Test,
        settings: BTreeMap::from([
            setting("client_key", PG_CLIENT_KEY.to_owned()),
            setting("api_url", pg_url.to_owned()),
            setting("script_url", format!("{pg_url}/v2/standard")),
        ]),
        secrets: BTreeMap::from([("secret_key".to_owned(), Secret::new(PG_SECRET_KEY.to_owned()))]),
    };
    AccountSetup {
        slug: "toss".to_owned(),
        config,
        methods: Vec::new(),
        simulator: Some(pg_url.to_owned()),
        budgets: Budgets::default(),
    }
}

fn nice_account() -> AccountSetup {
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let config = PgConfig {
        pg: "nice".to_owned(),
        mode: Mode::Test,
        settings: BTreeMap::from([
            setting("client_id", NICE_CLIENT_ID),
            setting("api_url", "http://127.0.0.1:1/nice"),
            setting("script_url", "http://127.0.0.1:1/nice/v1/js/"),
        ]),
        secrets: BTreeMap::from([("secret_key".to_owned(), Secret::new(NICE_SECRET_KEY.to_owned()))]),
    };
    AccountSetup {
        slug: "nice".to_owned(),
        config,
        methods: Vec::new(),
        simulator: None,
        budgets: Budgets::default(),
    }
}

fn shop(slug: &str, keys: &[(Mode, &str)], account: AccountSetup) -> ShopSetup {
    let key = |(mode, secret): &(Mode, &str)| KeySetup {
        mode: *mode,
        secret_key: Secret::new((*secret).to_owned()),
        client_key: secret.replacen("sk_", "ck_", 1),
    };
    ShopSetup {
        slug: slug.to_owned(),
        name: format!("{slug} 상점"),
        accent: Some("#1c5c58".to_owned()),
        keys: keys.iter().map(key).collect(),
        accounts: vec![account],
        preference: BTreeMap::new(),
    }
}
