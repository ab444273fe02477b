use std::sync::Arc;

use axum::extract::State;
use flows::App;
use flows::view::PaymentView;
use serde::Deserialize;
use utoipa::ToSchema;
use vocabulary::pg::CashReceiptKind;
use vocabulary::{Digits, PaymentId};

use super::bodies::{ReceiptWord, invalid};
use super::{Id, Reply, rendering};
use crate::asked::Asked;
use crate::auth::Shop;
use crate::problem::Problem;
use crate::request::Context;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CashReceiptBody {
    kind: ReceiptWord,
    /// Phone, business registration or card number it is made out to. It is passed on and not kept.
    #[schema(example = "010-1234-5678")]
    number: String,
}

impl CashReceiptBody {
    pub fn command(self) -> Result<(CashReceiptKind, Digits), Problem> {
        let number = Digits::parse(&self.number)
            .ok_or_else(|| invalid("number", "takes 1 to 30 digits", "숫자 1~30자를 써 주세요"))?;
        Ok((self.kind.into(), number))
    }
}

/// Issue a cash receipt (현금영수증) for a paid transfer or virtual account that has none.
#[utoipa::path(post, path = "/v1/payments/{paymentId}/cash-receipt", tag = "payments", request_body = CashReceiptBody,
    params(("paymentId" = String, Path)), responses((status = 200, description = "Issued", body = PaymentView)))]
pub(crate) async fn issue_cash_receipt(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<PaymentId>,
    context: Context,
    asked: Asked<CashReceiptBody>,
) -> Result<Reply, Problem> {
    let (kind, number) = asked.body.command()?;
    let replied = flows::issue_receipt(&app, &side, id, kind, number, asked.memo, rendering(&context, |_| 200)).await?;
    Ok(replied.into())
}
