//! NICE Payments, start-api with server approval: the window authenticates, we approve. `NOTES.md` says
//! which manual this follows and what it leaves out.

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
mod sign;
mod window;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use vocabulary::pg::{Answer, CancelAnswer, Report};
use vocabulary::{Currency, Duration, Failure, Money, Reason};

use crate::{
    Approve, Bill, CancelAsk, Capabilities, ConfigError, Connector, Inquiry, Listed, Listing, NetCancel, Notice,
    NoticeAnswer, NoticeRefused, Outside, PgConfig, ReceiptAnswer, ReceiptAsk, RecordedReceipt, Returned, Unsupported,
    Window,
};
use client::{Client, NoAnswer};
use config::{Config, PG};
use errors::Verdict;

const API_VERSIONS: &[&str] = &["v1"];
/// Source: the manual's chapter on net cancels.
const NET_CANCEL_WITHIN: Duration = Duration::hours(1);

/// One NICE account.
pub struct Nice {
    config: Config,
    client: Client,
    capabilities: Capabilities,
}

impl Nice {
    pub fn new(config: &PgConfig, outside: &Outside) -> Result<Nice, ConfigError> {
        let config = Config::load(config)?;
        let capabilities = Capabilities {
            methods: rules::rules(!config.sandbox),
            currencies: vec![Currency::KRW],
            cash_receipts: true,
            // A tid is approved once; whether a repeat is refused or answered is not documented.
            approve_repeatable: false,
            net_cancel_within: Some(NET_CANCEL_WITHIN),
            escrow: true,
            api_versions: API_VERSIONS,
            api_version: API_VERSIONS[0],
        };
        Ok(Nice {
            config,
            client: Client::new(outside.transport.clone(), outside.clock.clone()),
            capabilities,
        })
    }

    /// The sandbox says that its payments can be canceled in parts, and then refuses it.
    fn as_allowed(&self, report: Report) -> Report {
        Report {
            partial_cancel_allowed: report.partial_cancel_allowed && !self.config.sandbox,
            ..report
        }
    }
}

impl Connector for Nice {
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
        returned::read(query, &self.config)
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

    fn net_cancel<'a>(&'a self, ask: &'a NetCancel) -> BoxFuture<'a, Result<CancelAnswer, Unsupported>> {
        Box::pin(async { Ok(self.undo(ask).await) })
    }

    fn transactions<'a>(&'a self, ask: &'a Listing) -> BoxFuture<'a, Result<Listed, Unsupported>> {
        Box::pin(async { Ok(self.list(ask).await) })
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

    fn read_notice(&self, headers: &BTreeMap<String, String>, body: &[u8]) -> Result<Notice, NoticeRefused> {
        notice::read(headers, body, &self.config)
    }

    /// Exactly this, or NICE takes the notice for lost.
    fn notice_answer(&self) -> NoticeAnswer {
        NoticeAnswer {
            status: 200,
            content_type: "text/html",
            body: "OK",
        }
    }
}

/// A definite no, or what is unclear.
fn refusal(problem: NoAnswer) -> Result<Failure, String> {
    match problem {
        // Nothing left for NICE; the log has the cause.
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
