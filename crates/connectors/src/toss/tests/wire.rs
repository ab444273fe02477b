//! The connector over the real transport, to a server on this machine.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::http::Wire;

#[test]
fn an_approve_over_the_wire() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api_url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut peer, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                assert!(peer.read_buf(&mut request).await.unwrap() > 0);
            }
            let body = payment().to_string();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            peer.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(request).unwrap()
        });
        let toss = Toss::new(&settings(&[("api_url", &api_url)]), Arc::new(Wire::new().unwrap())).unwrap();
        let ask = Approve {
            pg_key: KEY.into(),
            pg_order_id: ORDER.into(),
            amount: Money::krw(15_000),
            idempotency_key: "approve-1".into(),
        };
        assert_eq!(reported(toss.approve(&ask).await).amount, Money::krw(15_000));
        let request = server.await.unwrap();
        assert!(
            request.starts_with("POST /v1/payments/confirm HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(
            request.contains("authorization: Basic dGVzdF9za19uYXJ1MHNlY3JldDo=\r\n"),
            "{request}"
        );
        assert!(request.contains("idempotency-key: approve-1\r\n"), "{request}");
    });
}
