//! The simulator's own accept loop: it can do what a proper HTTP server never does, which is to reset a
//! connection in the middle of a call, and it can show another certificate from one connection to the next.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::Simulator;
use crate::faults::Cut;
use crate::tls::Desk;

/// More wait to be accepted.
const CONNECTIONS_MAX: usize = 10_000;
/// A client that connects and does not speak TLS.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);
/// After an accept that failed for want of files or memory.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// Serves the simulator until `stop`; calls that hang on purpose are let go then. Notices are
/// [`Simulator::run_notices`]'s.
pub async fn serve(
    simulator: Simulator,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let desk = simulator.desk.get().cloned();
    if simulator.public_url.is_none() {
        let scheme = if desk.is_some() { "https" } else { "http" };
        simulator.set_public_url(&format!("{scheme}://{}", listener.local_addr()?));
    }
    let tls = match &desk {
        Some(desk) => Some(TlsAcceptor::from(Arc::new(
            desk.server_config().map_err(io::Error::other)?,
        ))),
        None => None,
    };
    let ending = watch::Sender::new(false);
    let door = Door {
        router: simulator.router(),
        tls,
        desk,
        ending: ending.subscribe(),
    };
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            (accepted, place) = accepted => match (accepted, place) {
                (Ok((stream, _)), Ok(place)) => {
                    connections.spawn(door.clone().let_in(stream, place));
                }
                _ => tokio::time::sleep(ACCEPT_AGAIN).await,
            },
        }
    }
    simulator.lines.iter().for_each(|line| line.close());
    ending.send_replace(true);
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

#[derive(Clone)]
struct Door {
    router: Router,
    tls: Option<TlsAcceptor>,
    desk: Option<Arc<Desk>>,
    ending: watch::Receiver<bool>,
}

impl Door {
    async fn let_in(self, stream: TcpStream, place: OwnedSemaphorePermit) {
        // Small answers must not wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let scissors = Scissors::default();
        let cuttable = Cuttable {
            stream,
            scissors: scissors.clone(),
        };
        // Before the handshake, so that a change during it is not missed.
        let changes = self.desk.as_ref().map(|desk| desk.changes());
        match self.tls.clone() {
            None => self.answer(cuttable, scissors, changes).await,
            Some(tls) => {
                let mut ending = self.ending.clone();
                let handshake = tokio::select! {
                    handshake = tokio::time::timeout(HANDSHAKE_DEADLINE, tls.accept(cuttable)) => handshake,
                    _ = ending.wait_for(|ending| *ending) => return,
                };
                match handshake {
                    Ok(Ok(stream)) => self.answer(stream, scissors, changes).await,
                    Ok(Err(error)) => tracing::debug!(%error, "a client does not like the certificate"),
                    Err(_) => {}
                }
            }
        }
        drop(place);
    }

    async fn answer(
        mut self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        scissors: Scissors,
        mut changes: Option<watch::Receiver<crate::tls::Certificate>>,
    ) {
        let router = self.router;
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let (router, scissors) = (router.clone(), scissors.clone());
            async move {
                let response = match router.oneshot(request.map(Body::new)).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                };
                if response.extensions().get::<Cut>().is_some() {
                    scissors.cut();
                    return Err(io::Error::from(io::ErrorKind::ConnectionReset));
                }
                Ok(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let another_certificate = async {
            match &mut changes {
                Some(changes) => drop(changes.changed().await),
                None => std::future::pending().await,
            }
        };
        let ending = self.ending.wait_for(|ending| *ending);
        let finish = tokio::select! {
            _ = connection.as_mut() => false,
            () = another_certificate => true,
            _ = ending => true,
        };
        if finish {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Says of one connection that it does not end, but breaks.
#[derive(Clone, Default)]
struct Scissors(Arc<AtomicBool>);

impl Scissors {
    fn cut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A connection that can be reset. A socket that is closed with nothing to linger for sends RST instead of FIN.
struct Cuttable {
    stream: TcpStream,
    scissors: Scissors,
}

impl Drop for Cuttable {
    fn drop(&mut self) {
        if self.scissors.0.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.scissors.0.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
