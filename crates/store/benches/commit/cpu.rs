use std::time::Duration;

use testkit::Server;

/// Linux counts a process's time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of this process and, if told, of a PostgreSQL server with all its children.
pub struct Watch {
    server: Option<u32>,
    begun: Spent,
}

/// CPU time of this process and of the server.
#[derive(Clone, Copy, Default)]
pub struct Spent {
    pub own: Duration,
    pub server: Duration,
}

impl Watch {
    pub fn own() -> Watch {
        Watch::begin(None)
    }

    pub fn with_server(server: &Server) -> Watch {
        Watch::begin(server.process())
    }

    fn begin(server: Option<u32>) -> Watch {
        let mut watch = Watch {
            server,
            begun: Spent::default(),
        };
        watch.begun = watch.now();
        watch
    }

    pub fn restart(&mut self) {
        self.begun = self.now();
    }

    pub fn spent(&self) -> Spent {
        let now = self.now();
        Spent {
            own: now.own.saturating_sub(self.begun.own),
            server: now.server.saturating_sub(self.begun.server),
        }
    }

    fn now(&self) -> Spent {
        let own = ticks("self").map_or(0, |(_, ticks)| ticks);
        let server = self.server.map_or(0, |server| {
            let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
            processes
                .filter_map(|entry| {
                    let name = entry.file_name().into_string().ok()?;
                    let pid: u32 = name.parse().ok()?;
                    let (parent, ticks) = ticks(&name)?;
                    (pid == server || parent == server).then_some(ticks)
                })
                .sum()
        });
        let time = |ticks: u64| TICK * u32::try_from(ticks).unwrap_or(u32::MAX);
        Spent {
            own: time(own),
            server: time(server),
        }
    }
}

/// Parent, and ticks of itself and the children it has waited for.
fn ticks(process: &str) -> Option<(u32, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name is in brackets and may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let parent = fields.get(1)?.parse().ok()?;
    let times = fields.get(11..15)?.iter().filter_map(|field| field.parse::<u64>().ok());
    Some((parent, times.sum()))
}
