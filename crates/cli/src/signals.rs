//! Being asked to stop.

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::stop::Next;

/// Listens for SIGTERM (a supervisor) and SIGINT (Ctrl-C) from its making on.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub fn new() -> anyhow::Result<Signals> {
        let take = |kind| {
            signal(kind)
                .context("signals cannot be received")
                .next("look at the limits of this user")
        };
        Ok(Signals {
            terminate: take(SignalKind::terminate())?,
            interrupt: take(SignalKind::interrupt())?,
        })
    }

    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Runs the orderly end, unless somebody asks a second time. Returns whether it came to its end.
    pub async fn unless_asked_again(&mut self, end: impl Future<Output = ()>) -> bool {
        tokio::select! {
            () = end => true,
            () = self.asked() => {
                tracing::warn!("asked twice to stop: what is unfinished is taken up at the next start");
                false
            }
        }
    }
}
