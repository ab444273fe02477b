//! Pieces of the JSON that rows carry beside their columns. Their names are a promise to
//! databases that exist: add, never rename.

use std::borrow::Cow;
use std::str::FromStr;

use ledger::Tax;
use payments::{Cancel, CancelOrigin, CancelState};
use serde::{Deserialize, Serialize};
use vocabulary::pg::{Card, Means, VirtualAccount};
use vocabulary::{AttemptId, CancelId, Currency, Failure, Money, Reason, Timestamp};

use crate::Fault;

pub(crate) type Text<'a> = Cow<'a, str>;

pub(crate) fn to_json(value: &impl Serialize) -> String {
    // Structs of strings and numbers, with string keys: there is nothing that could fail.
    serde_json::to_string(value).unwrap_or_default()
}

pub(crate) fn from_json<'a, T: Deserialize<'a>>(what: &'static str, text: &'a str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::Corrupt {
        what: format!("the detail of {what}"),
        source: Some(std::sync::Arc::new(error)),
    })
}

pub(crate) fn word<T: FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::corrupt(format!("the word {text:?}")))
}

pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

pub(crate) fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

/// An amount whose currency is the payment's or is not.
#[derive(Serialize, Deserialize)]
pub(crate) struct MoneyJson<'a>(i64, Text<'a>);

impl From<Money> for MoneyJson<'static> {
    fn from(money: Money) -> MoneyJson<'static> {
        MoneyJson(money.minor, money.currency.code().into())
    }
}

impl MoneyJson<'_> {
    pub fn money(&self) -> Result<Money, Fault> {
        Ok(Money::new(self.0, word(&self.1)?))
    }
}

/// Supply price, VAT, tax-free, exempt.
#[derive(Serialize, Deserialize)]
pub(crate) struct TaxJson(i64, i64, i64, i64);

impl From<Tax> for TaxJson {
    fn from(tax: Tax) -> TaxJson {
        TaxJson(tax.supplied.minor, tax.vat.minor, tax.tax_free.minor, tax.exempt.minor)
    }
}

impl TaxJson {
    pub fn tax(&self, currency: Currency) -> Tax {
        let money = |minor| Money::new(minor, currency);
        Tax {
            supplied: money(self.0),
            vat: money(self.1),
            tax_free: money(self.2),
            exempt: money(self.3),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct FailureJson<'a> {
    reason: Text<'a>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    code: Text<'a>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    message: Text<'a>,
}

impl<'a> From<&'a Failure> for FailureJson<'a> {
    fn from(failure: &'a Failure) -> FailureJson<'a> {
        FailureJson {
            reason: failure.reason.as_str().into(),
            code: failure.pg_code.as_str().into(),
            message: failure.pg_message.as_str().into(),
        }
    }
}

impl FailureJson<'_> {
    pub fn failure(self) -> Result<Failure, Fault> {
        Ok(Failure {
            reason: word::<Reason>(&self.reason)?,
            pg_code: self.code.into_owned(),
            pg_message: self.message.into_owned(),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct CardJson<'a> {
    issuer: Text<'a>,
    number: Text<'a>,
    #[serde(default, skip_serializing_if = "is_zero")]
    months: u8,
    #[serde(default, skip_serializing_if = "is_false")]
    interest_free: bool,
    approval: Text<'a>,
}

impl<'a> From<&'a Card> for CardJson<'a> {
    fn from(card: &'a Card) -> CardJson<'a> {
        CardJson {
            issuer: card.issuer.as_str().into(),
            number: card.number_masked.as_str().into(),
            months: card.instalment_months,
            interest_free: card.interest_free,
            approval: card.approval_number.as_str().into(),
        }
    }
}

impl CardJson<'_> {
    fn card(self) -> Card {
        Card {
            issuer: self.issuer.into_owned(),
            number_masked: self.number.into_owned(),
            instalment_months: self.months,
            interest_free: self.interest_free,
            approval_number: self.approval.into_owned(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(crate) enum MeansJson<'a> {
    Card(CardJson<'a>),
    EasyPay {
        provider: Text<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        card: Option<CardJson<'a>>,
    },
    VirtualAccount {
        bank: Text<'a>,
        number: Text<'a>,
        holder: Text<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_at: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        depositor: Option<Text<'a>>,
        #[serde(default, skip_serializing_if = "is_false")]
        expired: bool,
    },
    Transfer {
        bank: Text<'a>,
    },
    Mobile {
        phone: Text<'a>,
    },
    GiftVoucher,
}

impl<'a> MeansJson<'a> {
    pub fn of(means: &'a Means) -> Option<MeansJson<'a>> {
        Some(match means {
            Means::Unknown => return None,
            Means::Card(card) => MeansJson::Card(card.into()),
            Means::EasyPay { provider, card } => MeansJson::EasyPay {
                provider: provider.as_str().into(),
                card: card.as_ref().map(CardJson::from),
            },
            Means::VirtualAccount(account) => MeansJson::VirtualAccount {
                bank: account.bank.as_str().into(),
                number: account.number.as_str().into(),
                holder: account.holder.as_str().into(),
                due_at: account.due_at.map(Timestamp::as_micros),
                depositor: account.depositor.as_deref().map(Cow::from),
                expired: account.expired,
            },
            Means::Transfer { bank } => MeansJson::Transfer {
                bank: bank.as_str().into(),
            },
            Means::Mobile { phone_masked } => MeansJson::Mobile {
                phone: phone_masked.as_str().into(),
            },
            Means::GiftVoucher => MeansJson::GiftVoucher,
        })
    }

    pub fn means(self) -> Means {
        match self {
            MeansJson::Card(card) => Means::Card(card.card()),
            MeansJson::EasyPay { provider, card } => Means::EasyPay {
                provider: provider.into_owned(),
                card: card.map(CardJson::card),
            },
            MeansJson::VirtualAccount {
                bank,
                number,
                holder,
                due_at,
                depositor,
                expired,
            } => Means::VirtualAccount(VirtualAccount {
                bank: bank.into_owned(),
                number: number.into_owned(),
                holder: holder.into_owned(),
                due_at: due_at.map(Timestamp::from_micros),
                depositor: depositor.map(Cow::into_owned),
                expired,
            }),
            MeansJson::Transfer { bank } => Means::Transfer {
                bank: bank.into_owned(),
            },
            MeansJson::Mobile { phone } => Means::Mobile {
                phone_masked: phone.into_owned(),
            },
            MeansJson::GiftVoucher => Means::GiftVoucher,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct CancelJson<'a> {
    id: Text<'a>,
    attempt: Text<'a>,
    origin: Text<'a>,
    state: Text<'a>,
    currency: Text<'a>,
    tax: TaxJson,
    #[serde(default, skip_serializing_if = "is_false")]
    whole: bool,
    reason: Text<'a>,
    requested_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    done_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_at: Option<i64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    asks: u32,
    #[serde(default, skip_serializing_if = "is_false")]
    asking: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    with_refund_account: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pg_key: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_heard: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<FailureJson<'a>>,
}

pub(crate) fn encode_cancel(cancel: &Cancel) -> String {
    to_json(&CancelJson {
        id: cancel.id.to_string().into(),
        attempt: cancel.attempt.to_string().into(),
        origin: cancel.origin.as_str().into(),
        state: cancel.state.as_str().into(),
        currency: cancel.tax.supplied.currency.code().into(),
        tax: cancel.tax.into(),
        whole: cancel.whole,
        reason: cancel.reason.as_str().into(),
        requested_at: cancel.requested_at.as_micros(),
        done_at: cancel.done_at.map(Timestamp::as_micros),
        asked_at: cancel.asked_at.map(Timestamp::as_micros),
        asks: cancel.asks,
        asking: cancel.asking,
        with_refund_account: cancel.with_refund_account,
        pg_key: cancel.pg_key.as_deref().map(Cow::from),
        last_heard: cancel.last_heard.as_deref().map(Cow::from),
        failure: cancel.failure.as_ref().map(FailureJson::from),
    })
}

pub(crate) fn decode_cancel(text: &str) -> Result<Cancel, Fault> {
    let json: CancelJson = from_json("a cancel", text)?;
    Ok(Cancel {
        id: word::<CancelId>(&json.id)?,
        attempt: word::<AttemptId>(&json.attempt)?,
        origin: word::<CancelOrigin>(&json.origin)?,
        state: word::<CancelState>(&json.state)?,
        tax: json.tax.tax(word(&json.currency)?),
        whole: json.whole,
        reason: json.reason.into_owned(),
        requested_at: Timestamp::from_micros(json.requested_at),
        done_at: json.done_at.map(Timestamp::from_micros),
        asked_at: json.asked_at.map(Timestamp::from_micros),
        asks: json.asks,
        asking: json.asking,
        with_refund_account: json.with_refund_account,
        pg_key: json.pg_key.map(Cow::into_owned),
        last_heard: json.last_heard.map(Cow::into_owned),
        failure: json.failure.map(FailureJson::failure).transpose()?,
    })
}
