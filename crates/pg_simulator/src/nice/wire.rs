//! The PG's JSON, spelt as its manual spells it: the members of its examples, in their order.

use serde::Serialize;
use vocabulary::{Duration, Timestamp};

use super::payment::{self, Means, Status};
use super::sign::sign;
use super::{Code, dates};

/// A moment that never was.
const NEVER: &str = "0";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment<'a> {
    pub result_code: &'static str,
    pub result_msg: &'static str,
    pub tid: &'a str,
    pub cancelled_tid: Option<&'a str>,
    pub order_id: &'a str,
    pub edi_date: String,
    pub signature: Option<String>,
    pub status: &'static str,
    pub paid_at: String,
    pub failed_at: String,
    pub cancelled_at: String,
    pub pay_method: &'static str,
    pub amount: i64,
    pub balance_amt: i64,
    pub goods_name: &'a str,
    pub mall_reserved: Option<&'a str>,
    pub use_escrow: bool,
    pub currency: &'static str,
    pub channel: &'static str,
    pub approve_no: Option<&'a str>,
    pub buyer_name: Option<&'a str>,
    pub buyer_tel: Option<&'a str>,
    pub buyer_email: Option<&'a str>,
    pub receipt_url: Option<String>,
    pub mall_user_id: Option<&'a str>,
    pub issued_cash_receipt: bool,
    pub coupon: Option<()>,
    pub card: Option<Card>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<Bank>,
    pub vbank: Option<Vbank<'a>>,
    pub cancels: Option<Vec<Cancel<'a>>>,
    pub cash_receipts: Option<Vec<CashReceipt<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    pub card_code: &'static str,
    pub card_name: &'static str,
    pub card_num: Option<String>,
    pub card_quota: u8,
    pub is_interest_free: bool,
    pub card_type: &'static str,
    pub can_part_cancel: bool,
    pub acqu_card_code: &'static str,
    pub acqu_card_name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bank {
    pub bank_code: &'static str,
    pub bank_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Vbank<'a> {
    pub vbank_code: &'static str,
    pub vbank_name: String,
    pub vbank_number: &'a str,
    pub vbank_exp_date: String,
    pub vbank_holder: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancel<'a> {
    tid: &'a str,
    amount: i64,
    cancelled_at: String,
    reason: &'a str,
    receipt_url: String,
    coupon_amt: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CashReceipt<'a> {
    receipt_tid: &'a str,
    org_tid: &'a str,
    status: &'static str,
    amount: i64,
    tax_free_amt: i64,
    receipt_type: &'static str,
    issue_no: &'a str,
    receipt_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    result_code: &'static str,
    result_msg: &'static str,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Refusal {
        Refusal {
            result_code: code.as_str(),
            result_msg: code.message(),
        }
    }
}

/// Writes payments as they are at one moment.
pub struct Reader<'a> {
    pub now: Timestamp,
    /// How far the PG's clock is off; the dates it signs are off with it.
    pub skew: Duration,
    pub public_url: &'a str,
}

impl Reader<'_> {
    /// `ediDate` of an answer.
    pub fn edi_date(&self) -> String {
        dates::to_millis(self.now + self.skew)
    }

    pub fn moment(&self, at: Timestamp) -> String {
        dates::to_second(at + self.skew)
    }

    fn moment_or_never(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| NEVER.to_owned(), |at| self.moment(at))
    }

    pub fn receipt_url(&self, tid: &str) -> String {
        format!(
            "{}/nice/issue/IssueLoader.do?type=0&innerWin=Y&TID={tid}",
            self.public_url
        )
    }

    pub fn payment<'a>(&self, payment: &'a payment::Payment) -> Payment<'a> {
        let edi_date = self.edi_date();
        let code = payment.failure.unwrap_or(Code::SUCCESS);
        let secret = &payment.merchant.secret_key;
        let amount = payment.amount.minor;
        let signature = sign(&[&payment.tid, &amount.to_string(), &edi_date, secret]);
        let valid = payment.failure.is_none();
        let last_cancel = payment.cancels.last();
        let cancelled_at = last_cancel.map(|cancel| cancel.at);
        let approved = !payment.approve_number.is_empty() && !matches!(payment.means, Means::Vbank(_));
        let dummy = payment.merchant.sandbox.then_some("000000");
        Payment {
            result_code: code.as_str(),
            result_msg: code.message(),
            tid: &payment.tid,
            cancelled_tid: last_cancel.map(|cancel| cancel.tid.as_str()),
            order_id: &payment.order_id,
            edi_date,
            signature: valid.then_some(signature),
            status: payment.status.as_str(),
            paid_at: self.moment_or_never(payment.paid_at),
            failed_at: self.moment_or_never(payment.failed_at),
            cancelled_at: self.moment_or_never(cancelled_at),
            pay_method: payment.means.name(),
            amount,
            balance_amt: payment.balance.minor,
            goods_name: &payment.goods_name,
            mall_reserved: payment.mall_reserved.as_deref(),
            use_escrow: payment.use_escrow,
            currency: payment.amount.currency.code(),
            channel: if payment.mobile { "mobile" } else { "pc" },
            approve_no: approved.then(|| dummy.unwrap_or(&payment.approve_number)),
            buyer_name: payment.buyer_name.as_deref(),
            buyer_tel: payment.buyer_tel.as_deref(),
            buyer_email: payment.buyer_email.as_deref(),
            receipt_url: valid.then(|| self.receipt_url(&payment.tid)),
            mall_user_id: payment.mall_user_id.as_deref(),
            issued_cash_receipt: payment.receipt.is_some(),
            coupon: None,
            card: card(payment),
            bank: match &payment.means {
                Means::Bank(bank) => Some(Bank {
                    bank_code: bank.code,
                    bank_name: format!("{}은행", bank.korean),
                }),
                _ => None,
            },
            vbank: self.vbank(payment),
            cancels: self.cancels(payment),
            cash_receipts: payment.receipt.as_ref().map(|receipt| {
                vec![CashReceipt {
                    receipt_tid: &receipt.tid,
                    org_tid: &payment.tid,
                    status: if payment.status == Status::Cancelled {
                        "cancelRequested"
                    } else {
                        "issueRequested"
                    },
                    amount: receipt.amount.minor,
                    tax_free_amt: receipt.tax_free.minor,
                    receipt_type: receipt.kind.as_str(),
                    issue_no: &receipt.number,
                    receipt_url: self.receipt_url(&receipt.tid),
                }]
            }),
        }
    }

    fn vbank<'a>(&self, payment: &'a payment::Payment) -> Option<Vbank<'a>> {
        match &payment.means {
            Means::Vbank(account) if !account.number.is_empty() => Some(Vbank {
                vbank_code: account.bank.code,
                vbank_name: format!("{}은행", account.bank.korean),
                vbank_number: &account.number,
                vbank_exp_date: self.moment(account.due_at),
                vbank_holder: &account.holder,
            }),
            _ => None,
        }
    }

    fn cancels<'a>(&self, payment: &'a payment::Payment) -> Option<Vec<Cancel<'a>>> {
        let line = |cancel: &'a payment::Cancel| Cancel {
            tid: &cancel.tid,
            amount: cancel.amount.minor,
            cancelled_at: self.moment(cancel.at),
            reason: &cancel.reason,
            receipt_url: self.receipt_url(&cancel.tid),
            coupon_amt: 0,
        };
        let lines: Vec<_> = payment.cancels.iter().map(line).collect();
        Some(lines).filter(|lines| !lines.is_empty())
    }
}

/// The sandbox answers with one card, whichever was chosen.
fn card(payment: &payment::Payment) -> Option<Card> {
    let card = match &payment.means {
        Means::Card(card) | Means::EasyPay { card: Some(card), .. } => card,
        _ => return None,
    };
    let (code, name) = if payment.merchant.sandbox {
        ("04", "삼성")
    } else {
        (card.issuer.code, card.issuer.korean)
    };
    let number = if payment.merchant.sandbox {
        "123412******1234".to_owned()
    } else {
        format!("9400{code}******1234")
    };
    Some(Card {
        card_code: code,
        card_name: name,
        card_num: Some(number),
        card_quota: card.quota,
        is_interest_free: card.interest_free,
        card_type: if card.check { "check" } else { "credit" },
        can_part_cancel: !payment.use_escrow,
        acqu_card_code: code,
        acqu_card_name: name,
    })
}
