//! The simulator's certificates: one that is right and three that are not. They are made at start and live in
//! memory; whoever is to trust the right one is given the authority's certificate.

use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::watch;

/// Which certificate new connections see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certificate {
    Good,
    /// Its time was over long ago.
    Expired,
    /// Of another host.
    WrongHost,
    /// Of an authority that nobody was told of.
    Untrusted,
}

impl Certificate {
    pub const ALL: [Certificate; 4] = [
        Certificate::Good,
        Certificate::Expired,
        Certificate::WrongHost,
        Certificate::Untrusted,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Certificate::Good => "good",
            Certificate::Expired => "expired",
            Certificate::WrongHost => "wrong-host",
            Certificate::Untrusted => "untrusted",
        }
    }

    pub fn parse(text: &str) -> Option<Certificate> {
        Certificate::ALL
            .into_iter()
            .find(|certificate| certificate.as_str() == text)
    }

    /// In Korean, for the console.
    pub fn korean(self) -> &'static str {
        match self {
            Certificate::Good => "올바른 인증서",
            Certificate::Expired => "기간이 지난 인증서",
            Certificate::WrongHost => "다른 호스트의 인증서",
            Certificate::Untrusted => "모르는 기관의 인증서",
        }
    }
}

/// Why there are no certificates.
#[derive(Debug)]
pub struct TlsError(String);

impl std::fmt::Display for TlsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the simulator's certificates cannot be made: {}", self.0)
    }
}

impl std::error::Error for TlsError {}

impl From<rcgen::Error> for TlsError {
    fn from(error: rcgen::Error) -> TlsError {
        TlsError(error.to_string())
    }
}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> TlsError {
        TlsError(error.to_string())
    }
}

/// The four certificates, and which of them is shown.
pub(crate) struct Desk {
    keys: [Arc<CertifiedKey>; Certificate::ALL.len()],
    shown: watch::Sender<Certificate>,
    authority_pem: String,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Desk({})", self.shown.borrow().as_str())
    }
}

impl Desk {
    /// Certificates for this machine's own addresses and for `host`.
    pub fn open(shown: Certificate, host: Option<&str>) -> Result<Desk, TlsError> {
        let provider = aws_lc_rs::default_provider();
        let (authority_pem, authority) = new_authority()?;
        // A stranger under the same name: only its key tells the two apart.
        let (_, stranger) = new_authority()?;
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        names.extend(host.map(|host| host.trim_matches(['[', ']']).to_owned()));
        names.dedup();
        let elsewhere = vec!["another-host.invalid".to_owned()];
        let keys = [
            leaf(&authority, names.clone(), false, &provider)?,
            leaf(&authority, names.clone(), true, &provider)?,
            leaf(&authority, elsewhere, false, &provider)?,
            leaf(&stranger, names, false, &provider)?,
        ];
        Ok(Desk {
            keys,
            shown: watch::Sender::new(shown),
            authority_pem,
        })
    }

    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    pub fn shown(&self) -> Certificate {
        *self.shown.borrow()
    }

    /// New connections see `certificate` from now on; those that are open end after the call at hand.
    pub fn show(&self, certificate: Certificate) {
        self.shown.send_replace(certificate);
    }

    pub fn changes(&self) -> watch::Receiver<Certificate> {
        self.shown.subscribe()
    }

    pub fn server_config(self: &Arc<Desk>) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(self.clone());
        // A resumed session never looks at the certificate again, and another may be shown by then.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

impl ResolvesServerCert for Desk {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let index = Certificate::ALL.iter().position(|other| *other == self.shown())?;
        self.keys.get(index).cloned()
    }
}

fn new_authority() -> Result<(String, Issuer<'static, KeyPair>), TlsError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "NaruPay simulator authority");
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((pem, Issuer::new(params, key)))
}

fn leaf(
    issuer: &Issuer<'static, KeyPair>,
    names: Vec<String>,
    expired: bool,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, TlsError> {
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "NaruPay PG simulator");
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    if expired {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|error| TlsError(error.to_owned()))?;
    let key = CertifiedKey::from_der(vec![certificate.der().clone()], key, provider)?;
    Ok(Arc::new(key))
}

/// The host of an address like `https://pg.example:4010`, as certificates name it.
pub(crate) fn host_of(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?;
    let is_wildcard = host
        .trim_matches(['[', ']'])
        .parse::<IpAddr>()
        .is_ok_and(|address| address.is_unspecified());
    (!is_wildcard).then(|| host.to_owned())
}
