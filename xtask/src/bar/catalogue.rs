use anyhow::{Result, bail};

/// One bar. Bugs planted for it are the files `xtask/planted/<name>-*.patch`.
pub(super) struct Bar {
    pub name: &'static str,
    /// What a release must show.
    pub what: &'static str,
    pub parts: &'static [Part],
}

pub(super) enum Part {
    Test(Test),
    FuzzApi,
    Mutants,
    /// What cargo does with these words; the last line is the figure.
    Cargo(&'static [&'static str]),
}

/// Some tests of one test target.
pub(super) struct Test {
    pub package: &'static str,
    /// An integration test; `None`: the crate's own.
    pub target: Option<&'static str>,
    pub names: &'static [&'static str],
    /// The size of a release, where the environment does not say another.
    pub release: &'static [(&'static str, &'static str)],
}

impl Test {
    pub fn arguments(&self) -> Vec<&'static str> {
        let mut arguments = vec!["test", "--locked", "-p", self.package];
        match self.target {
            Some(target) => arguments.extend(["--test", target]),
            None => arguments.push("--lib"),
        }
        arguments.push("--");
        arguments.extend(self.names);
        arguments.push("--nocapture");
        arguments
    }
}

const fn e2e(names: &'static [&'static str], release: &'static [(&'static str, &'static str)]) -> Part {
    Part::Test(Test {
        package: "e2e",
        target: Some("it"),
        names,
        release,
    })
}

pub(super) const BARS: &[Bar] = &[
    Bar {
        name: "idempotency",
        what: "1,000 keys x 16 callers, a quarter with another body, restart between: one payment each",
        parts: &[e2e(&["idempotency::"], &[])],
    },
    Bar {
        name: "money",
        what: "10,000 seeded sequences against plain integers: 0 violations",
        parts: &[Part::Test(Test {
            package: "payments",
            target: None,
            names: &["tests::model::"],
            release: &[("NARUPAY_SEQUENCES", "10000")],
        })],
    },
    Bar {
        name: "crash",
        what: "200 kills under load with a faulty PG: 0 violations",
        parts: &[Part::Test(Test {
            package: "e2e",
            target: Some("crash"),
            names: &[],
            release: &[("NARUPAY_KILLS", "200")],
        })],
    },
    Bar {
        name: "faults",
        what: "every PG x operation x fault ends at the PG's truth",
        parts: &[e2e(&["matrix::"], &[])],
    },
    Bar {
        name: "notices",
        what: "10,000 notices in disorder: the end is the truth, 0 forged accepted, each answered under 1 s",
        parts: &[e2e(&["notice_bar::"], &[("NARUPAY_NOTICES", "10000")])],
    },
    Bar {
        name: "webhooks",
        what: "10,000 events, bad and hanging shops, 72 h: delivered or parked, in order per payment",
        parts: &[e2e(&["webhook_bar::"], &[("NARUPAY_EVENTS", "10000")])],
    },
    Bar {
        name: "hostile",
        what: "API fuzz, 200 slow peers, fuzzed parsers: 0 x 5xx, 0 hangs",
        parts: &[
            Part::Test(Test {
                package: "connectors",
                target: None,
                names: &["tests::hostile::", "decimal::"],
                release: &[("PROPTEST_CASES", "20000")],
            }),
            Part::Test(Test {
                package: "server",
                target: Some("it"),
                names: &["hostile::", "sockets::"],
                release: &[],
            }),
            Part::FuzzApi,
        ],
    },
    Bar {
        name: "chaos",
        what: "10,000 seeds of the whole server in a simulated world: 0 violations",
        parts: &[Part::Cargo(&[
            "run",
            "--release",
            "--locked",
            "-p",
            "chaos",
            "--",
            "--seeds",
            "10000",
        ])],
    },
    Bar {
        name: "mutants",
        what: "of the mutations of ledger, money and payments over 95 % are caught",
        parts: &[Part::Mutants],
    },
];

pub(super) fn find(name: &str) -> Result<&'static Bar> {
    let Some(bar) = BARS.iter().find(|bar| bar.name == name) else {
        let names: Vec<&str> = BARS.iter().map(|bar| bar.name).collect();
        bail!("there is no bar `{name}`, but: {}", names.join(", "));
    };
    Ok(bar)
}

impl Bar {
    pub fn tests(&self) -> impl Iterator<Item = &Test> {
        self.parts.iter().filter_map(|part| match part {
            Part::Test(test) => Some(test),
            Part::FuzzApi | Part::Mutants | Part::Cargo(_) => None,
        })
    }

    /// Whether a part runs the program itself.
    pub fn needs_program(&self) -> bool {
        self.tests_need_program() || self.parts.iter().any(|part| matches!(part, Part::FuzzApi))
    }

    pub fn tests_need_program(&self) -> bool {
        self.tests().any(|test| test.target == Some("crash"))
    }
}
