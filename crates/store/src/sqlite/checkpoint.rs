//! Moves pages from the write-ahead log to the database file beside the writer, so that the writer
//! seldom has to.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::query;
use super::writer::{must_be_opened_again, stop_writing};
use crate::Fault;
use crate::queue::Queue;

/// Groups between two looks at the log.
const LOOK_EVERY: u32 = 32;
/// Pages in the log that are worth moving.
const PAGES_MIN: i64 = 4_000;

pub(super) struct Checkpointer {
    groups: std::cell::Cell<u32>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

/// Before anything is acknowledged. The program before may have ended because a flush failed: what it wrote is
/// then in the kernel's memory, looks whole, and will never reach the disk. The log's pages, written and
/// flushed once more, do; and the log begins anew, so that no hole in it can cost what comes after.
pub(super) fn move_all(connection: &Connection) -> Result<(), Fault> {
    query(connection, "PRAGMA wal_checkpoint(PASSIVE)", &[]).map(drop)
}

pub(super) fn start(connection: Connection, queue: Arc<Queue>) -> Checkpointer {
    let (wake, woken) = sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("store-checkpoint".to_owned())
        .spawn(move || run(&connection, &woken, &queue));
    if let Err(error) = &thread {
        tracing::warn!(%error, "no thread for checkpoints: the writer makes them itself");
    }
    Checkpointer {
        groups: std::cell::Cell::new(0),
        wake,
        thread: thread.ok(),
    }
}

impl Checkpointer {
    /// A group was written.
    pub fn wrote(&self) {
        let groups = self.groups.get() + 1;
        self.groups.set(groups % LOOK_EVERY);
        if groups == LOOK_EVERY {
            match self.wake.try_send(()) {
                // It is at work already, or was never there.
                Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
            }
        }
    }

    pub fn stop(self) {
        drop(self.wake);
        if let Some(thread) = self.thread {
            // A panic there has been reported; the log is whole without it.
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, woken: &Receiver<()>, queue: &Queue) {
    while woken.recv().is_ok() {
        match look(connection) {
            Ok(()) => {}
            // A disk that could not flush this file will not be believed about the other.
            Err(Fault::Unknown { source }) => return stop_writing(queue, &must_be_opened_again(source)),
            Err(fault) => tracing::warn!(error = &fault as &dyn std::error::Error, "a checkpoint failed"),
        }
    }
}

fn look(connection: &Connection) -> Result<(), Fault> {
    // NOOP only counts: whether it was busy, pages in the log, pages of them moved.
    let counted = query(connection, "PRAGMA wal_checkpoint(NOOP)", &[])?.pop();
    let Some(mut counted) = counted else {
        return Ok(());
    };
    let (_busy, pages, moved) = (counted.int()?, counted.int()?, counted.int()?);
    if pages - moved >= PAGES_MIN {
        query(connection, "PRAGMA wal_checkpoint(PASSIVE)", &[])?;
    }
    Ok(())
}
