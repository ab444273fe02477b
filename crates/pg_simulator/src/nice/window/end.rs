//! How a window ends, and the form that the shop's return address gets.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::params::WindowRequest;
use crate::nice::merchant::Merchant;
use crate::nice::sign::sign;
use crate::nice::{Code, Lang, payment};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Success { tid: Arc<str>, auth_token: String },
    Failure(Code),
}

/// What the shopper pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Approve,
    /// The issuer does not authenticate: the shop gets another code than 0000.
    Decline,
    /// The window goes well, and the approve is refused by the issuer.
    DeclineLater,
    Close,
}

impl Outcome {
    pub fn parse(text: &str) -> Option<Outcome> {
        Some(match text {
            "approve" => Outcome::Approve,
            "decline" => Outcome::Decline,
            "decline-later" => Outcome::DeclineLater,
            "close" => Outcome::Close,
            _ => return None,
        })
    }
}

impl End {
    /// The fields of the form. A failure has neither tid nor signature.
    pub fn form(&self, request: &WindowRequest, merchant: &Merchant) -> BTreeMap<String, String> {
        let code = match self {
            End::Success { .. } => Code::SUCCESS,
            End::Failure(code) => *code,
        };
        let amount = request.amount.minor.to_string();
        let mut pairs = vec![
            ("authResultCode", code.as_str().to_owned()),
            ("authResultMsg", code.message().to_owned()),
            ("clientId", request.client_id.clone()),
            ("orderId", request.order_id.clone()),
            ("amount", amount.clone()),
            ("mallReserved", request.mall_reserved.clone().unwrap_or_default()),
        ];
        if let End::Success { tid, auth_token } = self {
            let signature = sign(&[auth_token, &request.client_id, &amount, &merchant.secret_key]);
            pairs.push(("tid", tid.to_string()));
            pairs.push(("authToken", auth_token.clone()));
            pairs.push(("signature", signature));
        }
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    pub fn title(&self, lang: Lang) -> &'static str {
        lang.pick(match self {
            End::Success { .. } => ("인증을 마쳤습니다", "Authenticated"),
            End::Failure(Code::CLOSED_BY_BUYER) => ("결제를 취소했습니다", "Canceled"),
            End::Failure(_) => ("결제하지 못했습니다", "The payment failed"),
        })
    }
}

/// The part of a payment that its window decides.
pub fn authenticated(
    request: &WindowRequest,
    merchant: Arc<Merchant>,
    (means, receipt_wanted): (payment::Means, Option<payment::ReceiptKind>),
    tid: String,
    now: vocabulary::Timestamp,
) -> payment::Payment {
    payment::Payment {
        tid: Arc::from(tid),
        merchant,
        order_id: Arc::from(request.order_id.as_str()),
        goods_name: request.goods_name.clone(),
        status: payment::Status::Authenticated,
        authenticated_at: now,
        approved_at: None,
        paid_at: None,
        failed_at: None,
        amount: request.amount,
        balance: request.amount,
        tax_free: request.tax_free,
        means,
        approve_number: String::new(),
        use_escrow: request.use_escrow,
        mall_reserved: request.mall_reserved.clone(),
        mall_user_id: request.mall_user_id.clone(),
        buyer_name: request.buyer_name.clone(),
        buyer_tel: request.buyer_tel.clone(),
        buyer_email: request.buyer_email.clone(),
        mobile: request.mobile,
        cancels: Vec::new(),
        receipt_wanted,
        receipt: None,
        failure: None,
        approvals: 0,
        trouble: crate::nice::trouble::Trouble::of(&request.order_id, request.amount.minor),
    }
}
