//! A person's work list: what does not end by itself, with everything known and what to do about it.

use payments::{About, Payment, Stuck, StuckKind};
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::{AttemptId, PaymentId, Scope, Timestamp};

use crate::recheck::attempt_of;
use crate::{App, Error};

/// One thing a person should look into. Amounts are in the currency's minor unit.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WorkItem)]
pub struct WorkItem {
    #[schema(example = "APPROVE_UNKNOWN")]
    pub kind: &'static str,
    pub payment_id: String,
    pub order_id: String,
    /// The payment's.
    pub status: &'static str,
    /// The attempt or cancel it is about; `null`: the cash receipt.
    pub subject_id: Option<String>,
    /// When that began.
    pub since: String,
    /// What may be charged, given back or held.
    pub amount: i64,
    pub currency: &'static str,
    pub pg: Option<&'static str>,
    /// The PG account's name in the configuration.
    pub pg_account: Option<String>,
    /// What the PG knows the payment by, for its console or its support.
    pub pg_key: Option<String>,
    pub pg_order_id: Option<String>,
    /// How often the PG was asked.
    pub asks: u32,
    pub asked_at: Option<String>,
    /// What was seen instead of an answer.
    pub last_heard: Option<String>,
    /// When the PG is asked again by itself; `null`: parked, it is asked by a re-check or because of a notice.
    pub next_at: Option<String>,
    pub parked: bool,
    pub to_do: ToDo,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ToDo)]
pub struct ToDo {
    pub ko: &'static str,
    pub en: &'static str,
}

#[derive(Debug, Clone)]
pub struct WorkPage {
    pub items: Vec<WorkItem>,
    /// Given to the next call; `None`: this was the last page.
    pub next_cursor: Option<String>,
}

/// Of one shop, the oldest trouble first. A page holds the items of at most `limit` payments.
/// Errors: a cursor that is none ([`Error::NotFound`]); the store.
pub async fn work_list(app: &App, scope: Scope, cursor: Option<&str>, limit: u32) -> Result<WorkPage, Error> {
    let after = cursor.map(place).transpose()?;
    let payments = app.store.payments_needing_a_person(scope, after, limit).await?;
    let full = payments.len() >= limit as usize;
    let last = payments.last().filter(|_| full);
    let next_cursor = last.and_then(|payment| Some(format!("{}.{}", payment.attention_at()?.as_micros(), payment.id)));
    let items = payments.iter().flat_map(|payment| {
        let stuck = payment.stuck();
        stuck.into_iter().map(|stuck| item(app, payment, stuck))
    });
    Ok(WorkPage {
        items: items.collect(),
        next_cursor,
    })
}

/// Where a page ended: the time of the trouble and the payment.
fn place(cursor: &str) -> Result<(Timestamp, PaymentId), Error> {
    let read = |(since, id): (&str, &str)| Some((Timestamp::from_micros(since.parse().ok()?), id.parse().ok()?));
    let place = cursor.split_once('.').and_then(read);
    place.ok_or(Error::NotFound("page"))
}

fn item(app: &App, payment: &Payment, stuck: Stuck) -> WorkItem {
    let id: Option<AttemptId> = attempt_of(payment, stuck.about).or(payment.paid_by().map(|attempt| attempt.id));
    let attempt = id.and_then(|id| payment.attempt(id).ok());
    let account = attempt.and_then(|attempt| app.directory.account(attempt.pg_account));
    WorkItem {
        kind: stuck.kind.as_str(),
        payment_id: payment.id.to_string(),
        order_id: payment.order.id.to_string(),
        status: payment.state.as_str(),
        subject_id: match stuck.about {
            About::Attempt(id) => Some(id.to_string()),
            About::Cancel(id) => Some(id.to_string()),
            About::Receipt => None,
        },
        since: stuck.since.in_korea(),
        amount: stuck.at_stake.minor,
        currency: stuck.at_stake.currency.code(),
        pg: account.as_ref().map(|account| account.connector.pg()),
        pg_account: account.as_ref().map(|account| account.slug.clone()),
        pg_key: attempt.and_then(|attempt| attempt.pg_key.clone()),
        pg_order_id: attempt.map(|attempt| attempt.id.to_string()),
        asks: stuck.asks,
        asked_at: stuck.asked_at.map(Timestamp::in_korea),
        last_heard: stuck.last_heard,
        next_at: stuck.next_at.map(Timestamp::in_korea),
        parked: stuck.next_at.is_none(),
        to_do: to_do(stuck.kind),
    }
}

fn to_do(kind: StuckKind) -> ToDo {
    let (ko, en) = match kind {
        StuckKind::ApproveUnknown => (
            "PG 관리자 화면에서 PG 주문번호로 승인 여부를 확인한 뒤 다시 확인(recheck)하세요. 확인 전에는 배송하거나 다시 결제를 요청하지 마세요.",
            "Look the PG order id up in the PG's console, then re-check. Do not ship, and do not ask the shopper to pay again, before it is known.",
        ),
        StuckKind::CancelUnknown => (
            "PG 관리자 화면에서 환불 내역을 확인한 뒤 다시 확인(recheck)하세요. 같은 금액을 다시 환불하지 마세요.",
            "Look for the refund in the PG's console, then re-check. Do not refund the same sum a second time.",
        ),
        StuckKind::HeldNotReturned => (
            "받지 말아야 할 돈을 PG가 갖고 있습니다. PG 관리자 화면에서 전액 취소한 뒤 다시 확인(recheck)하세요.",
            "The PG holds money it should not. Cancel it in full in the PG's console, then re-check.",
        ),
        StuckKind::HeldWithoutAccount => (
            "구매자에게 환불 계좌를 물어 취소 API의 refundAccount로 보내세요.",
            "Ask the shopper for an account and send it as refundAccount with a cancel.",
        ),
        StuckKind::AccountNotEnded => (
            "입금 기한이 오래 지난 가상계좌입니다. PG에 입금 여부를 문의하거나 취소하세요.",
            "The virtual account's time was over long ago. Ask the PG whether a deposit came, or cancel it.",
        ),
        StuckKind::ReceiptUnclear => (
            "국세청 홈택스나 PG 관리자 화면에서 현금영수증 발급 상태를 확인하세요.",
            "Look the cash receipt up in the PG's console or at the tax office.",
        ),
    };
    ToDo { ko, en }
}
