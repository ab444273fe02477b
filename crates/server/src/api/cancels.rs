use std::sync::Arc;

use axum::extract::State;
use flows::App;
use flows::view::PaymentView;
use vocabulary::PaymentId;

use super::bodies::CancelBody;
use super::{Id, Reply, payment, rendering};
use crate::asked::Asked;
use crate::auth::Shop;
use crate::problem::Problem;
use crate::request::Context;

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
