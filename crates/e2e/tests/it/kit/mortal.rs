use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration as StdDuration;

use connectors::http::{Request, Response, Transport, TransportError, Wire};
use tokio::sync::Notify;

/// A server's way to its PG. It gives up long before a real connector would: what hangs here hangs on
/// purpose. And it may die at a call, and with it the server.
pub struct Mortal {
    wire: Wire,
    calls: AtomicU32,
    /// At which call, and when.
    dies: Mutex<Option<(u32, Moment)>>,
    died: Notify,
    pub(super) buried: Notify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// All is saved, and the PG was not asked.
    Before,
    /// The PG has answered, and nothing of it is saved.
    After,
}

impl Mortal {
    pub(super) fn new() -> Arc<Mortal> {
        Arc::new(Mortal {
            wire: Wire::new().unwrap(),
            calls: AtomicU32::new(0),
            dies: Mutex::new(None),
            died: Notify::new(),
            buried: Notify::new(),
        })
    }

    /// How often the PG was asked.
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Dies at the `number`th call from now, the next being 0.
    pub fn dies_at(&self, number: u32, moment: Moment) {
        *self.dies.lock().unwrap() = Some((self.calls() + number, moment));
    }

    pub fn lives(&self) {
        *self.dies.lock().unwrap() = None;
    }

    pub async fn died(&self) {
        self.died.notified().await;
    }

    async fn die(&self) -> Result<Response, TransportError> {
        self.died.notify_one();
        self.buried.notified().await;
        Err(TransportError::NoAnswer("the server is dead".to_owned()))
    }
}

impl Transport for Mortal {
    fn send(
        &self,
        mut request: Request,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + '_>> {
        request.deadline = StdDuration::from_millis(400);
        Box::pin(async move {
            let number = self.calls.fetch_add(1, Ordering::SeqCst);
            let dies = self.dies.lock().unwrap().filter(|(at, _)| *at <= number);
            match dies {
                Some((_, Moment::Before)) => self.die().await,
                Some((_, Moment::After)) => {
                    let _ = self.wire.send(request).await;
                    self.die().await
                }
                None => self.wire.send(request).await,
            }
        })
    }
}
