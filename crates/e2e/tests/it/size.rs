//! How large a run is, and which dice it throws: the environment says, else the size for every day.

use vocabulary::Chance;

pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} takes a number, not {text}"))
    })
}

/// The seed of this run, printed so that it can be played again.
pub fn seed() -> u64 {
    let seed = number("NARUPAY_SEED").unwrap_or_else(|| Chance::system().below(u64::from(u32::MAX)));
    println!("NARUPAY_SEED={seed} plays this again");
    seed
}
