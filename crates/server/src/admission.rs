//! Who gets in when there is too much. Work by which money under way ends comes before looking, and looking
//! before new work; and no shop's flood takes the places of another. Nothing waits at the door: whoever finds
//! no place is told at once to come again, which costs next to nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::Method;
use vocabulary::{Duration, Scope, Timestamp};

/// Of all places, what new work may fill; and what new work and looking together may.
const NEW_PERCENT: usize = 25;
const OTHER_PERCENT: usize = 60;
/// New work stops when so many changes wait for the database, however many places are free.
const STORE_WAITING_MAX: usize = 2_048;
/// A shop that asked within this time still counts when places are shared out.
const ACTIVE_FOR: Duration = Duration::seconds(5);
/// Below this part of its places a class is not shared out: one busy shop may take more than others.
const SHARED_FROM_PERCENT: usize = 50;

/// What a request is for, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// By it money under way comes to its end, or somebody learns that it did.
    Finish,
    /// Cancels, reading, everything else.
    Other,
    /// A payment or an attempt begins.
    New,
}

impl Class {
    pub fn of(method: &Method, route: &str) -> Class {
        let new = ["/v1/payments", "/checkout/{token}/attempts"];
        let finishes = [
            "/success", "/fail", "/confirm", "/refuse", "/sync", "/result", "/status",
        ];
        if route.starts_with("/notices/") || finishes.iter().any(|end| route.ends_with(end)) {
            Class::Finish
        } else if *method == Method::POST && (new.contains(&route) || route.starts_with("/v1/test/")) {
            Class::New
        } else {
            Class::Other
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Class::Finish => "finish",
            Class::Other => "other",
            Class::New => "new",
        }
    }
}

/// Why there was no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The server has enough to do.
    Server,
    /// This shop has its share of what the server can do.
    Shop,
}

#[derive(Debug)]
pub(crate) struct Gate {
    max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    in_flight: usize,
    /// Of it, new work alone, and everything but what finishes.
    new: usize,
    deferrable: usize,
    shops: HashMap<Scope, Of>,
    tidied_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Of {
    deferrable: usize,
    seen_at: Timestamp,
}

/// A place among the requests being worked on, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    gate: Arc<Gate>,
    class: Class,
    shop: Option<Scope>,
}

impl Gate {
    pub fn new(max: usize) -> Arc<Gate> {
        Arc::new(Gate {
            max,
            state: Mutex::default(),
        })
    }

    pub fn in_flight(&self) -> usize {
        self.state().in_flight
    }

    /// `store_waits`: changes that wait for the database.
    pub fn enter(
        self: &Arc<Gate>,
        class: Class,
        shop: Option<Scope>,
        store_waits: usize,
        now: Timestamp,
    ) -> Result<Place, Full> {
        let mut state = self.state();
        state.tidy(now);
        if let Some(shop) = shop {
            let of = state.shops.entry(shop).or_insert(Of {
                deferrable: 0,
                seen_at: now,
            });
            of.seen_at = now;
        }
        if state.in_flight >= self.max {
            return Err(Full::Server);
        }
        if class != Class::Finish {
            self.deferrable_fits(&state, class, shop, store_waits)?;
        }
        state.in_flight += 1;
        state.new += usize::from(class == Class::New);
        if class != Class::Finish {
            state.deferrable += 1;
            if let Some(of) = shop.and_then(|shop| state.shops.get_mut(&shop)) {
                of.deferrable += 1;
            }
        }
        Ok(Place {
            gate: Arc::clone(self),
            class,
            shop,
        })
    }

    fn deferrable_fits(
        &self,
        state: &State,
        class: Class,
        shop: Option<Scope>,
        store_waits: usize,
    ) -> Result<(), Full> {
        let all = self.share(OTHER_PERCENT);
        let crowded = state.deferrable * 100 >= all * SHARED_FROM_PERCENT
            || state.new * 100 >= self.share(NEW_PERCENT) * SHARED_FROM_PERCENT;
        if let Some(of) = shop.and_then(|shop| state.shops.get(&shop))
            && crowded
            && state.shops.len() > 1
        {
            let limit = if class == Class::New {
                self.share(NEW_PERCENT)
            } else {
                all
            };
            if of.deferrable >= (limit / state.shops.len()).max(1) {
                return Err(Full::Shop);
            }
        }
        let new_is_full = state.new >= self.share(NEW_PERCENT) || store_waits >= STORE_WAITING_MAX;
        if state.deferrable >= all || (class == Class::New && new_is_full) {
            return Err(Full::Server);
        }
        Ok(())
    }

    fn share(&self, percent: usize) -> usize {
        (self.max * percent).div_ceil(100)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Forgets shops that have been away, once a second at most.
    fn tidy(&mut self, now: Timestamp) {
        let due = self
            .tidied_at
            .is_none_or(|at| at + Duration::seconds(1) <= now || now < at);
        if due {
            self.tidied_at = Some(now);
            self.shops
                .retain(|_, of| of.deferrable > 0 || now < of.seen_at + ACTIVE_FOR);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        state.in_flight -= 1;
        state.new -= usize::from(self.class == Class::New);
        if self.class != Class::Finish {
            state.deferrable -= 1;
            if let Some(of) = self.shop.and_then(|shop| state.shops.get_mut(&shop)) {
                of.deferrable -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vocabulary::{Chance, Mode, ShopId};

    use super::*;

    fn shop(number: u64) -> Option<Scope> {
        Some(Scope {
            shop: ShopId::new(now(), &Chance::seeded(number)),
            mode: Mode::Test,
        })
    }

    fn now() -> Timestamp {
        Timestamp::from_seconds(1_000_000)
    }

    /// As many as get in, and why the next does not.
    fn fill(gate: &Arc<Gate>, class: Class, shop: Option<Scope>) -> (Vec<Place>, Full) {
        let mut places = Vec::new();
        loop {
            match gate.enter(class, shop, 0, now()) {
                Ok(place) => places.push(place),
                Err(full) => return (places, full),
            }
        }
    }

    #[test]
    fn what_finishes_gets_in_when_nothing_else_does() {
        let gate = Gate::new(100);
        let (new, full) = fill(&gate, Class::New, shop(1));
        assert_eq!((new.len(), full), (25, Full::Server));
        let (other, full) = fill(&gate, Class::Other, shop(1));
        assert_eq!((other.len(), full), (35, Full::Server));
        let (finish, full) = fill(&gate, Class::Finish, shop(1));
        assert_eq!((finish.len(), full), (40, Full::Server));
        assert_eq!(gate.in_flight(), 100);
        drop((new, other, finish));
        assert_eq!(gate.in_flight(), 0);
        assert_eq!(fill(&gate, Class::New, shop(1)).0.len(), 25, "all of it is free again");
    }

    #[test]
    fn a_shop_alone_may_take_all_and_shares_when_another_comes() {
        let gate = Gate::new(400);
        let (mut flood, full) = fill(&gate, Class::New, shop(1));
        assert_eq!((flood.len(), full), (100, Full::Server));
        // The neighbour finds no place at first, and is known from now on.
        assert_eq!(gate.enter(Class::New, shop(2), 0, now()).err(), Some(Full::Server));
        flood.truncate(60);
        assert_eq!(gate.enter(Class::New, shop(1), 0, now()).err(), Some(Full::Shop));
        let (neighbour, _) = fill(&gate, Class::New, shop(2));
        assert_eq!(neighbour.len(), 40, "what the flood gave up goes to the neighbour");
        drop(flood);
        let (flood, full) = fill(&gate, Class::New, shop(1));
        assert_eq!((flood.len(), full), (50, Full::Shop), "half for each of two");
    }

    #[test]
    fn a_neighbour_that_left_leaves_its_share() {
        let gate = Gate::new(400);
        drop(gate.enter(Class::New, shop(2), 0, now()));
        let later = now() + ACTIVE_FOR + Duration::seconds(1);
        let taken: Vec<Place> = (0..100)
            .map_while(|_| gate.enter(Class::New, shop(1), 0, later).ok())
            .collect();
        assert_eq!(taken.len(), 100);
    }

    #[test]
    fn a_database_that_is_behind_takes_no_new_work() {
        let gate = Gate::new(100);
        let enter = |class| gate.enter(class, shop(1), STORE_WAITING_MAX, now()).is_ok();
        assert!(!enter(Class::New) && enter(Class::Other) && enter(Class::Finish));
    }

    #[test]
    fn routes_have_their_class() {
        let post = |route| Class::of(&Method::POST, route);
        let get = |route| Class::of(&Method::GET, route);
        assert_eq!(post("/v1/payments"), Class::New);
        assert_eq!(get("/v1/payments"), Class::Other);
        assert_eq!(post("/checkout/{token}/attempts"), Class::New);
        assert_eq!(get("/checkout/{token}/attempts/{attempt}/success"), Class::Finish);
        assert_eq!(post("/v1/payments/{paymentId}/confirm"), Class::Finish);
        assert_eq!(post("/v1/payments/{paymentId}/cancel"), Class::Other);
        assert_eq!(post("/notices/{pgAccountId}"), Class::Finish);
    }
}
