//! Toss Payments: the payment window, and the API behind it. `NOTES.md` says which manual this
//! follows and what it leaves out.

mod ask;
mod cancel;
mod client;
mod codes;
mod config;
mod errors;
mod listing;
mod map;
mod notice;
mod receipt;
mod returned;
mod rules;
mod window;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use vocabulary::pg::{Answer, CancelAnswer, Report};
use vocabulary::{Currency, Failure, Money, Reason};

use crate::http::Transport;
use crate::{
    Approve, Bill, CancelAsk, Capabilities, ConfigError, Connector, Inquiry, Listed, Listing, Notice, NoticeRefused,
    PgConfig, ReceiptAnswer, ReceiptAsk, RecordedReceipt, Returned, Unsupported, Window,
};
use client::{Client, NoAnswer};
use config::{Config, PG};
use errors::Verdict;
use map::{Asked, Unbelieved};

/// One Toss account.
pub struct Toss {
    config: Config,
    client: Client,
    capabilities: Capabilities,
    /// A version of the API other than the pinned one, once an answer has shown it.
    other_version: Mutex<Option<String>>,
}

impl Toss {
    pub fn new(config: &PgConfig, transport: Arc<dyn Transport>) -> Result<Toss, ConfigError> {
        let config = Config::load(config)?;
        let capabilities = Capabilities {
            methods: rules::rules(),
            currencies: vec![Currency::KRW, Currency::USD, Currency::JPY],
            cash_receipts: true,
            approve_repeatable: true,
            net_cancel_within: None,
            escrow: true,
            api_versions: config::API_VERSIONS,
            api_version: config.api_version,
        };
        Ok(Toss {
            config,
            client: Client::new(transport),
            capabilities,
            other_version: Mutex::default(),
        })
    }

    /// Reads a body that must be the payment asked about.
    fn report(&self, body: &[u8], asked: &Asked<'_>) -> Result<Report, Unbelieved> {
        let payment = map::payment(body, asked)?;
        self.note_version(payment.version.as_deref());
        map::report(payment).map_err(Unbelieved::Unreadable)
    }

    /// Toss switches a MID's version at once and for all. We read every known one, so that is
    /// no reason to lose a payment, but one to tell the operator, once per version.
    fn note_version(&self, version: Option<&str>) {
        let Some(version) = version.filter(|version| *version != self.config.api_version) else {
            return;
        };
        let mut seen = self.other_version.lock().unwrap_or_else(PoisonError::into_inner);
        let version = map::clean(version, 20);
        if seen.as_deref() != Some(&version) {
            let pinned = self.config.api_version;
            tracing::warn!(
                pg = PG,
                "toss answers with API version {version}; the PG account is set to {pinned}"
            );
            *seen = Some(version);
        }
    }
}

impl Connector for Toss {
    fn pg(&self) -> &'static str {
        PG
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn window(&self, bill: &Bill) -> Result<Window, Unsupported> {
        let rules = self.capabilities.rules(bill.method).ok_or(Unsupported("this method"))?;
        window::window(&self.config, rules, bill)
    }

    fn read_return(&self, query: &BTreeMap<String, String>) -> Returned {
        returned::read(query)
    }

    fn approve<'a>(&'a self, ask: &'a Approve) -> BoxFuture<'a, Answer> {
        Box::pin(self.confirm(ask))
    }

    fn inquire<'a>(&'a self, ask: &'a Inquiry) -> BoxFuture<'a, Answer> {
        Box::pin(self.look_up(ask))
    }

    fn cancel<'a>(&'a self, ask: &'a CancelAsk) -> BoxFuture<'a, CancelAnswer> {
        Box::pin(self.refund(ask))
    }

    fn transactions<'a>(&'a self, ask: &'a Listing) -> BoxFuture<'a, Result<Listed, Unsupported>> {
        Box::pin(async move { Ok(self.list(ask).await) })
    }

    fn issue_receipt<'a>(&'a self, ask: &'a ReceiptAsk) -> BoxFuture<'a, Result<ReceiptAnswer, Unsupported>> {
        Box::pin(self.make_receipt(ask))
    }

    fn cancel_receipt<'a>(
        &'a self,
        receipt: &'a RecordedReceipt,
        amount: Option<Money>,
    ) -> BoxFuture<'a, Result<ReceiptAnswer, Unsupported>> {
        Box::pin(self.take_back_receipt(receipt, amount))
    }

    fn read_notice(&self, _headers: &BTreeMap<String, String>, body: &[u8]) -> Result<Notice, NoticeRefused> {
        notice::read(body)
    }

    fn remarks(&self) -> Vec<String> {
        let seen = self.other_version.lock().unwrap_or_else(PoisonError::into_inner);
        let remark = |version| {
            let pinned = self.config.api_version;
            format!("Toss answers with API version {version}, but this PG account is set to {pinned}")
        };
        seen.as_ref().map(remark).into_iter().collect()
    }
}

/// A definite no, or what is unclear.
fn refusal(problem: NoAnswer) -> Result<Failure, String> {
    match problem {
        // Nothing left for Toss; the log has the cause.
        NoAnswer::NotSent(_) => Ok(Failure::ours(Reason::PgUnavailable)),
        NoAnswer::Unclear(text) => Err(text),
        NoAnswer::Refused(refusal) => match errors::verdict(&refusal) {
            (failure, Verdict::No) => Ok(failure),
            (failure, Verdict::Unknown) => Err(format!("no clear answer: {}", said(&failure))),
            (failure, Verdict::AlreadyProcessed) => Err(format!("done before, an inquiry tells: {}", said(&failure))),
        },
    }
}

fn said(failure: &Failure) -> String {
    format!("{} {}", failure.pg_code, failure.pg_message)
}
