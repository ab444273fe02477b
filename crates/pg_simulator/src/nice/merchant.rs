/// How a merchant's notices are written: as the payment object, or in the flat form that the window of the
/// client-approval model posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoticeForm {
    #[default]
    Json,
    Form,
}

/// A merchant as NICE knows it: one key set of the server-approval model. Both Basic and Bearer authentication
/// are taken with it, although real keys are issued for one of them.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// Ten characters: the first ten of every transaction id.
    pub mid: String,
    pub client_id: String,
    pub secret_key: String,
    /// Where notices of every method go.
    pub notice_urls: Vec<String>,
    pub notice_form: NoticeForm,
    /// The sandbox's manners: dummy card data and no partial cancel.
    pub sandbox: bool,
}

impl Merchant {
    pub fn new(mid: &str, client_id: &str, secret_key: &str) -> Merchant {
        Merchant {
            mid: mid.to_owned(),
            client_id: client_id.to_owned(),
            secret_key: secret_key.to_owned(),
            notice_urls: Vec::new(),
            notice_form: NoticeForm::Json,
            sandbox: false,
        }
    }

    /// A merchant with the sandbox keys the PG's samples print, for third-party clients that carry them. It is
    /// no sandbox here: its partial cancels work.
    pub fn documented() -> Merchant {
        Merchant::new(
            "UT0000113m",
            "S2_af4543a0be4d49a98122e01ec2059a56",
            "9eb85607103646da9f9c02b128f2e5ee",
        )
    }
}
