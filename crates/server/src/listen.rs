//! The accept loop. `axum::serve` has no time-out for headers, so a few slow peers could hold every connection for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::Limits;
use crate::stall::Stall;

/// Most bytes that hyper may gather for one request's headers; it takes no less than this.
const HEADER_BYTES_MIN: usize = 8 * 1024;
const HTTP2_RESETS_MAX: usize = 20;
const HTTP2_PING_EVERY: Duration = Duration::from_secs(20);
const HTTP2_PONG_WITHIN: Duration = Duration::from_secs(10);
/// After an `accept` that failed, say for want of file handles, which others will give back.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Serves until `stop`, then takes no new connections and lets requests in flight end, for at most
/// [`Limits::drain_ms_max`].
pub async fn serve(router: Router, listener: TcpListener, limits: Limits, stop: CancellationToken) {
    let limits = Arc::new(limits);
    let builder = Arc::new(protocols(&limits));
    let graceful = GracefulShutdown::new();
    // Ends the connections that outlast the drain.
    let cut = CancellationToken::new();
    let places = Arc::new(Semaphore::new(limits.connections_max));
    loop {
        let accepted = async {
            // Closed only with the program; then there is nothing more to accept.
            let place = places.clone().acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let (accepted, place) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accepted => match accepted {
                Some(accepted) => accepted,
                None => break,
            },
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_AGAIN_AFTER).await;
                continue;
            }
        };
        let connection = Connection {
            stream,
            router: router.clone(),
            builder: builder.clone(),
            limits: limits.clone(),
        };
        let (watcher, cut) = (graceful.watcher(), cut.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = connection.run(watcher) => {}
                () = cut.cancelled() => {}
            }
            drop(place);
        });
    }
    drop(listener);
    if timeout(limits.drain(), graceful.shutdown()).await.is_err() {
        tracing::warn!(
            drain_ms = limits.drain_ms_max,
            "requests were still in flight when the time to end them was over"
        );
    }
    cut.cancel();
}

fn protocols(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read())
        .max_headers(limits.headers_max)
        .max_buf_size(limits.header_bytes_max.max(HEADER_BYTES_MIN));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.http2_streams_max)
        .max_header_list_size(u32::try_from(limits.header_bytes_max).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(HTTP2_RESETS_MAX)
        .keep_alive_interval(HTTP2_PING_EVERY)
        .keep_alive_timeout(HTTP2_PONG_WITHIN);
    builder
}

struct Connection {
    stream: TcpStream,
    router: Router,
    builder: Arc<Builder<TokioExecutor>>,
    limits: Arc<Limits>,
}

impl Connection {
    async fn run(self, watcher: hyper_util::server::graceful::Watcher) {
        // Small answers should not wait for more to send.
        if self.stream.set_nodelay(true).is_err() {
            return;
        }
        let stream = Stall::new(self.stream, self.limits.write_stall());
        let asked = Arc::new(AtomicBool::new(false));
        let service = {
            let (router, asked) = (self.router, asked.clone());
            service_fn(move |request: hyper::Request<Incoming>| {
                asked.store(true, Ordering::Relaxed);
                router.clone().oneshot(request.map(axum::body::Body::new))
            })
        };
        let connection = self
            .builder
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        let mut connection = std::pin::pin!(watcher.watch(connection));
        // Until the first request is there nobody else keeps the time: which HTTP it is has yet to be seen.
        let first = tokio::select! {
            ended = &mut connection => Some(ended),
            () = sleep(self.limits.header_read()) => None,
        };
        let ended = match first {
            Some(ended) => ended,
            None if asked.load(Ordering::Relaxed) => connection.await,
            None => return,
        };
        if let Err(error) = ended {
            // Strangers hang up and send rubbish all day; that is no trouble of ours.
            tracing::debug!(%error, "a connection ended");
        }
    }
}
