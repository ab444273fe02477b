/// A merchant as NICE knows it: one key set of the server-approval model with Basic authentication.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// Ten characters: the first ten of every transaction id.
    pub mid: String,
    pub client_id: String,
    pub secret_key: String,
    /// Where notices of every method go.
    pub notice_urls: Vec<String>,
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
            sandbox: false,
        }
    }
}
