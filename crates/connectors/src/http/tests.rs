use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::wire::IN_FLIGHT_MAX;
use super::*;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn get(url: String, deadline_ms: u64) -> Request {
    let deadline = Duration::from_millis(deadline_ms);
    Request {
        method: Method::GET,
        url,
        headers: HeaderMap::new(),
        body: Bytes::new(),
        deadline,
    }
}

/// A server that reads once, says `answer`, and then closes or (`hang`) holds the connection.
async fn server(answer: Vec<u8>, hang: bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut peer, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = peer.read(&mut request).await;
                let _ = peer.write_all(&answer).await;
                if hang {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    (url, seen)
}

#[test]
fn an_answer_comes_whole_whatever_its_status() {
    block_on(async {
        let (url, _) = server(b"HTTP/1.1 503 No\r\ncontent-length: 4\r\n\r\nbusy".to_vec(), false).await;
        let answer = Wire::new().unwrap().send(get(url, 5_000)).await.unwrap();
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (503, &b"busy"[..]));
    });
}

#[test]
fn redirects_are_not_followed_and_nothing_is_sent_twice() {
    block_on(async {
        let wire = Wire::new().unwrap();
        let away = b"HTTP/1.1 307 Away\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".to_vec();
        let (url, seen) = server(away, false).await;
        assert_eq!(wire.send(get(url, 5_000)).await.unwrap().status.as_u16(), 307);
        assert_eq!(seen.load(Ordering::SeqCst), 1);

        let (url, seen) = server(Vec::new(), false).await;
        let closed = wire.send(get(url, 5_000)).await.unwrap_err();
        assert!(
            matches!(closed, TransportError::NoAnswer(_)),
            "closed after the request: {closed}"
        );
        assert_eq!(seen.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn no_connection_means_not_sent() {
    block_on(async {
        let wire = Wire::new().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed_port = format!("http://{}", free.local_addr().unwrap());
        drop(free);
        let (plain, _) = server(b"this is not TLS\r\n".to_vec(), false).await;
        let bad_tls = plain.replace("http:", "https:");
        for url in [closed_port, bad_tls, "http://name.invalid/".into(), "no address".into()] {
            let error = wire.send(get(url.clone(), 5_000)).await.unwrap_err();
            assert!(matches!(error, TransportError::NotSent(_)), "{url}: {error}");
        }
    });
}

#[test]
fn a_hung_or_cut_answer_is_no_answer() {
    block_on(async {
        let wire = Wire::new().unwrap();
        let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"paymentKey\"".to_vec();
        for (answer, hang) in [
            (Vec::new(), true),
            (cut.clone(), true),
            (cut, false),
            (b"220 smtp\r\n".to_vec(), false),
        ] {
            let (url, _) = server(answer, hang).await;
            let error = wire.send(get(format!("{url}/v1/secret-path"), 100)).await.unwrap_err();
            assert!(matches!(error, TransportError::NoAnswer(_)), "{error}");
            assert!(!error.to_string().contains("secret-path"), "{error}");
        }
    });
}

#[test]
fn an_endless_answer_is_cut_off() {
    block_on(async {
        let mut answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        answer.resize(answer.len() + ANSWER_BYTES_MAX + 1, b'x');
        let (url, _) = server(answer, true).await;
        let error = Wire::new().unwrap().send(get(url, 10_000)).await.unwrap_err();
        assert!(error.to_string().contains("1048576 bytes"), "{error}");
    });
}

#[test]
fn printing_shows_neither_keys_nor_bodies() {
    let mut request = get("http://127.0.0.1/".into(), 1);
    let mut key = http::HeaderValue::from_static("Basic c2VjcmV0");
    key.set_sensitive(true);
    request.headers.insert(http::header::AUTHORIZATION, key);
    request.body = Bytes::from_static(b"account");
    let answer = Response {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: request.body.clone(),
    };
    let printed = format!("{request:?} {answer:?}");
    assert!(
        !printed.contains("c2VjcmV0") && !printed.contains("account"),
        "{printed}"
    );
}

#[test]
fn a_hanging_pg_holds_only_its_own_share_of_requests() {
    let wire = Wire::new().unwrap();
    let mut held: Vec<_> = (0..IN_FLIGHT_MAX)
        .map(|_| wire.enter("https://hanging".into()).unwrap())
        .collect();
    assert!(matches!(
        wire.enter("https://hanging".into()),
        Err(TransportError::NotSent(_))
    ));
    assert!(wire.enter("https://another".into()).is_ok());
    held.pop();
    assert!(wire.enter("https://hanging".into()).is_ok());
}

#[test]
fn only_certificates_can_be_trusted() {
    for nothing in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert!(Wire::trusting(nothing.as_bytes()).is_err(), "{nothing}");
    }
}
