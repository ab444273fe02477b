//! How a window ends, and how the shop's page hears of it.

use url::Url;

use super::params::WindowRequest;
use crate::toss::amount::decimal;
use crate::toss::{Code, Lang};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Authenticated: the shop may confirm this payment key.
    Success {
        payment_key: String,
    },
    Failure(Code),
}

impl End {
    /// The address the browser goes back to. None: the shop waits for a Promise.
    pub fn address(&self, request: &WindowRequest) -> Option<Url> {
        let mut address = match self {
            End::Success { .. } => request.success_url.clone()?,
            End::Failure(_) => request.fail_url.clone()?,
        };
        let pairs = self.pairs(request);
        address
            .query_pairs_mut()
            .extend_pairs(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        Some(address)
    }

    /// Names and values as the shop reads them. A window that was closed does not say of which order.
    pub fn pairs(&self, request: &WindowRequest) -> Vec<(&'static str, String)> {
        match self {
            End::Success { payment_key } => vec![
                ("paymentType", "NORMAL".to_owned()),
                ("orderId", request.order_id.clone()),
                ("paymentKey", payment_key.clone()),
                ("amount", decimal(request.amount)),
            ],
            End::Failure(code) => {
                let message = code.message(request.lang).to_owned();
                let mut pairs = vec![("code", code.as_str().to_owned()), ("message", message)];
                if *code != Code::PAY_PROCESS_CANCELED {
                    pairs.push(("orderId", request.order_id.clone()));
                }
                pairs
            }
        }
    }

    pub fn title(&self, lang: Lang) -> &'static str {
        lang.pick(match self {
            End::Success { .. } => ("인증을 마쳤습니다", "Authenticated"),
            End::Failure(Code::PAY_PROCESS_CANCELED) => ("결제를 취소했습니다", "Canceled"),
            End::Failure(_) => ("결제하지 못했습니다", "The payment failed"),
        })
    }
}

/// What the shopper pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Next,
    Back,
    Approve,
    /// The issuer refuses in the window: the shop gets `failUrl`.
    Decline,
    /// The window goes well, and the confirm is refused: over the limit.
    DeclineLimit,
    /// The window goes well, and the confirm is refused: a lost card.
    DeclineLost,
    Close,
}

impl Outcome {
    pub fn parse(text: &str) -> Option<Outcome> {
        Some(match text {
            "next" => Outcome::Next,
            "back" => Outcome::Back,
            "approve" => Outcome::Approve,
            "decline" => Outcome::Decline,
            "decline-limit" => Outcome::DeclineLimit,
            "decline-lost" => Outcome::DeclineLost,
            "close" => Outcome::Close,
            _ => return None,
        })
    }
}
