//! The PG's customers: the shops with a contract, and their keys.

/// The version of the API a merchant chose in the developer centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiVersion {
    V2022_11_16,
    V2024_06_01,
}

impl ApiVersion {
    pub fn as_str(self) -> &'static str {
        match self {
            ApiVersion::V2022_11_16 => "2022-11-16",
            ApiVersion::V2024_06_01 => "2024-06-01",
        }
    }
}

/// A client key for the browser and the secret key that belongs to it.
#[derive(Debug, Clone)]
pub struct KeyPair {
    pub client_key: String,
    pub secret_key: String,
}

/// One contract. Keys that begin with `live_` are live: test codes do nothing with them.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// At most 14 characters.
    pub mid: String,
    pub client_key: String,
    pub secret_key: String,
    pub api_version: ApiVersion,
    /// 64 hex digits; signs the notices of payouts, which are not simulated yet.
    pub security_key: String,
    /// Where PAYMENT_STATUS_CHANGED and DEPOSIT_CALLBACK go.
    pub notice_urls: Vec<String>,
    /// The second pair of keys, for the widget.
    pub widget: Option<KeyPair>,
}

/// Which pair of keys. A payment opened with one cannot be confirmed with the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pair {
    Api,
    Widget,
}

impl Merchant {
    pub fn new(mid: &str, client_key: &str, secret_key: &str) -> Merchant {
        Merchant {
            mid: mid.to_owned(),
            client_key: client_key.to_owned(),
            secret_key: secret_key.to_owned(),
            api_version: ApiVersion::V2022_11_16,
            security_key: "0".repeat(64),
            notice_urls: Vec::new(),
            widget: None,
        }
    }

    /// A merchant with the test keys the PG's manual prints, for third-party samples that carry them.
    pub fn documented() -> Merchant {
        let keys = (
            "test_ck_D5GePWvyJnrK0W0k6q8gLzN97Eoq",
            "test_sk_zXLkKEypNArWmo50nX3lmeaxYG5R",
        );
        let mut merchant = Merchant::new("tvivarepublica", keys.0, keys.1);
        merchant.widget = Some(KeyPair {
            client_key: "test_gck_docs_Ovk5rk1EwkEbP0W43n07xlzm".to_owned(),
            secret_key: "test_gsk_docs_OaPz8L5KdmQXkzRz3y47BMw6".to_owned(),
        });
        merchant
    }
}
