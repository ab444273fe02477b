use std::time::Duration;

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use uuid::Uuid;
use vocabulary::{Chance, Clock};

use super::connect::Connector;
use super::types::{fault, row};
use crate::Fault;
use crate::migrate::{self, Applied, Dialect, Migrated, Migration};
use crate::value::Value;

/// How long a program that migrates keeps others out if it dies meanwhile.
const LEASE: vocabulary::Duration = vocabulary::Duration::minutes(2);
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Looks at a lock that someone else holds before giving up: longer than its lease.
const LOOKS_MAX: u32 = 700;
/// Two programs may create the same table at once; PostgreSQL lets one of them fail.
const CREATES_MAX: u32 = 5;

const CREATE_LOCK: &str =
    "CREATE TABLE IF NOT EXISTS schema_lock (id BIGINT NOT NULL PRIMARY KEY, holder UUID, until BIGINT NOT NULL)";
const LOCK: &str = "INSERT INTO schema_lock (id, holder, until) VALUES (1, $1, $2)
     ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE schema_lock.until < $3";
const UNLOCK: &str = "UPDATE schema_lock SET until = 0 WHERE id = 1 AND holder = $1";

/// One program at a time, held by a row with a lease: not every engine has advisory locks.
pub(super) async fn migrate(connector: &Connector, clock: &dyn Clock, chance: &Chance) -> Result<Migrated, Fault> {
    let client = connector.connect().await?;
    create_tables(&client).await?;
    // Nothing to do is the usual case and needs no lock.
    if migrate::missing(&applied(&client).await?)?.is_empty() {
        return Ok(migrate::migrated(&[]));
    }
    let holder = Value::Id(Uuid::from_bytes(chance.bytes()));
    lock(&client, &holder, clock).await?;
    let done = apply_all(&client, clock).await;
    let unlocked = client.execute(UNLOCK, &[&holder]).await;
    let done = done?;
    unlocked.map_err(fault)?;
    Ok(migrate::migrated(&done))
}

async fn create_tables(client: &Client) -> Result<(), Fault> {
    let mut tries = 0;
    loop {
        tries += 1;
        let made = client
            .batch_execute(&format!("{}; {CREATE_LOCK}", migrate::CREATE_JOURNAL))
            .await;
        match made {
            Ok(()) => return Ok(()),
            Err(error)
                if tries < CREATES_MAX
                    && error.code().is_some_and(|code| {
                        [
                            SqlState::UNIQUE_VIOLATION,
                            SqlState::DUPLICATE_TABLE,
                            SqlState::DUPLICATE_OBJECT,
                        ]
                        .contains(code)
                    }) => {}
            Err(error) => return Err(fault(error)),
        }
    }
}

async fn lock(client: &Client, holder: &Value, clock: &dyn Clock) -> Result<(), Fault> {
    for _ in 0..LOOKS_MAX {
        let now = clock.now();
        let (until, now) = (Value::from(now + LEASE), Value::from(now));
        if client.execute(LOCK, &[holder, &until, &now]).await.map_err(fault)? == 1 {
            return Ok(());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Err(Fault::Unavailable {
        why: "another program has been migrating the schema for too long",
        source: None,
    })
}

async fn apply_all(client: &Client, clock: &dyn Clock) -> Result<Vec<&'static Migration>, Fault> {
    let mut done = Vec::new();
    // Read again under the lock: whoever held it before may have done the work.
    for migration in migrate::missing(&applied(client).await?)? {
        apply(client, migration, clock).await?;
        done.push(migration);
    }
    Ok(done)
}

async fn apply(client: &Client, migration: &Migration, clock: &dyn Clock) -> Result<(), Fault> {
    client.batch_execute("BEGIN").await.map_err(fault)?;
    let journal = [
        Value::from(migration.number),
        Value::from(migration.name),
        Value::from(migration.checksum()),
        clock.now().into(),
    ];
    let journal: Vec<&(dyn ToSql + Sync)> = journal.iter().map(|value| value as _).collect();
    let written = async {
        client.batch_execute(&migration.sql(Dialect::Postgres)).await?;
        client.execute(migrate::WRITE_JOURNAL, &journal).await?;
        client.batch_execute("COMMIT").await
    };
    match written.await {
        Ok(()) => Ok(()),
        Err(error) => {
            // If this fails too the connection is gone and the server rolls back by itself.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(fault(error))
        }
    }
}

async fn applied(client: &Client) -> Result<Vec<Applied>, Fault> {
    let rows = client.query(migrate::READ_JOURNAL, &[]).await.map_err(fault)?;
    rows.iter().map(|found| Applied::from_row(row(found)?)).collect()
}
