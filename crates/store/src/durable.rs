//! Whether a database keeps what it acknowledges. Asked by whoever judges an installation.

use crate::Fault;
use crate::store::{Backend, Store};
use crate::value::Row;

/// A setting of the database on which durability hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durability {
    pub setting: &'static str,
    pub value: String,
    /// False: an acknowledged commit may be gone after a crash or loss of power.
    pub safe: bool,
}

const POSTGRES_SETTINGS: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];

impl Store {
    /// The settings in force. Where an engine does not know one of them, it is left out.
    pub async fn durability(&self) -> Result<Vec<Durability>, Fault> {
        match self.backend() {
            Backend::Sqlite(_) => {
                let row = self.row("PRAGMA journal_mode", Vec::new()).await?;
                let value = row.map(|mut row: Row| row.text()).transpose()?.unwrap_or_default();
                // `synchronous` is set by us on each connection that writes.
                let safe = value.eq_ignore_ascii_case("wal");
                Ok(vec![Durability {
                    setting: "journal_mode",
                    value,
                    safe,
                }])
            }
            Backend::Postgres(_) => {
                let row = self
                    .row(
                        "SELECT current_setting('fsync', true), current_setting('full_page_writes', true),
                                current_setting('synchronous_commit', true)",
                        Vec::new(),
                    )
                    .await?;
                let Some(mut row) = row else { return Ok(Vec::new()) };
                let mut found = Vec::new();
                for setting in POSTGRES_SETTINGS {
                    if let Some(value) = row.opt_text()? {
                        found.push(Durability {
                            setting,
                            safe: value != "off",
                            value,
                        });
                    }
                }
                Ok(found)
            }
        }
    }
}
