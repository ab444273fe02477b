use std::sync::Arc;

use vocabulary::{Chance, Clock, Secret};

use crate::Disk;

/// How a store behaves. Every number is a limit.
#[derive(Clone)]
pub struct Options {
    pub clock: Arc<dyn Clock>,
    pub chance: Chance,
    /// Seals the secrets that rows hold.
    pub sealing_key: Secret<[u8; 32]>,
    /// Keys that sealed what is still there: tried on reading, never used for writing.
    pub old_sealing_keys: Vec<Secret<[u8; 32]>>,
    /// Most change sets in one commit.
    pub group_max: usize,
    /// Most change sets that may wait; one more is refused with [`crate::Fault::Busy`].
    pub queue_max: usize,
    /// PostgreSQL: connections that write. More than four cost more than they bring.
    pub writers: usize,
    /// Connections that read.
    pub readers: usize,
    /// How long to wait for another program that locks the SQLite file, and for a connection to PostgreSQL.
    pub patience_ms: u64,
    /// SQLite: most bytes the database file may grow to; `None`: as far as the disk goes.
    pub file_bytes_max: Option<u64>,
    /// PostgreSQL: how long callers wait to learn what became of a commit that was cut off.
    pub doubt_ms: u64,
    /// SQLite: no threads. Everything happens in tasks of the caller's runtime, so that a simulation with one
    /// thread and a seed can be played again, on a disk that it thinks up. Not for a server.
    pub inline: Option<Arc<dyn Disk>>,
}

impl Options {
    pub fn new(clock: Arc<dyn Clock>, chance: Chance, sealing_key: Secret<[u8; 32]>) -> Options {
        Options {
            clock,
            chance,
            sealing_key,
            old_sealing_keys: Vec::new(),
            group_max: 256,
            queue_max: 4_096,
            writers: 2,
            readers: 4,
            patience_ms: 3_000,
            file_bytes_max: None,
            doubt_ms: 10_000,
            inline: None,
        }
    }
}
