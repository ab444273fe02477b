//! Transactions and settlements. Source: "거래 조회", "정산 조회" (2026-06); fees are ours, contracts differ.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use vocabulary::{Bp, Money, Round, Timestamp};

use super::{Ask, Call, Subject, object, perform, text};
use crate::faults::{NoticePlan, Operation};
use crate::toss::amount::Amount;
use crate::toss::payment::{Means, Payment};
use crate::toss::store::Transaction;
use crate::toss::window::fields::Fields;
use crate::toss::wire::{self, Reader};
use crate::toss::{Code, Pg, calendar, notice, words};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 5_000;
/// Paid out this many working days after the sale.
const PAID_OUT_AFTER: u32 = 2;

/// What a merchant pays per method: a share of the amount, or won per payment, VAT not included.
pub enum Fee {
    Share(Bp),
    Flat(Money),
}

pub const FEE_CARD: Fee = Fee::Share(Bp(290));
pub const FEE_EASY_PAY: Fee = Fee::Share(Bp(300));
pub const FEE_TRANSFER: Fee = Fee::Share(Bp(180));
pub const FEE_VIRTUAL_ACCOUNT: Fee = Fee::Flat(Money::krw(300));
pub const FEE_MOBILE: Fee = Fee::Share(Bp(350));
pub const FEE_VOUCHER: Fee = Fee::Share(Bp(600));
pub const FEE_FOREIGN: Fee = Fee::Share(Bp(390));
/// On top of the base fee when the merchant pays the instalments' interest, per month.
pub const FEE_INSTALMENT_MONTH: Bp = Bp(60);

fn fee_of(means: &Means) -> Fee {
    match means {
        Means::Card(_) => FEE_CARD,
        Means::EasyPay { .. } => FEE_EASY_PAY,
        Means::Transfer { .. } => FEE_TRANSFER,
        Means::VirtualAccount(_) => FEE_VIRTUAL_ACCOUNT,
        Means::Mobile { .. } => FEE_MOBILE,
        Means::Voucher(_) => FEE_VOUCHER,
        Means::ForeignEasyPay { .. } => FEE_FOREIGN,
    }
}

fn ask<'a>(headers: &'a HeaderMap, address: &str) -> Ask<'a> {
    Ask {
        operation: Operation::Other,
        subject: Subject::None,
        headers,
        address: address.to_owned(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionRow<'a> {
    m_id: &'a str,
    transaction_key: &'a str,
    payment_key: &'a str,
    order_id: &'a str,
    method: Option<&'static str>,
    customer_key: Option<&'a str>,
    use_escrow: bool,
    receipt_url: String,
    status: &'static str,
    transaction_at: String,
    currency: &'static str,
    amount: Amount,
}

/// `GET /v1/transactions?startDate=&endDate=&startingAfter=&limit=`
pub(crate) async fn transactions(State(pg): State<Pg>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    perform(&pg, ask(&headers, ""), |call| {
        let fields = Fields::parse(query.unwrap_or_default().as_bytes());
        let moment = |name: &str| calendar::moment(fields.needed(name)?).ok_or(Code::INVALID_DATE);
        let (start, end) = (moment("startDate")?, moment("endDate")?);
        let limit = size(&fields, "limit")?;
        let after = fields.get("startingAfter");
        let mut rows = movements(&pg, call, |movement| (start..=end).contains(&movement.at));
        if let Some(after) = after {
            let place = rows
                .iter()
                .position(|(movement, _)| movement.key == after)
                .ok_or(Code::INVALID_REQUEST)?;
            rows.drain(..=place);
        }
        rows.truncate(limit);
        let public_url = pg.public_url();
        let reader = call.reader(&pg, &public_url);
        let rows: Vec<_> = rows
            .iter()
            .map(|(movement, payment)| transaction_row(movement, payment, &reader))
            .collect();
        Ok(notice::json(&rows))
    })
    .await
}

fn transaction_row<'a>(movement: &'a Transaction, payment: &'a Payment, reader: &Reader) -> TransactionRow<'a> {
    TransactionRow {
        m_id: &payment.merchant.mid,
        transaction_key: &movement.key,
        payment_key: &payment.key,
        order_id: &payment.order_id,
        method: payment.means.as_ref().map(|means| words::method(means, reader.lang)),
        customer_key: None,
        use_escrow: payment.use_escrow,
        receipt_url: reader.receipt_url(&payment.key),
        status: movement.status.as_str(),
        transaction_at: movement.at.in_korea(),
        currency: payment.total.currency.code(),
        amount: Amount(movement.amount),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SettlementRow<'a> {
    m_id: &'a str,
    payment_key: &'a str,
    transaction_key: &'a str,
    order_id: &'a str,
    currency: &'static str,
    method: &'static str,
    amount: Amount,
    interest_fee: Amount,
    fees: Vec<FeeRow>,
    supply_amount: Amount,
    vat: Amount,
    pay_out_amount: Amount,
    approved_at: Option<String>,
    sold_date: String,
    paid_out_date: String,
    card: Option<wire::Card<'a>>,
    easy_pay: Option<wire::EasyPay>,
    gift_certificate: Option<wire::GiftCertificate>,
    mobile_phone: Option<wire::MobilePhone<'a>>,
    transfer: Option<wire::Transfer>,
    virtual_account: Option<wire::VirtualAccount<'a>>,
    cancel: Option<wire::Cancel<'a>>,
}

#[derive(Serialize)]
struct FeeRow {
    r#type: &'static str,
    fee: Amount,
}

/// `GET /v1/settlements?startDate=&endDate=&dateType=&page=&size=`: from the day after each movement on.
pub(crate) async fn settlements(State(pg): State<Pg>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    perform(&pg, ask(&headers, ""), |call| {
        let fields = Fields::parse(query.unwrap_or_default().as_bytes());
        let day = |name: &str| {
            let text = fields.needed(name)?;
            calendar::date(text).map(|_| text.to_owned()).ok_or(Code::INVALID_DATE)
        };
        let (start, end) = (day("startDate")?, day("endDate")?);
        let by_payout = match fields.get("dateType") {
            None | Some("soldDate") => false,
            Some("paidOutDate") => true,
            Some(_) => return Err(Code::INVALID_REQUEST),
        };
        let size = size(&fields, "size")?;
        let page = match fields.get("page") {
            Some(text) => text
                .parse::<usize>()
                .ok()
                .filter(|page| *page >= 1)
                .ok_or(Code::INVALID_REQUEST)?,
            None => 1,
        };
        let today = pg.now().korean_date();
        let rows = movements(&pg, call, |movement| {
            let date = if by_payout {
                paid_out(movement.at)
            } else {
                movement.at.korean_date()
            };
            !movement.amount.is_zero() && movement.at.korean_date() < today && start <= date && date <= end
        });
        let public_url = pg.public_url();
        let reader = call.reader(&pg, &public_url);
        let rows = rows.iter().skip((page - 1).saturating_mul(size)).take(size);
        let rows: Vec<_> = rows
            .filter_map(|(movement, payment)| settlement_row(movement, payment, &reader))
            .collect();
        Ok(notice::json(&rows))
    })
    .await
}

fn paid_out(sold_at: Timestamp) -> String {
    calendar::business_days_later(sold_at, PAID_OUT_AFTER).korean_date()
}

fn settlement_row<'a>(
    movement: &'a Transaction,
    payment: &'a Payment,
    reader: &Reader<'a>,
) -> Option<SettlementRow<'a>> {
    let means = payment.means.as_ref()?;
    let zero = Money::zero(movement.amount.currency);
    // A share is given back with a cancel; a flat fee is not.
    let base = match fee_of(means) {
        Fee::Share(rate) => movement.amount.share_bp(rate, Round::HalfUp).ok()?,
        Fee::Flat(fee) if movement.amount.minor > 0 => fee,
        Fee::Flat(_) => zero,
    };
    let interest = match means {
        Means::Card(card) if card.interest_free => {
            let rate = Bp(FEE_INSTALMENT_MONTH.0 * u32::from(card.instalment_months));
            movement.amount.share_bp(rate, Round::HalfUp).ok()?
        }
        _ => zero,
    };
    let net = base.checked_add(interest).ok()?;
    let tax = net.share(1, 10, Round::HalfUp).ok()?;
    let pay_out = movement
        .amount
        .checked_sub(net)
        .and_then(|rest| rest.checked_sub(tax))
        .ok()?;
    let mut fees = vec![FeeRow {
        r#type: "BASE",
        fee: Amount(base),
    }];
    if !interest.is_zero() {
        fees.push(FeeRow {
            r#type: "INSTALLMENT_DISCOUNT",
            fee: Amount(interest),
        });
    }
    Some(SettlementRow {
        m_id: &payment.merchant.mid,
        payment_key: &payment.key,
        transaction_key: &movement.key,
        order_id: &payment.order_id,
        currency: movement.amount.currency.code(),
        method: words::method(means, reader.lang),
        amount: Amount(movement.amount),
        interest_fee: Amount(interest),
        fees,
        supply_amount: Amount(net),
        vat: Amount(tax),
        pay_out_amount: Amount(pay_out),
        approved_at: payment.approved_at.map(Timestamp::in_korea),
        sold_date: movement.at.korean_date(),
        paid_out_date: paid_out(movement.at),
        card: reader.card(means),
        easy_pay: reader.easy_pay(means, payment),
        gift_certificate: reader.gift(means, payment),
        mobile_phone: reader.mobile(means, payment),
        transfer: reader.transfer(means, payment),
        virtual_account: payment
            .virtual_account()
            .map(|account| reader.account(account, payment)),
        cancel: payment
            .cancels
            .iter()
            .find(|cancel| cancel.transaction == movement.key)
            .map(wire::cancel),
    })
}

/// `POST /v1/settlements {paymentKey}`: settle one payment by hand. Everything settles by itself here.
pub(crate) async fn request_settlement(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    perform(&pg, ask(&headers, "/v1/settlements"), |call| {
        let body = object(&body)?;
        let key = text(&body, "paymentKey")?;
        let payment = pg
            .with(NoticePlan::default(), |store, now| store.get(key, now))
            .ok_or(Code::NOT_FOUND_PAYMENT)?;
        call.owns(&payment)?;
        Ok(Bytes::from_static(b"{\"result\":true}"))
    })
    .await
}

fn size(fields: &Fields, name: &str) -> Result<usize, Code> {
    let Some(text) = fields.get(name) else {
        return Ok(LIMIT_DEFAULT);
    };
    match text.parse() {
        Ok(size @ 1..=LIMIT_MAX) => Ok(size),
        Ok(_) => Err(Code::EXCEED_MAX_QUERY_LIMIT),
        Err(_) => Err(Code::INVALID_REQUEST),
    }
}

/// The caller's movements that pass, oldest first, with their payments as they stand.
fn movements(pg: &Pg, call: &Call, pass: impl Fn(&Transaction) -> bool) -> Vec<(Transaction, Arc<Payment>)> {
    pg.with(NoticePlan::default(), |store, _| {
        let passing = store.transactions().iter().filter(|movement| pass(movement));
        let found = passing.filter_map(|movement| Some((movement.clone(), store.peek(&movement.payment)?.clone())));
        found
            .filter(|(_, payment)| payment.merchant.mid == call.merchant.mid)
            .collect()
    })
}
