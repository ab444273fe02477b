//! The figures, and the goals beside them.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::load::Load;
use super::process::Memory;
use crate::out;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub database: String,
    pub pg: String,
    pub file_system: String,
    pub cores: usize,
    pub load_average_before: String,
    pub load_average_after: String,
    pub seed: u64,
    pub optimised: bool,
    pub start: Start,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full: Option<Stretch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Stretch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bare: Option<Bare>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub books_clean: Option<bool>,
    pub goals: Vec<Goal>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Start {
    pub ready_ms: f64,
    pub idle_kib: u64,
    pub program_bytes: u64,
}

/// A stretch of load.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stretch {
    pub asked_per_second: Option<f64>,
    pub payments_per_second: f64,
    pub payments: u64,
    pub failed: u64,
    pub failures: Vec<String>,
    pub own_ms: Percentiles,
    pub waited_ms: Percentiles,
    pub server_cpu_us: f64,
    pub database_cpu_us: Option<f64>,
    /// Change sets per commit.
    pub group: f64,
    pub memory: Memory,
}

#[derive(Serialize)]
pub struct Percentiles {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bare {
    pub payments_per_second: f64,
    pub per_commit: usize,
}

#[derive(Serialize)]
pub struct Goal {
    pub what: &'static str,
    pub figure: f64,
    pub goal: f64,
    pub unit: &'static str,
    pub met: bool,
}

impl Percentiles {
    fn of(histogram: &Histogram<u64>) -> Percentiles {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
        Percentiles {
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
        }
    }
}

/// What processes spent during a stretch.
pub struct Spent {
    pub server: Duration,
    pub database: Option<Duration>,
    pub group: f64,
    pub memory: Memory,
}

impl Stretch {
    pub fn new(asked: Option<f64>, load: Load, spent: Spent) -> Stretch {
        let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / load.done.max(1) as f64;
        Stretch {
            asked_per_second: asked,
            payments_per_second: load.per_second(),
            payments: load.done,
            failed: load.failed,
            own_ms: Percentiles::of(&load.own),
            waited_ms: Percentiles::of(&load.waited),
            server_cpu_us: each(spent.server),
            database_cpu_us: spent.database.map(each),
            group: spent.group,
            memory: spent.memory,
            failures: load.failures,
        }
    }
}

impl Report {
    /// Sets the figures beside what we answer to.
    pub fn judge(&mut self, sqlite: bool, in_process_pg: bool) {
        let below = |what, figure: f64, goal, unit| Goal {
            what,
            figure,
            goal,
            unit,
            met: figure < goal,
        };
        let mut goals = vec![
            below("start to ready", self.start.ready_ms, 1000.0, "ms"),
            below("idle memory", self.start.idle_kib as f64 / 1024.0, 60.0, "MiB"),
            below("program", self.start.program_bytes as f64 / 1e6, 60.0, "MB"),
        ];
        if let Some(full) = &self.full {
            let goal = match (in_process_pg, sqlite) {
                (false, _) => 1500.0,
                (true, true) => 4500.0,
                (true, false) => 5500.0,
            };
            goals.push(Goal {
                what: "payments at full load",
                figure: full.payments_per_second,
                goal,
                unit: "/s",
                met: full.payments_per_second > goal,
            });
            let cpu = if sqlite { 400.0 } else { 300.0 };
            goals.push(below("server CPU per payment", full.server_cpu_us, cpu, "µs"));
            if let Some(database) = full.database_cpu_us {
                goals.push(below("database CPU per payment", database, 150.0, "µs"));
            }
        }
        if let Some(fixed) = &self.fixed {
            goals.push(below("own time p99 at the fixed rate", fixed.own_ms.p99, 5.0, "ms"));
        }
        self.goals = goals;
    }

    pub fn text(&self) -> String {
        let mut text = format!(
            "{}, PG {}, {} cores, data on {}, seed {}\nload average {} before, {} after\n",
            self.database,
            self.pg,
            self.cores,
            self.file_system,
            self.seed,
            self.load_average_before,
            self.load_average_after
        );
        if !self.optimised {
            text.push_str("THIS IS A DEBUG BUILD: its figures mean nothing (cargo run --release -- bench)\n");
        }
        text.push('\n');
        let rows: Vec<Vec<String>> = [("full load", &self.full), ("fixed rate", &self.fixed)]
            .iter()
            .filter_map(|(name, stretch)| Some(row(name, stretch.as_ref()?)))
            .collect();
        if !rows.is_empty() {
            let titles = [
                "",
                ">payments/s",
                ">failed",
                ">own p50",
                ">p99",
                ">p99.9 ms",
                ">waited p50",
                ">p99",
                ">p99.9 ms",
                ">server µs",
                ">database µs",
                ">group",
                ">RSS MiB",
            ];
            text.push_str(&out::table(&titles, &rows));
            text.push_str("\n  own: both requests less the PG, durable. waited: from when the payment was due. µs: CPU per payment.\n");
        }
        for stretch in [&self.full, &self.fixed].into_iter().flatten() {
            stretch
                .failures
                .iter()
                .for_each(|failure| text.push_str(&format!("  failed: {failure}\n")));
        }
        if let Some(bare) = &self.bare {
            text.push_str(&format!(
                "  bare database, {} payments per commit: {:.0} payments/s\n",
                bare.per_commit, bare.payments_per_second
            ));
        }
        if let Some(clean) = self.books_clean {
            text.push_str(if clean {
                "  books afterwards: clean\n"
            } else {
                "  BOOKS AFTERWARDS: NOT CLEAN\n"
            });
        }
        let goal = |goal: &Goal| {
            let mark = if goal.met { "met" } else { "missed" };
            let digits = |number: f64| {
                if number < 100.0 {
                    format!("{number:.2}")
                } else {
                    format!("{number:.0}")
                }
            };
            vec![
                goal.what.to_owned(),
                digits(goal.figure),
                digits(goal.goal),
                goal.unit.to_owned(),
                mark.to_owned(),
            ]
        };
        let rows: Vec<Vec<String>> = self.goals.iter().map(goal).collect();
        text.push('\n');
        text.push_str(&out::table(&["", ">figure", ">goal", "unit", ""], &rows));
        text
    }
}

fn row(name: &str, stretch: &Stretch) -> Vec<String> {
    let percentiles = |of: &Percentiles| [of.p50, of.p99, of.p999].map(|millis| format!("{millis:.2}"));
    let mut row = vec![
        name.to_owned(),
        format!("{:.0}", stretch.payments_per_second),
        stretch.failed.to_string(),
    ];
    row.extend(percentiles(&stretch.own_ms));
    row.extend(percentiles(&stretch.waited_ms));
    row.push(format!("{:.0}", stretch.server_cpu_us));
    row.push(
        stretch
            .database_cpu_us
            .map_or_else(|| "-".to_owned(), |micros| format!("{micros:.0}")),
    );
    row.push(format!("{:.1}", stretch.group));
    row.push(format!("{:.0}", stretch.memory.resident_kib as f64 / 1024.0));
    row
}
