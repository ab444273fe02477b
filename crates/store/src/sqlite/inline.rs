//! The writer as a task instead of a thread: for simulations, which have one thread and a clock of their own.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::watch;

use super::place::Place;
use super::writer::{Writer, stop_writing};
use crate::chain::Chain;
use crate::queue::{Attendance, Queue};
use crate::stats::Counters;
use crate::{Disk, Options};

/// What the writer keeps from one group to the next.
struct Kept {
    connection: Connection,
    chain: Option<Chain>,
}

pub(super) fn start(
    connection: Connection,
    place: Place,
    disk: Arc<dyn Disk>,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    options: Options,
    ended: watch::Sender<bool>,
) {
    // Statements borrow the connection, so they cannot be kept where a task waits; they are made anew for each
    // group, which a server could not afford.
    let kept = Mutex::new(Kept {
        connection,
        chain: None,
    });
    tokio::spawn(async move {
        let _attendance = Attendance(queue.clone());
        while queue.filled().await {
            disk.before().await;
            let (answers, stop) = {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let Kept { connection, chain } = &mut *kept;
                let mut writer = Writer::new(connection, place.clone(), &options);
                writer.chain = chain.take();
                let outcome = writer.group(queue.take(options.group_max.max(1)), &counters);
                *chain = writer.chain.take();
                outcome
            };
            disk.after().await;
            answers.give();
            if let Some(fault) = stop {
                stop_writing(&queue, &fault);
                break;
            }
        }
        // Nobody may be waiting for the end.
        let _ = ended.send(true);
    });
}
