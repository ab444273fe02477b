//! The PG's JSON, spelt as its manual spells it. Every key is present, null where it does not apply.

use std::collections::BTreeMap;

use serde::Serialize;
use vocabulary::{Money, Timestamp};

use super::Lang;
use super::amount::{self, Amount};
use super::calendar;
use super::payment::{self, Means};
use super::words::{card_kind, method, receipt_kind};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment<'a> {
    m_id: &'a str,
    version: &'a str,
    payment_key: &'a str,
    r#type: &'static str,
    status: &'static str,
    order_id: &'a str,
    order_name: &'a str,
    last_transaction_key: Option<&'a str>,
    requested_at: String,
    approved_at: Option<String>,
    method: Option<&'static str>,
    currency: &'static str,
    country: &'static str,
    total_amount: Amount,
    balance_amount: Amount,
    supplied_amount: Amount,
    vat: Amount,
    tax_free_amount: Amount,
    tax_exemption_amount: Amount,
    use_escrow: Option<bool>,
    culture_expense: bool,
    is_partial_cancelable: bool,
    card: Option<Card<'a>>,
    virtual_account: Option<VirtualAccount<'a>>,
    transfer: Option<Transfer>,
    mobile_phone: Option<MobilePhone<'a>>,
    gift_certificate: Option<GiftCertificate>,
    easy_pay: Option<EasyPay>,
    cash_receipt: Option<CashReceipt<'a>>,
    cash_receipts: Option<Vec<CashReceipt<'a>>>,
    discount: Option<()>,
    cancels: Option<Vec<Cancel<'a>>>,
    failure: Option<Failure>,
    metadata: Option<&'a BTreeMap<String, String>>,
    secret: Option<&'a str>,
    receipt: Option<Link>,
    checkout: Link,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Card<'a> {
    issuer_code: &'static str,
    acquirer_code: Option<&'static str>,
    number: &'a str,
    amount: Amount,
    installment_plan_months: u8,
    is_interest_free: bool,
    interest_payer: Option<&'static str>,
    approve_no: &'static str,
    use_card_point: bool,
    card_type: &'static str,
    owner_type: &'static str,
    acquire_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VirtualAccount<'a> {
    account_type: &'static str,
    account_number: &'a str,
    bank_code: &'static str,
    customer_name: &'a str,
    depositor_name: Option<&'a str>,
    due_date: String,
    refund_status: &'static str,
    expired: bool,
    settlement_status: &'static str,
    refund_receive_account: Option<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    bank_code: &'static str,
    settlement_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MobilePhone<'a> {
    customer_mobile_phone: &'a str,
    settlement_status: &'static str,
    receipt_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GiftCertificate {
    approve_no: &'static str,
    settlement_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EasyPay {
    provider: &'static str,
    amount: Amount,
    discount_amount: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CashReceipt<'a> {
    r#type: &'static str,
    receipt_key: &'a str,
    issue_number: &'a str,
    receipt_url: String,
    amount: Amount,
    tax_free_amount: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancel<'a> {
    cancel_amount: Amount,
    cancel_reason: &'a str,
    tax_free_amount: Amount,
    tax_exemption_amount: Amount,
    refundable_amount: Amount,
    card_discount_amount: Amount,
    transfer_discount_amount: Amount,
    easy_pay_discount_amount: Amount,
    canceled_at: String,
    transaction_key: &'a str,
    receipt_key: Option<&'a str>,
    cancel_status: &'static str,
    cancel_request_id: Option<&'a str>,
}

#[derive(Serialize)]
pub struct Failure {
    code: &'static str,
    message: &'static str,
}

#[derive(Serialize)]
struct Link {
    url: String,
}

/// The body of every refusal.
#[derive(Serialize)]
pub struct Error<'a> {
    pub code: &'a str,
    pub message: &'a str,
}

/// For whom a payment is written down.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub lang: Lang,
    pub now: Timestamp,
    /// Where receipts and checkout pages live.
    pub public_url: &'a str,
}

impl<'a> Reader<'a> {
    pub fn payment(&self, payment: &'a payment::Payment) -> Payment<'a> {
        let untaxed = Money::new(
            payment.tax_free.minor + payment.tax_exempt.minor,
            payment.balance.currency,
        );
        let vat = amount::vat(payment.balance, untaxed);
        let supplied = payment.balance.minor - vat.minor - untaxed.minor;
        let means = payment.means.as_ref();
        let authenticated = means.is_some();
        Payment {
            m_id: &payment.merchant.mid,
            version: payment.merchant.api_version.as_str(),
            payment_key: &payment.key,
            r#type: "NORMAL",
            status: payment.status.as_str(),
            order_id: &payment.order_id,
            order_name: &payment.order_name,
            last_transaction_key: payment.last_transaction.as_deref(),
            requested_at: payment.requested_at.in_korea(),
            approved_at: payment.approved_at.map(Timestamp::in_korea),
            method: means.map(|means| method(means, self.lang)),
            currency: payment.total.currency.code(),
            country: payment.country,
            total_amount: Amount(payment.total),
            balance_amount: Amount(payment.balance),
            supplied_amount: Amount(Money::new(supplied, payment.balance.currency)),
            vat: Amount(vat),
            tax_free_amount: Amount(payment.tax_free),
            tax_exemption_amount: Amount(payment.tax_exempt),
            use_escrow: authenticated.then_some(payment.use_escrow),
            culture_expense: payment.culture_expense,
            is_partial_cancelable: payment.cancelable_in_parts(),
            card: means.and_then(|means| self.card(means)),
            virtual_account: payment.virtual_account().map(|account| self.account(account, payment)),
            transfer: means.and_then(|means| self.transfer(means, payment)),
            mobile_phone: means.and_then(|means| self.mobile(means, payment)),
            gift_certificate: means.and_then(|means| self.gift(means, payment)),
            easy_pay: means.and_then(|means| self.easy_pay(means, payment)),
            cash_receipt: payment.receipt.as_ref().map(|receipt| self.receipt(receipt)),
            cash_receipts: payment.receipt.as_ref().map(|receipt| vec![self.receipt(receipt)]),
            discount: None,
            cancels: (!payment.cancels.is_empty()).then(|| payment.cancels.iter().map(cancel).collect()),
            failure: payment.failure.map(|code| Failure {
                code: code.as_str(),
                message: code.message(self.lang),
            }),
            metadata: (!payment.metadata.is_empty()).then_some(&payment.metadata),
            secret: authenticated.then_some(payment.secret.as_str()),
            receipt: payment
                .last_transaction
                .as_ref()
                .map(|_| self.receipt_link(&payment.key)),
            checkout: Link {
                url: format!("{}/toss/v1/payments/{}/checkout", self.public_url, payment.key),
            },
        }
    }

    pub fn card(&self, means: &'a Means) -> Option<Card<'a>> {
        let card = match means {
            Means::Card(card) | Means::EasyPay { card: Some(card), .. } => card,
            _ => return None,
        };
        Some(Card {
            issuer_code: card.issuer,
            acquirer_code: card.acquirer,
            number: &card.number_masked,
            amount: Amount(card.amount),
            installment_plan_months: card.instalment_months,
            is_interest_free: card.interest_free,
            interest_payer: card.interest_payer,
            approve_no: "00000000",
            use_card_point: card.use_point,
            card_type: self.lang.pick(card_kind(card.kind)),
            owner_type: self.lang.pick(if card.corporate {
                ("법인", "CORPORATE")
            } else {
                ("개인", "PERSONAL")
            }),
            acquire_status: "READY",
        })
    }

    pub fn account(&self, account: &'a payment::VirtualAccount, payment: &payment::Payment) -> VirtualAccount<'a> {
        VirtualAccount {
            account_type: self.lang.pick(if account.fixed {
                ("고정", "FIXED")
            } else {
                ("일반", "NORMAL")
            }),
            account_number: &account.number,
            bank_code: account.bank.code,
            customer_name: &account.customer_name,
            depositor_name: account.depositor.as_deref(),
            due_date: account.due_at.in_korea(),
            refund_status: match account.refund_paid_at {
                None => "NONE",
                Some(at) if at > self.now => "PENDING",
                Some(_) => "COMPLETED",
            },
            expired: payment.approved_at.is_none() && account.due_at <= self.now,
            settlement_status: self.settlement(payment),
            refund_receive_account: None,
        }
    }

    pub fn transfer(&self, means: &Means, payment: &payment::Payment) -> Option<Transfer> {
        let Means::Transfer { bank } = means else { return None };
        Some(Transfer {
            bank_code: bank.code,
            settlement_status: self.settlement(payment),
        })
    }

    pub fn mobile(&self, means: &'a Means, payment: &payment::Payment) -> Option<MobilePhone<'a>> {
        let Means::Mobile { phone } = means else { return None };
        Some(MobilePhone {
            customer_mobile_phone: phone,
            settlement_status: self.settlement(payment),
            receipt_url: self.receipt_link(&payment.key).url,
        })
    }

    pub fn gift(&self, means: &Means, payment: &payment::Payment) -> Option<GiftCertificate> {
        let Means::Voucher(_) = means else { return None };
        Some(GiftCertificate {
            approve_no: "00000000",
            settlement_status: self.settlement(payment),
        })
    }

    pub fn easy_pay(&self, means: &Means, payment: &payment::Payment) -> Option<EasyPay> {
        match means {
            Means::EasyPay {
                provider,
                charged,
                discount,
                ..
            } => Some(EasyPay {
                provider: provider.name(self.lang),
                amount: Amount(*charged),
                discount_amount: Amount(*discount),
            }),
            Means::ForeignEasyPay { provider } => Some(EasyPay {
                provider: provider.name(self.lang),
                amount: Amount(payment.total),
                discount_amount: Amount(Money::zero(payment.total.currency)),
            }),
            _ => None,
        }
    }

    fn settlement(&self, payment: &payment::Payment) -> &'static str {
        let paid_out = payment
            .approved_at
            .is_some_and(|at| calendar::business_days_later(at, 2) <= self.now);
        if paid_out { "COMPLETED" } else { "INCOMPLETED" }
    }

    fn receipt(&self, receipt: &'a payment::CashReceipt) -> CashReceipt<'a> {
        CashReceipt {
            r#type: self.lang.pick(receipt_kind(receipt.kind)),
            receipt_key: &receipt.key,
            issue_number: &receipt.issue_number,
            receipt_url: self.receipt_link(&receipt.key).url,
            amount: Amount(receipt.amount),
            tax_free_amount: Amount(receipt.tax_free),
        }
    }

    fn receipt_link(&self, key: &str) -> Link {
        Link {
            url: self.receipt_url(key),
        }
    }

    pub fn receipt_url(&self, key: &str) -> String {
        format!(
            "{}/toss/receipt/redirection?transactionId={key}&ref=PX",
            self.public_url
        )
    }
}

pub fn cancel(cancel: &payment::Cancel) -> Cancel<'_> {
    let zero = Money::zero(cancel.amount.currency);
    Cancel {
        cancel_amount: Amount(cancel.amount),
        cancel_reason: &cancel.reason,
        tax_free_amount: Amount(cancel.tax_free),
        tax_exemption_amount: Amount(cancel.tax_exempt),
        refundable_amount: Amount(cancel.left),
        card_discount_amount: Amount(zero),
        transfer_discount_amount: Amount(zero),
        easy_pay_discount_amount: Amount(cancel.easy_pay_discount),
        canceled_at: cancel.at.in_korea(),
        transaction_key: &cancel.transaction,
        receipt_key: None,
        cancel_status: "DONE",
        cancel_request_id: None,
    }
}
