use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use crate::Database;

const SCRIPT: &str = include_str!("server.sh");
const HOW_TO_INSTALL: &str = "PostgreSQL's server programs were not found in PATH or /usr/lib/postgresql/*/bin: \
     install them (Debian, Ubuntu: `apt-get install postgresql`; Fedora: `dnf install postgresql-server`; \
     macOS: `brew install postgresql`)";

/// Whether the server waits for the disk. Only a benchmark needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushing {
    On,
    Off,
}

/// A PostgreSQL server in a temporary folder. It ends with its last holder or with this process.
pub struct Server {
    socket: String,
    child: Child,
    talk: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
    databases: AtomicU32,
    template: OnceCell<()>,
}

/// The folder of the server programs; empty if they are in the path. `None`: not installed.
pub fn binaries() -> Option<PathBuf> {
    let in_path =
        std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| has_server(&folder)));
    if in_path {
        return Some(PathBuf::new());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<PathBuf> = versions.flatten().map(|version| version.path().join("bin")).collect();
    folders.retain(|folder| has_server(folder));
    folders.sort();
    folders.pop()
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_isready"]
        .iter()
        .all(|program| folder.join(program).is_file())
}

impl Server {
    /// The one server of this process, started on first use; `None` where PostgreSQL is not installed.
    pub fn shared() -> Option<&'static Server> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED
            .get_or_init(|| {
                let found = binaries();
                let required = std::env::var_os("NARUPAY_TEST_POSTGRES").is_some_and(|value| value == "required");
                assert!(found.is_some() || !required, "{HOW_TO_INSTALL}");
                if found.is_none() {
                    eprintln!("these tests run on SQLite alone. {HOW_TO_INSTALL}");
                }
                found.map(|folder| Server::start(&folder, Flushing::Off))
            })
            .as_ref()
    }

    /// A server of a test's own, which it may kill.
    pub fn own(flushing: Flushing) -> Option<Server> {
        binaries().map(|folder| Server::start(&folder, flushing))
    }

    fn start(folder: &Path, flushing: Flushing) -> Server {
        let mut command = as_ordinary_user();
        let fsync = match flushing {
            Flushing::On => "on",
            Flushing::Off => "off",
        };
        command.args(["sh", "-c", SCRIPT, "server.sh"]).arg(folder).arg(fsync);
        let mut child = command
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell can be started");
        let stdin = child.stdin.take().expect("its input is ours");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output is ours"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the server's script speaks");
        let socket = line.trim().strip_prefix("socket ").unwrap_or_default().to_owned();
        assert!(!socket.is_empty(), "PostgreSQL did not start; its own words are above");
        Server {
            socket,
            child,
            talk: Mutex::new(Some((stdin, stdout))),
            databases: AtomicU32::new(0),
            template: OnceCell::new(),
        }
    }

    /// A new, migrated database.
    pub async fn fresh(&self) -> Database {
        Database::at(self.database_from_template().await)
    }

    /// The number of the server's main process, parent of all others.
    pub fn process(&self) -> Option<u32> {
        // Its first line holds it.
        let file = std::fs::read_to_string(format!("{}/data/postmaster.pid", self.socket)).ok()?;
        file.lines().next()?.trim().parse().ok()
    }

    /// Ends the server as a crash would.
    pub fn kill(&self) {
        assert_eq!(self.tell("kill"), "killed");
    }

    /// Starts it again after [`Server::kill`].
    pub fn start_again(&self) {
        assert_eq!(self.tell("start"), "started");
    }

    fn tell(&self, command: &str) -> String {
        let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        let (stdin, stdout) = talk.as_mut().expect("the server runs until it is dropped");
        writeln!(stdin, "{command}").expect("the server's script listens");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the server's script speaks");
        line.trim().to_owned()
    }

    /// A new database, empty but for our tables.
    pub async fn database_from_template(&self) -> String {
        self.template
            .get_or_init(|| async {
                self.execute("CREATE DATABASE naru_template").await;
                crate::migrate(&self.url("naru_template")).await;
            })
            .await;
        self.create("TEMPLATE naru_template").await
    }

    /// A new database without tables.
    pub async fn database(&self) -> String {
        self.create("").await
    }

    async fn create(&self, like: &str) -> String {
        let name = format!("naru_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.execute(&format!("CREATE DATABASE {name} {like}")).await;
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@/{database}?host={}",
            self.socket.replace('/', "%2F")
        )
    }

    async fn execute(&self, sql: &str) {
        let url = self.url("postgres");
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("the server answers");
        let running = tokio::spawn(connection);
        client.batch_execute(sql).await.expect("the server obeys");
        drop(client);
        // Ended by the drop above.
        let _ = running.await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(talk) = self.talk.get_mut() {
            // Its input ends: the script stops the server and removes its folder.
            talk.take();
        }
        let _ = self.child.wait();
    }
}

/// PostgreSQL refuses to run as root.
fn as_ordinary_user() -> Command {
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| {
        use std::os::unix::fs::MetadataExt;
        me.uid() == 0
    });
    if !root {
        return Command::new("env");
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let has = |name: &str| users.lines().any(|line| line.split(':').next() == Some(name));
    let user = if has("postgres") { "postgres" } else { "nobody" };
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={user}"))
        .arg("--regid")
        .arg(group_of(&users, user))
        .args(["--clear-groups", "env", "HOME=/tmp"]);
    command
}

fn group_of(users: &str, name: &str) -> String {
    users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&name))
        .and_then(|fields| fields.get(3).map(|group| (*group).to_owned()))
        .unwrap_or_else(|| "65534".to_owned())
}
