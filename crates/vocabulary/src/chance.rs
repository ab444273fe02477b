use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Where random bytes come from: the operating system's generator, or, for a
/// repeatable run, a seed. Cheap to clone; clones of a seeded one share its stream.
#[derive(Clone)]
pub struct Chance(Source);

#[derive(Clone)]
enum Source {
    System,
    Seeded(Arc<Mutex<u64>>),
}

impl Chance {
    pub fn system() -> Chance {
        Chance(Source::System)
    }

    /// For tests and simulations only: anyone who knows the seed knows every id.
    pub fn seeded(seed: u64) -> Chance {
        Chance(Source::Seeded(Arc::new(Mutex::new(seed))))
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            Source::System => aws_lc_rs::rand::fill(bytes).expect("the operating system has random bytes"),
            Source::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in bytes.chunks_mut(8) {
                    let word = split_mix(&mut state).to_le_bytes();
                    chunk.copy_from_slice(&word[..chunk.len()]);
                }
            }
        }
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Evenly spread over `0..below`; `below` must not be zero.
    pub fn below(&self, below: u64) -> u64 {
        // The bias of a plain remainder is under 2^-32 for every bound used here.
        u64::from_le_bytes(self.bytes()) % below
    }
}

impl fmt::Debug for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Chance::system",
            Source::Seeded(_) => "Chance::seeded",
        })
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and good enough to drive a simulation.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
