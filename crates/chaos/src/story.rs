use vocabulary::Duration;

/// What happened, in order, and a hash over all of it: two runs with one hash are the same run.
pub struct Story {
    lines: Vec<String>,
    hash: u64,
}

impl Story {
    pub fn new(seed: u64) -> Story {
        Story {
            lines: Vec::new(),
            hash: 0xcbf2_9ce4_8422_2325 ^ seed,
        }
    }

    pub fn add(&mut self, at: Duration, what: &str) {
        let seconds = at.as_seconds();
        let line = format!(
            "{:>5}  {:>3}:{:02}:{:02}.{:03}  {what}",
            self.lines.len() + 1,
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60,
            at.as_micros() / 1_000 % 1_000,
        );
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.lines.push(line);
    }

    pub fn hash(&self) -> u64 {
        self.hash
    }

    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}
