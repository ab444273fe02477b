//! One order is one payment: its number is chosen when the order form is shown, its request to NaruPay
//! is frozen when it is placed, and both stay the same however often the form is sent.

use std::sync::Arc;

use thiserror::Error;

use crate::goods::{Good, INSTALMENT_FROM};
use crate::naru::{self, CreatePaymentBody, CustomerBody};
use crate::orders::{Customer, Heard, Line, Order, OrderId, Standing};
use crate::sessions::{Cart, SessionId, price_of};
use crate::words::Lang;
use crate::{Desk, Shop};

/// An order form as sent.
pub struct Form {
    pub order: OrderId,
    pub cart_version: u32,
    pub customer: Customer,
    pub lang: Lang,
}

#[derive(Debug, Error)]
pub enum NotPlaced {
    /// The cart is another than the form showed, or the form is an old one.
    #[error("the cart has changed")]
    CartChanged,
    #[error("sold out")]
    SoldOut(&'static str),
}

#[derive(Debug, Error)]
pub enum NotOpened {
    #[error("there is no such order")]
    NoOrder,
    #[error("sold out")]
    SoldOut(&'static str),
    #[error(transparent)]
    Naru(#[from] naru::Error),
}

const INSTALMENT_MONTHS_MAX: u8 = 12;

impl Shop {
    /// Makes the order the form is for. The same form again is the same order.
    pub(crate) fn place(&self, session_id: &SessionId, form: Form) -> Result<OrderId, NotPlaced> {
        let now = self.now();
        let mut desk = self.desk();
        let Desk {
            shelf,
            sessions,
            orders,
            ..
        } = &mut *desk;
        if orders
            .get(&form.order)
            .is_some_and(|order| order.session == *session_id)
        {
            return Ok(form.order);
        }
        let session = sessions.open(session_id, now);
        let known = session.draft.as_ref() == Some(&form.order) && session.cart.version == form.cart_version;
        if !known || session.cart.is_empty() {
            return Err(NotPlaced::CartChanged);
        }
        let short = |(good, quantity): &(&'static Good, u32)| shelf.left(good) < *quantity;
        if let Some((good, _)) = session.cart.lines().iter().copied().find(short) {
            return Err(NotPlaced::SoldOut(good.name(form.lang)));
        }
        session.customer = Some(form.customer.clone());
        let opening = self.opening(&form, &session.cart);
        let id = form.order.clone();
        orders.add(Order {
            id: form.order,
            session: session_id.clone(),
            placed_at: now,
            customer: form.customer,
            lang: form.lang,
            lines: session
                .cart
                .lines()
                .iter()
                .map(|&(good, quantity)| Line::new(good, quantity))
                .collect(),
            cart_version: form.cart_version,
            opening,
            payment: None,
            decision: None,
            decision_told: None,
            cancels: Vec::new(),
            busy: Arc::default(),
        });
        Ok(id)
    }

    fn opening(&self, form: &Form, cart: &Cart) -> String {
        let total = cart.total();
        let tax_free = cart.lines().iter().filter(|(good, _)| good.tax_free);
        let checked = cart.lines().iter().any(|(good, _)| good.checked_before_sale);
        naru::json(&CreatePaymentBody {
            order_id: form.order.as_str(),
            order_name: &order_name(cart, form.lang),
            amount: total.minor,
            tax_free_amount: tax_free.map(|&(good, quantity)| price_of(good, quantity).minor).sum(),
            confirm: if checked { "BY_SHOP" } else { "AUTOMATIC" },
            instalment_months_max: (total.minor >= INSTALMENT_FROM.minor).then_some(INSTALMENT_MONTHS_MAX),
            return_url: &format!("{}/orders/{}", self.0.public_url, form.order.as_str()),
            customer: CustomerBody {
                name: &form.customer.name,
                email: &form.customer.email,
                phone: &form.customer.phone,
            },
        })
    }

    /// Where the shopper pays for this order; `None` when there is nothing to pay (any more).
    /// Asks NaruPay at most once at a time and always with the same key, so two tabs get one payment.
    pub(crate) async fn open_payment(&self, id: &OrderId) -> Result<Option<String>, NotOpened> {
        let busy = self.busy(id).ok_or(NotOpened::NoOrder)?;
        let _one_by_one = busy.lock().await;
        let (body, lang) = {
            let mut desk = self.desk();
            let Desk { shelf, orders, .. } = &mut *desk;
            let order = orders.get_mut(id).ok_or(NotOpened::NoOrder)?;
            if order.payment.is_some() {
                return Ok(order.checkout_url());
            }
            if !order.hold(shelf) {
                return Err(NotOpened::SoldOut(
                    order.lines.first().map_or("", |line| line.good.name(order.lang)),
                ));
            }
            (order.opening.clone(), order.lang)
        };
        let answer = self.0.naru.create_payment(body, id.as_str(), lang).await;
        let mut desk = self.desk();
        let Desk {
            shelf,
            sessions,
            orders,
            ..
        } = &mut *desk;
        let order = orders.get_mut(id).ok_or(NotOpened::NoOrder)?;
        match answer {
            Ok(view) => {
                order.hear(view, shelf);
                let session = sessions.open(&order.session, order.placed_at);
                if session.cart.version == order.cart_version {
                    session.cart.clear();
                }
                Ok(order.checkout_url())
            }
            Err(error) => {
                tracing::warn!(order.id = id.as_str(), %error, "no payment could be opened for the order");
                // Nothing can be paid, so nothing needs to be kept for it.
                order.settle_shelf(shelf);
                Err(error.into())
            }
        }
    }

    /// Asks NaruPay how the order's payment stands. Webhooks tell us the same; this is for the moment
    /// a shopper looks. False when there was no clear answer and the page shows what we last knew.
    pub(crate) async fn refresh(&self, id: &OrderId) -> bool {
        let answer = self.0.naru.payment_by_order(id.as_str()).await;
        let fresh = match answer {
            Ok(view) => self.hear(id, view).is_some_and(|heard| heard != Heard::Strange),
            // No such payment (yet): true as well.
            Err(naru::Error::Refused { .. }) => true,
            Err(error) => {
                tracing::warn!(order.id = id.as_str(), %error, "the order's payment could not be looked up");
                false
            }
        };
        self.decide_if_asked(id);
        fresh
    }

    /// `None`: no order of ours.
    pub(crate) fn hear(&self, id: &OrderId, view: naru::PaymentView) -> Option<Heard> {
        let mut desk = self.desk();
        let Desk { shelf, orders, .. } = &mut *desk;
        let order = orders.get_mut(id)?;
        let heard = order.hear(view, shelf);
        if heard == Heard::Strange {
            tracing::error!(
                order.id = id.as_str(),
                "a payment differs from what the order asked for; not believed"
            );
        }
        Some(heard)
    }

    pub(crate) fn busy(&self, id: &OrderId) -> Option<Arc<tokio::sync::Mutex<()>>> {
        self.desk().orders.get(id).map(|order| order.busy.clone())
    }
}

impl Order {
    /// The payment page, in the language of the order, while there is something to pay.
    fn checkout_url(&self) -> Option<String> {
        if self.standing() != Standing::Unpaid {
            return None;
        }
        let mut url = reqwest::Url::parse(self.payment.as_ref()?.checkout_url.as_deref()?).ok()?;
        url.query_pairs_mut().append_pair("lang", self.lang.code());
        Some(url.into())
    }
}

/// As it stands on statements: the first good, and how many more.
fn order_name(cart: &Cart, lang: Lang) -> String {
    let first = cart.lines().first().map_or("", |(good, _)| good.name(lang));
    match (cart.lines().len(), lang) {
        (0 | 1, _) => String::from(first),
        (kinds, Lang::Ko) => format!("{first} 외 {}건", kinds - 1),
        (kinds, Lang::En) => format!("{first} and {} more", kinds - 1),
    }
}
