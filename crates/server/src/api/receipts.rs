use std::sync::Arc;

use axum::extract::State;
use flows::App;
use flows::view::PaymentView;
use vocabulary::PaymentId;

use super::bodies::CashReceiptBody;
use super::{Id, Reply, rendering};
use crate::asked::Asked;
use crate::auth::Shop;
use crate::problem::Problem;
use crate::request::Context;

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
