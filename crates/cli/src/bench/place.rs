//! Where a measurement happens: a folder, a database and a server process of its own, all gone afterwards.

use std::path::{Path, PathBuf};
use std::process::{Child as StdChild, Command as StdCommand, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use vocabulary::Chance;

use super::process;
use crate::args::Bench;
use crate::stop::Next;

/// The very program that runs, even if its file was replaced meanwhile.
pub const THIS_PROGRAM: &str = "/proc/self/exe";
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A folder that goes when this does.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> anyhow::Result<Folder> {
        let name = format!("narupay-bench-{:016x}", u64::from_le_bytes(Chance::system().bytes()));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)
            .with_context(|| format!("{} cannot be made", path.display()))
            .next("set TMPDIR to a folder you may write to, on the disk to be measured")?;
        Ok(Folder(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The kind of file system: on one in memory a durable write costs nothing.
    pub fn file_system(&self) -> String {
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        let holds = mounts.lines().filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            let (place, kind) = (fields.next()?, fields.next()?);
            self.0.starts_with(place).then_some((place.len(), kind))
        });
        holds
            .max()
            .map_or_else(|| "unknown".to_owned(), |(_, kind)| kind.to_owned())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The database under the server, and an empty one beside it for the bare write set.
pub struct Database {
    pub url: String,
    pub bare_url: String,
    server: Option<Postgres>,
    /// Databases made on somebody's server: its address, and their names.
    made: Option<(String, [String; 2])>,
}

impl Database {
    pub async fn make(options: &Bench, folder: &Folder) -> anyhow::Result<Database> {
        let beside = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        match options.database.as_str() {
            "sqlite" => Ok(Database {
                url: beside("bench.db"),
                bare_url: beside("bare.db"),
                server: None,
                made: None,
            }),
            "postgres" => {
                let server = Postgres::start(folder.path())?;
                let base = server.url("postgres");
                Database::on(base, Some(server)).await
            }
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Database::on(url.to_owned(), None).await
            }
            other => Err(anyhow!("`{other}` is no database to measure")).next("use sqlite, postgres or postgres://…"),
        }
    }

    async fn on(base: String, server: Option<Postgres>) -> anyhow::Result<Database> {
        let run = u64::from_le_bytes(Chance::system().bytes());
        let names = ["server", "bare"].map(|what| format!("narupay_bench_{what}_{run:016x}"));
        for name in &names {
            execute(&base, &format!("CREATE DATABASE {name}")).await?;
        }
        Ok(Database {
            url: with_name(&base, &names[0])?,
            bare_url: with_name(&base, &names[1])?,
            server,
            made: Some((base, names)),
        })
    }

    /// CPU time of the database's own processes, where it has any on this machine.
    pub fn cpu(&self) -> Option<Duration> {
        self.made.as_ref()?;
        Some(match self.server.as_ref().and_then(Postgres::pid) {
            Some(pid) => process::cpu_of_family(pid),
            None => process::cpu_named("postgres"),
        })
    }

    pub async fn remove(self) {
        if self.server.is_some() {
            return;
        }
        if let Some((base, names)) = self.made {
            for name in names {
                if let Err(error) = execute(&base, &format!("DROP DATABASE {name} WITH (FORCE)")).await {
                    tracing::warn!(error = format!("{error:#}"), "the database {name} stays");
                }
            }
        }
    }
}

fn with_name(base: &str, name: &str) -> anyhow::Result<String> {
    // `postgres://user@/name?host=…`: no host, so not an address for the usual parser.
    let (head, query) = base
        .split_once('?')
        .map_or((base, None), |(head, query)| (head, Some(query)));
    let (scheme, rest) = head.split_once("://").context("an address without ://")?;
    let place = rest.split('/').next().unwrap_or_default();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Ok(format!("{scheme}://{place}/{name}{query}"))
}

async fn execute(url: &str, sql: &str) -> anyhow::Result<()> {
    let connected = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
    let (client, connection) = connected
        .context("PostgreSQL cannot be reached")
        .next("check the address; a local server is asked without TLS")?;
    let talking = tokio::spawn(connection);
    let done = client.batch_execute(sql).await;
    drop(client);
    let _ = talking.await;
    done.context("PostgreSQL refused")
        .next("name a user that may create databases")
}

/// A PostgreSQL server with its default durability, in the measurement's folder.
struct Postgres {
    folder: PathBuf,
    child: StdChild,
}

/// The script that tests use too: it ends the server when its input ends, however we end.
const SCRIPT: &str = include_str!("../../../testkit/src/server.sh");

impl Postgres {
    fn start(parent: &Path) -> anyhow::Result<Postgres> {
        let install =
            "install PostgreSQL's server (Debian, Ubuntu: apt-get install postgresql), or give a postgres:// address";
        let binaries = binaries()
            .context("PostgreSQL's initdb and postgres are not found")
            .next(install)?;
        // It runs as another user when we are root, who has no access to our folder.
        let mut child = as_ordinary_user()
            .args(["sh", "-c", SCRIPT, "server.sh"])
            .arg(&binaries)
            .arg("on")
            .current_dir("/")
            .env("TMPDIR", parent.parent().unwrap_or(Path::new("/tmp")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("PostgreSQL cannot be started")
            .next(install)?;
        let mut said = String::new();
        if let Some(out) = child.stdout.as_mut() {
            std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut said)?;
        }
        match said.trim().strip_prefix("socket ") {
            Some(folder) => Ok(Postgres {
                folder: folder.into(),
                child,
            }),
            None => Err(anyhow!("PostgreSQL did not start; its own words are above")).next(install),
        }
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@/{database}?host={}",
            self.folder.display().to_string().replace('/', "%2F")
        )
    }

    fn pid(&self) -> Option<u32> {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()?;
        file.lines().next()?.trim().parse().ok()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Its input ends, and with it the script and the server.
        self.child.stdin.take();
        let _ = self.child.wait();
    }
}

/// The folder of the server's programs; empty if they are in the path.
fn binaries() -> Option<PathBuf> {
    let has = |folder: &Path| {
        ["initdb", "postgres", "pg_isready"]
            .iter()
            .all(|program| folder.join(program).is_file())
    };
    if std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| has(&folder))) {
        return Some(PathBuf::new());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|folder| has(folder))
        .max()
}

/// PostgreSQL refuses to run as root.
fn as_ordinary_user() -> StdCommand {
    use std::os::unix::fs::MetadataExt;
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let find = |name: &str| {
        users
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields[0] == name)
    };
    let user = find("postgres")
        .or_else(|| find("nobody"))
        .filter(|fields| root && fields.len() > 3);
    let Some(user) = user else {
        return StdCommand::new("env");
    };
    let mut command = StdCommand::new("setpriv");
    command
        .arg(format!("--reuid={}", user[2]))
        .arg(format!("--regid={}", user[3]))
        .arg("--clear-groups");
    command
}

/// `narupay serve` in a process of its own, so that its cost can be told from the generator's.
pub struct Server {
    child: Child,
    pub pid: u32,
    /// `host:port`.
    pub address: String,
    pub ready_after: Duration,
}

#[derive(Deserialize)]
struct Ready {
    address: String,
}

impl Server {
    pub async fn start(config: &Path, database: &Database, in_process_pg: bool, log: &Path) -> anyhow::Result<Server> {
        let mut command = Command::new(THIS_PROGRAM);
        command
            .args(["serve", "--json", "--config"])
            .arg(config)
            .env("NARUPAY_DATABASE_URL", &database.url)
            .env("NARUPAY_LOG", "warn")
            .env_remove("NARUPAY_LISTEN")
            .env_remove("NARUPAY_PUBLIC_URL")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log).context("no log can be written")?)
            .kill_on_drop(true);
        if in_process_pg {
            command.arg("--pg-in-process");
        }
        let begun = Instant::now();
        let mut child = command.spawn().context("the server cannot be started")?;
        let out = child.stdout.take().context("the server has no output")?;
        let mut lines = BufReader::new(out).lines();
        let line = tokio::time::timeout(READY_WITHIN, lines.next_line())
            .await
            .context("the server was not ready in time")??;
        let ready_after = begun.elapsed();
        let Some(line) = line else {
            bail!("the server ended: {}", std::fs::read_to_string(log).unwrap_or_default());
        };
        let ready: Ready = serde_json::from_str(&line).context("the server says something else than it should")?;
        Ok(Server {
            pid: child.id().context("the server is gone")?,
            child,
            address: ready.address,
            ready_after,
        })
    }

    /// Ends it as a supervisor would, and waits for its end.
    pub async fn end(mut self) -> anyhow::Result<()> {
        let told = Command::new("kill")
            .arg("-TERM")
            .arg(self.pid.to_string())
            .status()
            .await;
        told.context("the server cannot be told to stop")?;
        let status = self.child.wait().await?;
        if !status.success() {
            bail!("the server ended with {status}");
        }
        Ok(())
    }
}
