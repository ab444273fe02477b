//! Transactions and settlements (beta). Source: the English manual; fees and payout days are ours, contracts differ.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use vocabulary::{Bp, Money, Round};

use super::{Ask, Call, Subject, perform};
use crate::faults::{NoticePlan, Operation};
use crate::nice::fields::Fields;
use crate::nice::payment::{Means, Payment};
use crate::nice::store::Movement;
use crate::nice::{Code, Pg, dates, notice};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 500;
/// Paid out this many working days after the sale.
const PAID_OUT_AFTER: u32 = 7;
/// A share of the amount, VAT not included.
const FEE: Bp = Bp(290);
const FEE_VBANK: Money = Money::krw(300);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    count: usize,
    next_sequence: Option<u64>,
    has_more: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    result_code: &'static str,
    result_msg: &'static str,
    pagination: Pagination,
    #[serde(skip_serializing_if = "Option::is_none")]
    transactions: Option<Vec<T>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlements: Option<Vec<T>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionRow {
    sequence: u64,
    original_tid: String,
    tid: String,
    order_id: String,
    currency: &'static str,
    amount: i64,
    method: &'static str,
    use_escrow: bool,
    transaction_status: &'static str,
    transaction_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SettlementRow {
    sequence: u64,
    original_tid: String,
    tid: String,
    order_id: String,
    currency: &'static str,
    settlement_currency: &'static str,
    method: &'static str,
    interest_fee: i64,
    use_escrow: bool,
    net: Net,
    transaction_status: &'static str,
    card_acquiring_status: Option<&'static str>,
    amount: i64,
    supply_amt: i64,
    fee: i64,
    vat: i64,
    exchange_rate: Option<()>,
    transaction_at: String,
    paid_out_date: String,
}

#[derive(Serialize)]
struct Net {
    krw: i64,
    usd: Option<()>,
}

/// `GET /v1/transactions?date=yyyyMMdd&startingSequence=&limit=`: the movements of one Korean day.
pub(crate) async fn transactions(State(pg): State<Pg>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    perform(&pg, ask(&headers), |call| {
        let fields = Fields::parse(query.unwrap_or_default().as_bytes());
        let (rows, pagination) = movements(&pg, call, &fields, transaction_row)?;
        Ok(notice::json(&Page {
            result_code: Code::SUCCESS.as_str(),
            result_msg: Code::SUCCESS.message(),
            pagination,
            transactions: Some(rows),
            settlements: None,
        }))
    })
    .await
}

/// `GET /v1/settlements?type=transactionDate&date=yyyyMMdd&startingSequence=&limit=`
pub(crate) async fn settlements(State(pg): State<Pg>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    perform(&pg, ask(&headers), |call| {
        let fields = Fields::parse(query.unwrap_or_default().as_bytes());
        if fields.get("type").is_some_and(|kind| kind != "transactionDate") {
            return Err(Code::FIELD_NOT_OF_LIST);
        }
        let (rows, pagination) = movements(&pg, call, &fields, settlement_row)?;
        Ok(notice::json(&Page {
            result_code: Code::SUCCESS.as_str(),
            result_msg: Code::SUCCESS.message(),
            pagination,
            transactions: None,
            settlements: Some(rows),
        }))
    })
    .await
}

fn ask(headers: &HeaderMap) -> Ask<'_> {
    Ask {
        operation: Operation::Other,
        subject: Subject::None,
        headers,
    }
}

fn movements<T>(
    pg: &Pg,
    call: &Call,
    fields: &Fields,
    row: impl Fn(&Movement, &Payment) -> T,
) -> Result<(Vec<T>, Pagination), Code> {
    let day = fields.needed("date")?;
    if !dates::is_day(day) {
        return Err(Code::FIELD_NOT_OF_TYPE);
    }
    let from = fields.won("startingSequence")?.unwrap_or(0);
    let limit = match fields.won("limit")? {
        None => LIMIT_DEFAULT,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or(Code::FIELD_NOT_OF_LIST)?,
    };
    Ok(pg.with(NoticePlan::default(), |store, _| {
        let mut mine = store
            .movements()
            .iter()
            .filter(|movement| movement.sequence as i64 >= from && dates::day(movement.at) == day)
            .filter_map(|movement| Some((movement, store.peek(&movement.payment)?)))
            .filter(|(_, payment)| call.owns(payment));
        let rows: Vec<T> = mine
            .by_ref()
            .take(limit)
            .map(|(movement, payment)| row(movement, payment))
            .collect();
        let next_sequence = mine.next().map(|(movement, _)| movement.sequence);
        let pagination = Pagination {
            count: rows.len(),
            next_sequence,
            has_more: next_sequence.is_some(),
        };
        (rows, pagination)
    }))
}

fn transaction_row(movement: &Movement, payment: &Payment) -> TransactionRow {
    TransactionRow {
        sequence: movement.sequence,
        original_tid: payment.tid.to_string(),
        tid: movement.tid.clone(),
        order_id: payment.order_id.to_string(),
        currency: payment.amount.currency.code(),
        amount: movement.amount.minor,
        method: payment.means.name(),
        use_escrow: payment.use_escrow,
        transaction_status: movement.status.as_str(),
        transaction_at: dates::to_second(movement.at),
    }
}

fn settlement_row(movement: &Movement, payment: &Payment) -> SettlementRow {
    let is_cancel = movement.amount.minor < 0;
    let fee = match payment.means {
        Means::Vbank(_) if is_cancel => 0,
        Means::Vbank(_) => FEE_VBANK.minor,
        _ => movement
            .amount
            .share_bp(FEE, Round::HalfEven)
            .map_or(0, |fee| fee.minor),
    };
    let vat = Money::krw(fee).share(1, 10, Round::HalfEven).map_or(0, |vat| vat.minor);
    let tax = Money::krw(movement.amount.minor - if is_cancel { 0 } else { payment.tax_free.minor })
        .share(1, 11, Round::HalfEven)
        .map_or(0, |tax| tax.minor);
    let is_card = matches!(payment.means, Means::Card(_) | Means::EasyPay { .. });
    let paid_out = dates::business_days_later(movement.at, PAID_OUT_AFTER);
    SettlementRow {
        sequence: movement.sequence,
        original_tid: payment.tid.to_string(),
        tid: movement.tid.clone(),
        order_id: payment.order_id.to_string(),
        currency: payment.amount.currency.code(),
        settlement_currency: payment.amount.currency.code(),
        method: payment.means.name(),
        interest_fee: 0,
        use_escrow: payment.use_escrow,
        net: Net {
            krw: movement.amount.minor - fee - vat,
            usd: None,
        },
        transaction_status: movement.status.as_str(),
        card_acquiring_status: is_card.then_some("acquired"),
        amount: movement.amount.minor,
        supply_amt: movement.amount.minor - tax,
        fee,
        vat,
        exchange_rate: None,
        transaction_at: dates::to_second(movement.at),
        paid_out_date: dates::day(paid_out),
    }
}
