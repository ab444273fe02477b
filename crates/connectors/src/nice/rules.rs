//! What a NICE account can do, method by method.

use vocabulary::{Currency, Method, Money};

use super::codes;
use crate::MethodRules;

pub(super) const INSTALMENT_MIN: Money = Money::krw(50_000);

/// Source: the manual's amounts and cancel chapters. The sandbox has no partial cancels (U128).
pub(super) fn rules(partial_cancel: bool) -> Vec<MethodRules> {
    let plain = |method, won_min| MethodRules {
        method,
        currencies: &[Currency::KRW],
        amount_min: Money::krw(won_min),
        partial_cancel,
        instalment_min: None,
        instalment_months_max: 0,
        kinds: &[],
    };
    vec![
        MethodRules {
            instalment_min: Some(INSTALMENT_MIN),
            instalment_months_max: 12,
            ..plain(Method::Card, 1_000)
        },
        // The window offers instalments itself; it takes no choice of ours without a card company.
        MethodRules {
            kinds: codes::EASY_PAY_KINDS,
            ..plain(Method::EasyPay, 1_000)
        },
        plain(Method::Transfer, 2),
        plain(Method::VirtualAccount, 2),
        // The carriers' limits are said payment by payment.
        plain(Method::Mobile, 1),
        plain(Method::OverseasCard, 1_000),
    ]
}
