use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::types::fault;
use crate::{Fault, Options};

/// A silent peer is given up after this.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// All our statements find rows by a key. While a table is still small the planner would rather read
/// it whole, and it keeps a plan that it made then when the table has grown. And it would plan anew
/// whenever an array is short, which takes longer than the statement itself.
const SETTINGS: [&str; 5] = [
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET jit = off",
];

/// Opens connections to one server.
pub(super) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    patience: Duration,
}

impl Connector {
    /// `sslmode` is `disable`, `prefer` (the default), `require`, `verify-ca` or `verify-full`; whenever TLS
    /// is used the certificate is verified, against the public roots or those in the file `sslrootcert`.
    pub fn new(url: &str, options: &Options) -> Result<Connector, Fault> {
        let (url, roots) = take_parameter(url, "sslrootcert");
        let (url, mode) = take_parameter(&url, "sslmode");
        let mut config: Config = url
            .parse()
            // The address may hold a password; it is not repeated.
            .map_err(|error| Fault::Config(format!("the PostgreSQL address cannot be read: {error}")))?;
        config.ssl_mode(match mode.as_deref() {
            Some("disable") => SslMode::Disable,
            None | Some("prefer" | "allow") => SslMode::Prefer,
            Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some(other) => {
                return Err(Fault::Config(format!(
                    "sslmode={other} is not one of disable, prefer, require, verify-ca, verify-full"
                )));
            }
        });
        let patience = Duration::from_millis(options.patience_ms);
        config
            .connect_timeout(patience)
            .keepalives_idle(SILENCE_MAX)
            .tcp_user_timeout(SILENCE_MAX)
            .application_name("narupay");
        let local = config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)));
        let tls = if local || config.get_ssl_mode() == SslMode::Disable {
            None
        } else {
            Some(MakeRustlsConnect::new(tls_config(roots.as_deref())?))
        };
        Ok(Connector { config, tls, patience })
    }

    /// A new connection; its other half runs as a task until the client is dropped.
    pub async fn connect(&self) -> Result<Client, Fault> {
        let connecting = async {
            match &self.tls {
                Some(tls) => {
                    let (client, connection) = self.config.connect(tls.clone()).await?;
                    tokio::spawn(connection);
                    Ok(client)
                }
                None => {
                    let (client, connection) = self.config.connect(NoTls).await?;
                    tokio::spawn(connection);
                    Ok(client)
                }
            }
        };
        match tokio::time::timeout(self.patience, connecting).await {
            Ok(Ok(client)) => Ok(set_up(client).await),
            Ok(Err(error)) => Err(fault(error)),
            Err(late) => Err(Fault::unavailable("the server does not answer", late)),
        }
    }
}

async fn set_up(client: Client) -> Client {
    for setting in SETTINGS {
        // Engines that only speak the protocol may not know them, and do without.
        let _ = client.batch_execute(setting).await;
    }
    client
}

fn tls_config(roots_file: Option<&str>) -> Result<ClientConfig, Fault> {
    let mut roots = RootCertStore::empty();
    match roots_file {
        Some(file) => {
            let unreadable = |error| Fault::Config(format!("sslrootcert={file} cannot be read: {error}"));
            for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
                roots
                    .add(certificate.map_err(unreadable)?)
                    .map_err(|error| Fault::Config(format!("sslrootcert={file} holds no certificate: {error}")))?;
            }
        }
        None => {
            roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::Config(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Takes a parameter out of an address that the driver does not know, or knows in another way.
fn take_parameter(url: &str, name: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else {
        return (url.to_owned(), None);
    };
    let mut value = None;
    let mut rest: Vec<&str> = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some((key, found)) if key == name => value = Some(found.replace("%2F", "/").replace("%2f", "/")),
            _ => rest.push(pair),
        }
    }
    let rest = rest.join("&");
    let url = if rest.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{rest}")
    };
    (url, value)
}
