//! The first answer to a POST, kept for whoever asks again with the same key.
//! Source: "멱등키" guide: 15 days; key, API key, address and method together; error answers too.

use std::collections::{HashMap, VecDeque};

use axum::http::StatusCode;
use bytes::Bytes;
use vocabulary::{Duration, Timestamp};

const KEPT: Duration = Duration::days(15);
/// The oldest answers make room beyond this.
const ANSWERS_MAX: usize = 50_000;
pub const KEY_CHARS_MAX: usize = 300;

/// Key, secret key and address; only POSTs are kept.
pub type Identity = (String, String, String);

#[derive(Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

enum Entry {
    Running,
    Done { answer: Answer, at: Timestamp },
}

/// What to do with a request.
pub enum Turn {
    First,
    Again(Answer),
    StillRunning,
}

#[derive(Default)]
pub struct Answers {
    entries: HashMap<Identity, Entry>,
    ages: VecDeque<(Timestamp, Identity)>,
}

impl Answers {
    pub fn take_turn(&mut self, identity: &Identity, now: Timestamp) -> Turn {
        self.forget_old(now);
        match self.entries.get(identity) {
            Some(Entry::Running) => Turn::StillRunning,
            Some(Entry::Done { answer, at }) if *at + KEPT > now => Turn::Again(answer.clone()),
            _ => {
                self.entries.insert(identity.clone(), Entry::Running);
                Turn::First
            }
        }
    }

    pub fn finish(&mut self, identity: &Identity, answer: Answer, now: Timestamp) {
        self.entries.insert(identity.clone(), Entry::Done { answer, at: now });
        self.ages.push_back((now, identity.clone()));
    }

    /// The request was given up before it was looked at: a repeat is a first one.
    pub fn give_up(&mut self, identity: &Identity) {
        if matches!(self.entries.get(identity), Some(Entry::Running)) {
            self.entries.remove(identity);
        }
    }

    fn forget_old(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.ages.front()
            && (*at + KEPT <= now || self.ages.len() > ANSWERS_MAX)
        {
            if let Some((_, identity)) = self.ages.pop_front() {
                self.entries.remove(&identity);
            }
        }
    }
}
