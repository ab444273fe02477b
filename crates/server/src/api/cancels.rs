use std::sync::Arc;

use axum::extract::State;
use flows::App;
use flows::view::PaymentView;
use payments::CancelOrder;
use serde::Deserialize;
use utoipa::ToSchema;
use vocabulary::pg::RefundAccount;
use vocabulary::{Currency, Digits, Money, PaymentId};

use super::bodies::{invalid, text};
use super::{Id, Reply, payment, rendering};
use crate::asked::Asked;
use crate::auth::Shop;
use crate::problem::Problem;
use crate::request::Context;

const REASON_CHARS_MAX: usize = 200;
const BANK_CHARS_MAX: usize = 40;
const HOLDER_CHARS_MAX: usize = 60;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CancelBody {
    /// All that is left unless given.
    #[schema(minimum = 1, example = 3000)]
    amount: Option<i64>,
    /// The part of the amount that is free of VAT.
    #[schema(minimum = 0)]
    tax_free_amount: Option<i64>,
    #[schema(min_length = 1, max_length = 200, example = "고객 변심")]
    reason: String,
    refund_account: Option<RefundAccountBody>,
    /// Refuse if this is not what is left to cancel.
    #[schema(minimum = 0)]
    expected_balance: Option<i64>,
}

/// The shopper's account, for a deposit that has come. It is passed on to the PG and not kept.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RefundAccountBody {
    /// Code or name as the PG's table spells it.
    #[schema(example = "신한", min_length = 1, max_length = 40)]
    bank: String,
    /// 1 to 30 digits; dashes are dropped.
    #[schema(example = "110123456789")]
    number: String,
    #[schema(example = "김나루", min_length = 1, max_length = 60)]
    holder: String,
}

impl CancelBody {
    pub fn command(self, currency: Currency) -> Result<CancelOrder, Problem> {
        let money = |minor| Money::new(minor, currency);
        Ok(CancelOrder {
            amount: self.amount.map(money),
            tax_free: self.tax_free_amount.map(money),
            reason: text("reason", &self.reason, REASON_CHARS_MAX)?,
            refund_account: self.refund_account.map(RefundAccountBody::account).transpose()?,
            expected_balance: self.expected_balance.map(money),
        })
    }
}

impl RefundAccountBody {
    fn account(self) -> Result<RefundAccount, Problem> {
        let number = Digits::parse(&self.number).ok_or_else(|| {
            invalid(
                "refundAccount.number",
                "takes 1 to 30 digits",
                "숫자 1~30자를 써 주세요",
            )
        })?;
        Ok(RefundAccount {
            bank: text("refundAccount.bank", &self.bank, BANK_CHARS_MAX)?,
            number,
            holder: text("refundAccount.holder", &self.holder, HOLDER_CHARS_MAX)?,
        })
    }
}

/// Cancel a payment, whole or in part.
#[utoipa::path(post, path = "/v1/payments/{paymentId}/cancel", tag = "payments", request_body = CancelBody,
    params(("paymentId" = String, Path)),
    responses((status = 200, description = "Given back", body = PaymentView),
        (status = 202, description = "The PG's answer is not known yet; see the last of `cancels`, or wait for the webhook", body = PaymentView)))]
pub(crate) async fn cancel_payment(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<PaymentId>,
    context: Context,
    asked: Asked<CancelBody>,
) -> Result<Reply, Problem> {
    let currency = payment(&app, &side, id).await?.order.amount.currency;
    let order = asked.body.command(currency)?;
    Ok(
        flows::cancel(&app, &side, id, order, asked.memo, rendering(&context, status))
            .await?
            .into(),
    )
}

fn status(payment: &PaymentView) -> u16 {
    let open = payment
        .cancels
        .iter()
        .any(|cancel| matches!(cancel.status, "REQUESTED" | "UNKNOWN"));
    if open { 202 } else { 200 }
}
