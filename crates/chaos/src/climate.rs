use crate::dice::Dice;

/// How bad the world is, in faults of a thousand chances. Each seed draws its own.
#[derive(Debug, Clone, Default)]
pub struct Climate {
    pub name: &'static str,
    /// Between any two machines.
    pub lost_before: u64,
    pub lost_after: u64,
    pub refused: u64,
    pub doubled: u64,
    /// The request arrives long after the caller gave it up.
    pub late: u64,
    /// The PG itself misbehaves.
    pub pg: u64,
    pub disk_fails: u64,
    /// A flush fails: nobody knows what is saved, and the store stops.
    pub flush_fails: u64,
    /// The server dies at a call to a PG, or at a commit.
    pub dies_at_call: u64,
    pub dies_at_commit: u64,
    /// The server dies between two steps of the simulation.
    pub dies: u64,
    /// A shop's own server fails to take a webhook.
    pub hook_fails: u64,
    /// The server's clock is off by up to so many seconds.
    pub skew_s: u64,
    /// The way to the PG goes away for a while, at a step.
    pub partition: u64,
}

impl Climate {
    pub fn draw(dice: &Dice) -> Climate {
        let mut climate = Climate {
            name: "calm",
            ..Climate::default()
        };
        let kind = dice.below(7);
        let all = kind >= 5;
        if kind == 1 || all {
            climate.name = "bad network";
            climate.lost_before = dice.between(5, 100);
            climate.lost_after = dice.between(5, 120);
            climate.refused = dice.between(0, 60);
            climate.doubled = dice.between(0, 60);
            climate.late = dice.between(0, 40);
            climate.partition = dice.between(0, 20);
        }
        if kind == 2 || all {
            climate.name = "bad PG";
            climate.pg = dice.between(30, 300);
        }
        if kind == 3 || all {
            climate.name = "crashes";
            climate.dies_at_call = dice.between(5, 60);
            climate.dies_at_commit = dice.between(2, 20);
            climate.dies = dice.between(2, 30);
        }
        if kind == 4 || all {
            climate.name = "bad disk";
            climate.disk_fails = dice.between(5, 80);
            climate.flush_fails = dice.between(1, 8);
        }
        if all {
            climate.name = "everything";
        }
        if kind > 0 {
            climate.hook_fails = dice.between(0, 400);
            climate.skew_s = dice.pick(&[0, 0, 2, 20]);
        }
        climate
    }
}
