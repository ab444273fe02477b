use std::collections::HashMap;

use vocabulary::{Chance, Money, Timestamp};

use crate::goods::{Good, QUANTITY_MAX};
use crate::hex;
use crate::orders::{Customer, OrderId};

/// Who a browser is to the shop: 128 random bits in a cookie, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionId(String);

impl SessionId {
    pub fn new(chance: &Chance) -> SessionId {
        SessionId(hex(&chance.bytes::<16>()))
    }

    pub fn parse(text: &str) -> Option<SessionId> {
        let well_formed = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        well_formed.then(|| SessionId(String::from(text)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a shopper has picked, in the order of picking. At most one line per good.
#[derive(Clone, Default)]
pub struct Cart {
    lines: Vec<(&'static Good, u32)>,
    /// Grows with every change, so that an order form of an older cart is known.
    pub version: u32,
}

impl Cart {
    pub fn set(&mut self, good: &'static Good, quantity: u32) {
        let quantity = quantity.min(QUANTITY_MAX);
        let before = self.quantity(good);
        match self.lines.iter_mut().find(|line| line.0 == good) {
            Some(line) => line.1 = quantity,
            None => self.lines.push((good, quantity)),
        }
        self.lines.retain(|line| line.1 > 0);
        if before != quantity {
            self.version += 1;
        }
    }

    pub fn quantity(&self, good: &Good) -> u32 {
        self.lines.iter().find(|line| line.0 == good).map_or(0, |line| line.1)
    }

    pub fn lines(&self) -> &[(&'static Good, u32)] {
        &self.lines
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn count(&self) -> u32 {
        self.lines.iter().map(|line| line.1).sum()
    }

    pub fn total(&self) -> Money {
        self.lines
            .iter()
            .map(|&(good, quantity)| price_of(good, quantity))
            .fold(Money::krw(0), |sum, price| Money::krw(sum.minor + price.minor))
    }

    pub fn clear(&mut self) {
        self.lines.clear();
        self.version += 1;
    }
}

/// Prices and quantities are the shop's own and small: this cannot overflow.
pub fn price_of(good: &Good, quantity: u32) -> Money {
    Money::krw(good.price.minor * i64::from(quantity))
}

pub struct Session {
    pub cart: Cart,
    /// The order number on the order form now shown: sending the form twice is one order.
    pub draft: Option<OrderId>,
    pub customer: Option<Customer>,
    seen_at: Timestamp,
}

/// Browsers with something in their cart, the latest `SESSIONS_MAX` of them.
#[derive(Default)]
pub struct Sessions(HashMap<SessionId, Session>);

const SESSIONS_MAX: usize = 5_000;

impl Sessions {
    pub fn get(&self, id: &SessionId) -> Option<&Session> {
        self.0.get(id)
    }

    pub fn open(&mut self, id: &SessionId, now: Timestamp) -> &mut Session {
        if self.0.len() >= SESSIONS_MAX && !self.0.contains_key(id) {
            let oldest = self.0.iter().min_by_key(|(_, session)| session.seen_at);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.0.remove(&oldest);
            }
        }
        let session = self.0.entry(id.clone()).or_insert_with(|| Session {
            cart: Cart::default(),
            draft: None,
            customer: None,
            seen_at: now,
        });
        session.seen_at = now;
        session
    }
}
