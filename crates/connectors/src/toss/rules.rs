//! What a Toss account can do, method by method.

use vocabulary::{Currency, Method, Money};

use super::codes;
use crate::MethodRules;

/// Per method: the manual's "amount rules" and "cancel" chapters.
pub(super) fn rules() -> Vec<MethodRules> {
    const WON: &[Currency] = &[Currency::KRW];
    const OVERSEAS: &[Currency] = &[Currency::KRW, Currency::USD, Currency::JPY];
    let plain = |method, won_min| MethodRules {
        method,
        currencies: WON,
        amount_min: Money::krw(won_min),
        partial_cancel: true,
        instalment_min: None,
        instalment_months_max: 0,
        kinds: &[],
    };
    let instalments = |rules| MethodRules {
        instalment_min: Some(Money::krw(50_000)),
        instalment_months_max: 12,
        ..rules
    };
    vec![
        instalments(plain(Method::Card, 100)),
        MethodRules {
            kinds: codes::EASY_PAY_KINDS,
            ..instalments(plain(Method::EasyPay, 100))
        },
        plain(Method::Transfer, 200),
        plain(Method::VirtualAccount, 200),
        // How far a carrier takes part of it back is said payment by payment.
        plain(Method::Mobile, 100),
        MethodRules {
            kinds: codes::VOUCHER_KINDS,
            partial_cancel: false,
            ..plain(Method::GiftVoucher, 100)
        },
        MethodRules {
            currencies: OVERSEAS,
            ..plain(Method::OverseasCard, 100)
        },
        MethodRules {
            currencies: &[Currency::USD],
            amount_min: Money::new(1, Currency::USD),
            kinds: codes::OVERSEAS_EASY_PAY_KINDS,
            ..plain(Method::OverseasEasyPay, 0)
        },
    ]
}
