//! What can be typed after `narupay`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use pg_simulator::Certificate;
use vocabulary::Timestamp;

/// NaruPay: the payment system an online shop runs itself.
#[derive(Debug, Parser)]
#[command(name = "narupay", version, arg_required_else_help = true, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Everything on this machine: NaruPay, a simulated PG and a sample shop. Needs no set-up and no network
    Demo(Demo),
    /// Run NaruPay as narupay.toml says
    Serve(Serve),
    /// Run the PG simulator alone, to test a shop or a PG client against
    Simulate(Simulate),
    /// Is this installation fit to go live? (exit code 1: it is not)
    Check(Check),
    /// Bring the database's schema up to this program's
    Migrate(Migrate),
    /// How fast is this machine? Payments over HTTP against a server of its own, beside the bare database
    Bench(Bench),
    /// Trial balance, and whether payments, ledger and event record agree (exit code 1: they do not)
    Books(Books),
    /// Ask the PGs now how payments stand, whatever is due when (exit code 1: something is still not known)
    Recheck(Recheck),
    /// What does not end by itself, with all that is known of it and what to do (exit code 1: there is something)
    Worklist(Worklist),
}

#[derive(Debug, clap::Args)]
pub struct Demo {
    /// NaruPay's port; the simulator takes the tenth and the shop the twentieth after it. 0: any that are free
    #[arg(long, default_value_t = 4000)]
    pub port: u16,
    /// Folder for the database, keys and configuration
    #[arg(long, value_name = "DIR", default_value = "narupay-data")]
    pub data: PathBuf,
    /// Another database than the SQLite file in the data folder: sqlite:FILE or postgres://…
    #[arg(long, value_name = "URL", env = "NARUPAY_DATABASE_URL", hide_env_values = true)]
    pub database: Option<String>,
    /// Shoppers that buy by themselves, a minute
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=6000))]
    pub traffic: u32,
    /// Let a share of the calls to the PG go wrong, as timeout-after=0.05 or cancel-5xx-before=0.1; without =SHARE
    /// the next call. May be given several times
    #[arg(long, value_name = "[OPERATION-]FAULT[=SHARE]")]
    pub fault: Vec<String>,
    /// Which shoppers come: the same seed, the same shoppers
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Start at this time instead of now, as 2027-01-01T09:00:00+09:00
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub clock: Option<Timestamp>,
    /// One line of JSON on standard output once everything is ready
    #[arg(long)]
    pub json: bool,
    /// A level, or a filter as info,flows=debug
    #[arg(long, value_name = "LEVEL", env = "NARUPAY_LOG", default_value = "warn")]
    pub log: String,
}

#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    pub from: From,
    /// Start at this time instead of now; only where no money is real
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub clock: Option<Timestamp>,
    /// One line of JSON on standard output once it is ready
    #[arg(long)]
    pub json: bool,
    /// Answers approvals in the program itself, with no PG at all: for measuring
    #[arg(long, hide = true)]
    pub pg_in_process: bool,
}

#[derive(Debug, clap::Args)]
pub struct Simulate {
    /// Where to listen, as 127.0.0.1:4010
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:4010")]
    pub listen: String,
    /// How browsers reach it, when that is not where it listens
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// A merchant as MID,CLIENT_KEY,SECRET_KEY; may be given several times. Without one: the keys of the PG's manual
    #[arg(long, value_name = "MERCHANT")]
    pub merchant: Vec<String>,
    /// Where the merchants' notices go; may be given several times
    #[arg(long, value_name = "URL")]
    pub notices_to: Vec<String>,
    /// Take the merchants from the simulated PG accounts of this configuration
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Let a share of the calls go wrong, as timeout-after=0.05 or cancel-5xx-before=0.1; without =SHARE the next
    /// call. May be given several times
    #[arg(long, value_name = "[OPERATION-]FAULT[=SHARE]")]
    pub fault: Vec<String>,
    /// Speak TLS with this certificate: good, expired, wrong-host or untrusted. Its console changes it later
    #[arg(long, value_name = "CERTIFICATE", value_parser = certificate)]
    pub tls: Option<Certificate>,
    /// Write the authority here, in PEM, that a client of the good certificate has to trust
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub tls_ca: Option<PathBuf>,
    /// Numbers, keys and the calls that go wrong come from it
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Start at this time instead of now
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub clock: Option<Timestamp>,
    /// One line of JSON on standard output once it is ready
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Check {
    #[command(flatten)]
    pub from: From,
    /// Also try to reach the shops' webhook addresses
    #[arg(long)]
    pub reach: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Migrate {
    #[command(flatten)]
    pub from: From,
    /// Only tell how the schema stands (exit code 1: something is to be done)
    #[arg(long)]
    pub status: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Books {
    #[command(flatten)]
    pub from: From,
    /// Compare with what the PGs have, too: each is asked about its payments, and for its own list
    #[arg(long)]
    pub pg: bool,
    /// With --pg: payments created from this time on; without it those of the last seven days
    #[arg(long, value_name = "TIME", requires = "pg", value_parser = moment)]
    pub since: Option<Timestamp>,
    /// With --pg: payments created before this time; without it until now
    #[arg(long, value_name = "TIME", requires = "pg", value_parser = moment)]
    pub until: Option<Timestamp>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Worklist {
    #[command(flatten)]
    pub from: From,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Recheck {
    #[command(flatten)]
    pub from: From,
    /// Payments by id (pay_…) or by the shop's order id
    #[arg(value_name = "PAYMENT", required_unless_present = "all_open")]
    pub payments: Vec<String>,
    /// Every payment with a question to a PG that is still open
    #[arg(long)]
    pub all_open: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Bench {
    /// sqlite, postgres (starts a server of its own, if one is installed), or postgres://… of a server that may make databases
    #[arg(long, value_name = "DATABASE", default_value = "sqlite")]
    pub database: String,
    /// Payments a second at the fixed rate; without it half of what full load reached
    #[arg(long, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate: Option<u32>,
    /// Length of each measurement
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub seconds: u32,
    /// Shoppers at once
    #[arg(long, value_name = "C", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub connections: u32,
    /// The PG's answers are made in the server's own process, instead of by the simulator over HTTP
    #[arg(long)]
    pub in_process_pg: bool,
    /// The simulated PG takes so long to answer
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub pg_ms: u32,
    /// Which amounts and orders: the same seed, the same payments
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only the time from start to ready, the idle memory and the size of the program
    #[arg(long)]
    pub start: bool,
    #[arg(long)]
    pub json: bool,
}

/// Which installation is meant.
#[derive(Debug, Clone, clap::Args)]
pub struct From {
    /// The configuration; without it ./narupay.toml, then ./narupay-data/narupay.toml
    #[arg(long, value_name = "FILE", env = "NARUPAY_CONFIG")]
    pub config: Option<PathBuf>,
}

fn certificate(text: &str) -> Result<Certificate, String> {
    Certificate::parse(text).ok_or_else(|| format!("one of {}", Certificate::ALL.map(Certificate::as_str).join(", ")))
}

fn moment(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "write it as 2027-01-01T09:00:00+09:00".to_owned())
}
