//! A PG that shows the wrong certificate is not asked anything.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connectors::http::{Request, Response, Transport, TransportError, Wire};
use pg_simulator::{Certificate, Config, Simulator, serve};
use reqwest::Method;
use tokio::net::TcpListener;
use vocabulary::{TestClock, Timestamp};

struct Counter {
    pg: Simulator,
    url: String,
    authority: String,
}

impl Counter {
    async fn open(certificate: Certificate) -> Counter {
        let pg = Simulator::new(Config {
            public_url: None,
            merchants: vec![pg_simulator::toss::Merchant::documented()],
            nice: Vec::new(),
            courier: None,
            seed: 1,
            clock: Arc::new(TestClock::at(Timestamp::from_seconds(1_780_000_000))),
        });
        let authority = pg.use_tls(certificate).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/toss/", listener.local_addr().unwrap());
        tokio::spawn(serve(pg.clone(), listener, std::future::pending()));
        Counter { pg, url, authority }
    }

    async fn ask(&self, wire: &Wire) -> Result<Response, TransportError> {
        let request = Request {
            method: Method::GET,
            url: self.url.clone(),
            headers: Default::default(),
            body: Bytes::new(),
            deadline: Duration::from_secs(20),
        };
        wire.send(request).await
    }
}

fn not_sent(answer: Result<Response, TransportError>, reason: &str) {
    match answer {
        Err(TransportError::NotSent(said)) => assert!(said.contains(reason), "{reason}: {said}"),
        other => panic!("{reason}: {other:?}"),
    }
}

#[tokio::test]
async fn a_bad_certificate_ends_before_anything_was_sent() {
    for (certificate, reason) in [
        (Certificate::Expired, "xpired"),
        (Certificate::WrongHost, "not valid for name"),
        (Certificate::Untrusted, "invalid peer certificate"),
    ] {
        let counter = Counter::open(certificate).await;
        let wire = Wire::trusting(counter.authority.as_bytes()).unwrap();
        not_sent(counter.ask(&wire).await, reason);
    }
}

#[tokio::test]
async fn a_good_certificate_is_trusted_only_by_who_was_told_of_its_authority() {
    let counter = Counter::open(Certificate::Good).await;
    not_sent(counter.ask(&Wire::new().unwrap()).await, "UnknownIssuer");
    let elsewhere = Counter::open(Certificate::Good).await;
    let wire = Wire::trusting(elsewhere.authority.as_bytes()).unwrap();
    not_sent(counter.ask(&wire).await, "invalid peer certificate");
    let wire = Wire::trusting(counter.authority.as_bytes()).unwrap();
    assert_eq!(counter.ask(&wire).await.unwrap().status.as_u16(), 200);
}

#[tokio::test]
async fn a_change_of_certificate_ends_open_connections_too() {
    let counter = Counter::open(Certificate::Good).await;
    let wire = Wire::trusting(counter.authority.as_bytes()).unwrap();
    for bad in [Certificate::Expired, Certificate::WrongHost, Certificate::Untrusted] {
        assert_eq!(counter.ask(&wire).await.unwrap().status.as_u16(), 200);
        assert!(counter.pg.show_certificate(bad));
        // A connection that is just being closed may still be used: it was opened under the good one.
        let mut answer = counter.ask(&wire).await;
        while matches!(answer, Err(TransportError::NoAnswer(_)) | Ok(_)) {
            answer = counter.ask(&wire).await;
        }
        not_sent(answer, "invalid peer certificate");
        counter.pg.show_certificate(Certificate::Good);
    }
}
