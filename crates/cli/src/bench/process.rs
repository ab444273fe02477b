//! What a process costs, read from outside: `/proc`.

use std::time::Duration;

use serde::Serialize;

/// Linux counts a process's time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    pub resident_kib: u64,
    pub most_kib: u64,
}

/// CPU time of one process so far, in user and kernel.
pub fn cpu(pid: u32) -> Duration {
    ticks(&pid.to_string()).map_or(Duration::ZERO, |(_, ticks)| times(ticks))
}

/// CPU time of a process and its children so far.
pub fn cpu_of_family(parent: u32) -> Duration {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_family = processes.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let pid: u32 = name.parse().ok()?;
        let (its_parent, ticks) = ticks(&name)?;
        (pid == parent || its_parent == parent).then_some(ticks)
    });
    times(of_family.sum())
}

/// CPU time so far of every process of that name.
pub fn cpu_named(name: &str) -> Duration {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_name = processes.filter_map(|entry| {
        let its_name = std::fs::read_to_string(entry.path().join("comm")).ok()?;
        (its_name.trim() == name).then_some(ticks(&entry.file_name().into_string().ok()?)?.1)
    });
    times(of_name.sum())
}

pub fn memory(pid: u32) -> Memory {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Memory {
        resident_kib: field("VmRSS:").unwrap_or(0),
        most_kib: field("VmHWM:").unwrap_or(0),
    }
}

/// Over one, five and fifteen minutes.
pub fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

fn times(ticks: u64) -> Duration {
    TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
}

/// Parent, and ticks of the process and of the children it has waited for.
fn ticks(process: &str) -> Option<(u32, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name is in brackets and may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let parent = fields.get(1)?.parse().ok()?;
    let times = fields.get(11..15)?.iter().filter_map(|field| field.parse::<u64>().ok());
    Some((parent, times.sum()))
}
