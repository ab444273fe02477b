//! What is done about an approve whose answer never came, rung by rung: look, ask again, undo, call a person.

use vocabulary::{Duration, Timestamp};

use crate::{Attempt, AttemptState};

/// A PG that does not know an order may only not list it yet: so many questions about an approve are
/// doubted. With the waits between them they take most of a minute.
const DOUBTS: u32 = 3;
/// An approve may still be on its way when the first look finds nothing: it is undone at the second.
const UNDO_FROM: u32 = 2;

/// What a look at the PG came to, as far as it settles nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The PG knows the order, and has approved nothing.
    NotYet,
    /// The PG does not know the order.
    NotThere,
}

/// What a PG allows.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    pub approve_repeatable: bool,
    /// How long after an approve it can be undone by our order id.
    pub net_cancel_within: Option<Duration>,
}

/// The next rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rung {
    /// Take what was found for what it says.
    Believe,
    /// Ask to approve once more: for this PG the same question is the same charge.
    Replay,
    /// Undo by order id whatever the approve may have done, so that its outcome is certain.
    NetCancel,
    /// Neither a yes nor a no: look again later.
    Doubt,
}

impl Attempt {
    /// The next rung after a look that found nothing approved. `expires_at` is the payment's: nobody waits longer.
    pub fn rung(&self, found: Found, pg: Manners, expires_at: Timestamp, now: Timestamp) -> Rung {
        match self.state {
            state if state.in_doubt() => {}
            // An account the PG issued itself: our key or contract is the likelier mistake.
            AttemptState::Waiting if found == Found::NotThere => return Rung::Doubt,
            _ => return Rung::Believe,
        }
        // From the opening of the window, which was before the approve: rather too early than too late.
        let may_undo = pg.net_cancel_within.is_some_and(|within| now < self.opened_at + within);
        // A net cancel may still be on its way: it would undo the replay.
        let replayable = pg.approve_repeatable && !self.undoing && self.pg_key.is_some() && now < expires_at;
        match found {
            Found::NotYet if replayable => Rung::Replay,
            _ if may_undo && self.asks >= UNDO_FROM => Rung::NetCancel,
            _ if may_undo => Rung::Doubt,
            Found::NotThere if self.asks <= DOUBTS => Rung::Doubt,
            Found::NotYet | Found::NotThere => Rung::Believe,
        }
    }
}
