use vocabulary::Chance;

/// A stream of chance that belongs to one part of the simulation, so that a change in one part
/// does not throw the others off their course.
#[derive(Clone)]
pub struct Dice(Chance);

impl Dice {
    pub fn new(seed: u64, part: &str) -> Dice {
        Dice(Chance::seeded(mix(seed, part)))
    }

    pub fn below(&self, below: u64) -> u64 {
        self.0.below(below.max(1))
    }

    /// Evenly spread, both ends included.
    pub fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    pub fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn permille(&self, permille: u64) -> bool {
        self.below(1_000) < permille
    }

    pub fn pick<T: Copy>(&self, among: &[T]) -> T {
        among[self.below(among.len() as u64) as usize]
    }
}

/// FNV-1a over the name, on top of the seed.
pub fn mix(seed: u64, part: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    part.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
