//! Strangers on real connections: slow, loud, or in the middle of something when we stop.

use std::time::Duration;

use server::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::kit::{KEY, World};

const SOON: Duration = Duration::from_secs(10);

struct Running {
    _world: World,
    address: std::net::SocketAddr,
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

async fn running(limits: Limits) -> Running {
    let world = World::with(limits.clone()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let ended = tokio::spawn(serve(world.router.clone(), listener, limits, stop.clone()));
    Running {
        _world: world,
        address,
        stop,
        ended,
    }
}

fn quick() -> Limits {
    Limits {
        header_read_ms_max: 200,
        body_read_ms_max: 200,
        ..Limits::default()
    }
}

/// Everything that comes until the server hangs up.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is a way of hanging up, too.
    let _ = timeout(SOON, stream.read_to_end(&mut bytes))
        .await
        .expect("the server hangs up");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The next answer's head and, as far as it came along, its body.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 16 * 1024];
    let length = timeout(SOON, stream.read(&mut bytes))
        .await
        .expect("an answer comes")
        .unwrap();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn whoever_is_slow_with_headers_is_hung_up_on() {
    let running = running(quick()).await;
    // Nothing at all; a part of the HTTP/2 preface; a part of a head; a second request that never ends.
    for begin in [&b""[..], b"PRI * HT", b"GET / HT", b"GET / HTTP/1.1\r\nx: "] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(begin).await.unwrap();
        rest(&mut stream).await;
    }
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(HEALTH).await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    stream.write_all(b"GET / HT").await.unwrap();
    rest(&mut stream).await;
}

#[tokio::test]
async fn slow_peers_in_hundreds_hold_up_nobody() {
    let running = running(Limits {
        header_read_ms_max: 5_000,
        ..Limits::default()
    })
    .await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream
            .write_all(b"POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-le")
            .await
            .unwrap();
        slow.push(stream);
    }
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(HEALTH).await.unwrap();
    let healthy = timeout(Duration::from_secs(1), answer(&mut stream))
        .await
        .expect("health within a second");
    assert!(healthy.starts_with("HTTP/1.1 200"), "{healthy}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let running = running(quick()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let head = format!(
        "POST /v1/payments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\nidempotency-key: k\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let got = answer(&mut stream).await;
    assert!(
        got.starts_with("HTTP/1.1 408") && got.contains("request_timeout"),
        "{got}"
    );
}

#[tokio::test]
async fn whoever_does_not_read_gives_its_place_to_others() {
    let running = running(Limits {
        connections_max: 1,
        write_stall_ms_max: 200,
        ..Limits::default()
    })
    .await;
    let mut deaf = TcpStream::connect(running.address).await.unwrap();
    // Until nobody takes any more: the server waits for its answers to be read.
    let asking = async {
        while deaf
            .write_all(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .is_ok()
        {}
    };
    timeout(SOON, asking).await.expect("the server hangs up");
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(HEALTH).await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn floods_of_headers_are_refused() {
    let running = running(Limits::default()).await;
    let many: String = (0..100).map(|at| format!("x-{at}: y\r\n")).collect();
    let long = format!("x: {}\r\n", "y".repeat(64 * 1024));
    for flood in [many, long] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        // The server may hang up before all of it is sent.
        let _ = stream
            .write_all(format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{flood}\r\n").as_bytes())
            .await;
        let got = rest(&mut stream).await;
        assert!(got.is_empty() || got.starts_with("HTTP/1.1 431"), "{got}");
    }
}

#[tokio::test]
async fn rubbish_is_answered_or_hung_up_on_and_nothing_else_happens() {
    let running = running(quick()).await;
    for rubbish in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\0\0\0\0\0\0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(rubbish).await.unwrap();
        let got = rest(&mut stream).await;
        assert!(got.is_empty() || got.starts_with("HTTP/1.1 400"), "{got}");
    }
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(HEALTH).await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn stopping_lets_requests_in_flight_end() {
    let running = running(Limits::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    // In flight: the head is there and the body is half way.
    let head = format!(
        "POST /v1/payments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\nidempotency-key: k\r\n\
         content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(
        answer(&mut stream).await.starts_with("HTTP/1.1 100"),
        "the server waits for the body"
    );
    running.stop.cancel();
    stream.write_all(b"{}").await.unwrap();
    let got = rest(&mut stream).await;
    assert!(got.contains("HTTP/1.1 400") && got.contains("missing_field"), "{got}");
    timeout(SOON, running.ended).await.expect("the server ends").unwrap();
    assert!(
        TcpStream::connect(running.address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let running = running(Limits {
        drain_ms_max: 100,
        ..Limits::default()
    })
    .await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n")
        .await
        .unwrap();
    running.stop.cancel();
    timeout(SOON, running.ended).await.expect("the server ends").unwrap();
}

#[tokio::test]
async fn more_requests_than_there_are_places_are_told_to_come_again() {
    let world = World::with(Limits {
        in_flight_max: 0,
        ..Limits::default()
    })
    .await;
    let busy = world.get("/v1/payments").problem().await;
    assert_eq!(busy.is(503, "busy").headers["retry-after"], "1");
    assert_eq!(
        world.get("/healthz").send().await.status,
        200,
        "it still says that it is alive"
    );
}
