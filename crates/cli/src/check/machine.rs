//! The machine itself: clock, disk, handles.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::process::Command;
use vocabulary::{Clock, Timestamp};

use super::Finding;
use crate::clock::MachineClock;
use crate::config::Config;

/// The program is not older than this: 2026-11-25.
const BUILT_AFTER: Timestamp = Timestamp::from_seconds(1_795_564_800);
const YEAR_S: i64 = 365 * 24 * 3600;
/// Below this much room the database will soon stop.
const DISK_MIB_FAIL: u64 = 256;
const DISK_MIB_WARN: u64 = 2_048;
/// As many connections as the server takes, and some for files and PGs.
const HANDLES_MIN: u64 = 10_000;
/// Of a file's and a folder's mode.
const OTHERS_READ: u32 = 0o004;
const OTHERS_ENTER: u32 = 0o001;

pub async fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![clock(MachineClock::real().now())];
    findings.extend(handles());
    if let Some(path) = config
        .database_url
        .reveal_for("looking for its disk")
        .strip_prefix("sqlite:")
    {
        findings.extend(readable(Path::new(path)));
        findings.push(disk(Path::new(path)).await);
    }
    findings
}

fn clock(now: Timestamp) -> Finding {
    let next = "set the clock and keep it right with chrony or systemd-timesyncd: webhooks and PGs refuse wrong times";
    let since = (now - BUILT_AFTER).as_seconds();
    if since < 0 {
        return Finding::fail(
            "clock",
            format!("{} is before this program was made", now.in_korea()),
            next,
        );
    }
    if since > 10 * YEAR_S {
        return Finding::fail("clock", format!("{} is far in the future", now.in_korea()), next);
    }
    Finding::ok("clock", now.in_korea())
}

/// How many files and connections this user may have open.
fn handles() -> Option<Finding> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    let soft = line.split_whitespace().nth(3)?;
    let enough = soft == "unlimited" || soft.parse::<u64>().ok()? >= HANDLES_MIN;
    Some(if enough {
        Finding::ok("open files", format!("up to {soft}"))
    } else {
        Finding::warn(
            "open files",
            format!("only {soft} at a time: on a busy day connections are refused"),
            "start it with LimitNOFILE=65536 (systemd) or `ulimit -n 65536`",
        )
    })
}

/// It holds customers' names and contacts; who may enter none of its folders may not read it either.
fn readable(database: &Path) -> Option<Finding> {
    let mode = |path: &Path| Some(std::fs::metadata(path).ok()?.permissions().mode());
    let shut = existing(database)
        .canonicalize()
        .ok()?
        .ancestors()
        .any(|folder| mode(folder).is_some_and(|mode| mode & OTHERS_ENTER == 0));
    let open = mode(database)? & OTHERS_READ != 0 && !shut;
    open.then(|| {
        let what = format!("others on this machine may read {}", database.display());
        Finding::warn(
            "database file",
            what,
            "chmod 700 its folder, or start NaruPay with umask 077",
        )
    })
}

/// Room on the disk of an embedded database.
async fn disk(database: &Path) -> Finding {
    let folder = existing(database);
    let unknown = |why: String| {
        Finding::warn(
            "disk",
            format!("the room for {} is not known: {why}", database.display()),
            "look at it with `df`",
        )
    };
    let asked = Command::new("df").arg("-Pk").arg(&folder).output().await;
    let output = match asked {
        Ok(output) if output.status.success() => output.stdout,
        Ok(output) => return unknown(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => return unknown(error.to_string()),
    };
    let text = String::from_utf8_lossy(&output);
    let free = text
        .lines()
        .nth(1)
        .and_then(|line| line.split_whitespace().nth(3))
        .and_then(|kib| kib.parse::<u64>().ok());
    let Some(free_mib) = free.map(|kib| kib / 1024) else {
        return unknown("df says something else".to_owned());
    };
    let what = format!(
        "{} MiB free for {}",
        crate::out::grouped(&free_mib.to_string()),
        database.display()
    );
    let next = "make room, or move the database to a larger disk";
    match free_mib {
        0..DISK_MIB_FAIL => Finding::fail("disk", what, next),
        DISK_MIB_FAIL..DISK_MIB_WARN => Finding::warn("disk", what, next),
        _ => Finding::ok("disk", what),
    }
}

/// The nearest folder above that is there.
fn existing(path: &Path) -> PathBuf {
    let above = path.ancestors().skip(1).find(|folder| folder.is_dir());
    above.unwrap_or(Path::new(".")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Status;

    #[test]
    fn a_clock_that_stands_wrong_is_found() {
        let status = |text: &str| clock(Timestamp::parse(text).unwrap()).status;
        assert_eq!(status("1970-01-01T00:00:00Z"), Status::Fail);
        assert_eq!(status("2026-11-26T00:00:00Z"), Status::Ok);
        assert_eq!(status("2060-01-01T00:00:00Z"), Status::Fail);
    }

    #[test]
    fn a_database_that_others_may_read_is_found() {
        let folder = std::env::temp_dir().join(format!("narupay-check-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let database = folder.join("narupay.db");
        assert!(readable(&database).is_none(), "not there yet");
        std::fs::write(&database, "").unwrap();
        let chmod = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        let found = |folder_mode, file_mode| {
            chmod(&folder, folder_mode);
            chmod(&database, file_mode);
            readable(&database).is_some()
        };
        assert!(found(0o755, 0o644));
        assert!(!found(0o755, 0o600));
        assert!(!found(0o700, 0o644), "nobody else comes that far");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
