use crate::dice::Dice;

/// How bad the world is, in faults of a thousand chances. Each seed draws its own.
#[derive(Debug, Clone, Default)]
pub struct Climate {
    /// Between any two machines.
    pub lost_before: u64,
    pub lost_after: u64,
    pub refused: u64,
    pub doubled: u64,
    /// The request arrives long after the caller gave it up.
    pub late: u64,
    /// An answer of the PG takes long, though not too long.
    pub slow: u64,
    /// The PG itself misbehaves; twice as often where money moves.
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
        let mut climate = Climate::default();
        // One seed in ten is calm; in the others each kind of trouble is there or not.
        if dice.percent(10) {
            return climate;
        }
        let some = |least: u64, most: u64| dice.between(least, most);
        if dice.percent(55) {
            climate.lost_before = some(2, 100);
            climate.lost_after = some(2, 120);
            climate.refused = some(0, 60);
            climate.doubled = some(0, 80);
            climate.late = some(0, 60);
            climate.slow = some(0, 100);
            climate.partition = some(0, 15);
        }
        if dice.percent(60) {
            climate.pg = some(20, 250);
        }
        if dice.percent(55) {
            climate.dies_at_call = some(2, 80);
            climate.dies_at_commit = some(1, 20);
            climate.dies = some(1, 20);
        }
        if dice.percent(40) {
            climate.disk_fails = some(2, 80);
            climate.flush_fails = some(0, 6);
        }
        if dice.percent(60) {
            climate.hook_fails = some(0, 400);
        }
        if dice.percent(40) {
            climate.skew_s = dice.pick(&[2, 20, 45]);
        }
        climate
    }
}
