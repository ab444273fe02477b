//! `narupay books`: 0 all agrees, 1 something does not, 2 could not look.

mod pg;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use connectors::http::Wire;
use flows::App;
use flows::books::{Difference, Report};
use ledger::Account;
use serde::Serialize;
use store::{BrokenLink, ChainReport};
use vocabulary::Money;

use crate::args::Books;
use crate::clock::MachineClock;
use crate::config::Config;
use crate::stop::Next;
use crate::{node, out};

/// Differences that are printed; the JSON has all that were kept.
const DIFFERENCES_SHOWN: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BooksView {
    clean: bool,
    books: Vec<ShopView>,
    events: EventsView,
    /// Only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pgs: Option<Vec<pg::View>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShopView {
    shop: String,
    mode: &'static str,
    payments: u64,
    balanced: bool,
    accounts: Vec<AccountView>,
    differences: Vec<Difference>,
}

/// Amounts in minor units.
#[derive(Serialize)]
struct AccountView {
    account: String,
    currency: &'static str,
    debit: i64,
    credit: i64,
    balance: i64,
}

#[derive(Serialize)]
struct EventsView {
    count: u64,
    /// Their bodies were taken away on purpose.
    erased: u64,
    broken: Vec<String>,
}

pub async fn run(options: Books) -> anyhow::Result<ExitCode> {
    let config = Config::find(options.from.config.as_deref())?;
    let clock = Arc::new(MachineClock::real());
    let store = node::open_store(&config, clock.clone()).await?;
    let wire = Wire::new()
        .context("there is no way to the PGs")
        .next("this is a fault of the build: report it")?;
    let app = node::attach(&config, store, clock, Arc::new(wire)).await?;
    let reports = flows::books::check_all(&app).await;
    let reports = reports
        .context("the books cannot be read")
        .next("run `narupay check`, which looks at the database")?;
    let chain = app.store.verify_chain().await;
    let chain = chain.map_err(|fault| node::advise(fault, "the event record cannot be read"))?;
    let pgs = match options.pg {
        true => Some(pg::compare(&app, &options).await?),
        false => None,
    };
    app.store.close().await;

    let view = view(&app, &reports, &chain, pgs);
    let unanswered = view.pgs.iter().flatten().any(|pg| pg.unanswered > 0);
    let code = if view.clean && unanswered {
        // Nothing differs as far as could be seen.
        ExitCode::from(2)
    } else if view.clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    };
    if options.json {
        out::json(&view)?;
    } else {
        out::line(text(&view, &reports));
    }
    Ok(code)
}

fn view(app: &App, reports: &[Report], chain: &ChainReport, pgs: Option<Vec<pg::View>>) -> BooksView {
    let pgs_agree = pgs.iter().flatten().all(|pg| pg.differences.is_empty());
    BooksView {
        clean: reports.iter().all(Report::clean) && chain.broken.is_empty() && pgs_agree,
        books: reports.iter().map(|report| shop(app, report)).collect(),
        events: EventsView {
            count: chain.events,
            erased: chain.erased,
            broken: chain.broken.iter().map(link).collect(),
        },
        pgs,
    }
}

fn link(link: &BrokenLink) -> String {
    let event = link.event.map(|event| format!(" ({event})")).unwrap_or_default();
    format!("chain {}, place {}{event}: {}", link.chain, link.place, link.what)
}

fn shop(app: &App, report: &Report) -> ShopView {
    let side = app.directory.side(report.scope);
    let account = |(account, row): (Account, ledger::Row)| AccountView {
        account: named(app, account),
        currency: row.debit.currency.code(),
        debit: row.debit.minor,
        credit: row.credit.minor,
        balance: row.debit.minor.saturating_sub(row.credit.minor),
    };
    ShopView {
        // Data of a shop that is no longer configured is still data.
        shop: side.map_or_else(|| report.scope.shop.to_string(), |side| side.slug.clone()),
        mode: report.scope.mode.as_str(),
        payments: report.payments,
        balanced: report.balanced,
        accounts: report.balance.rows().map(account).collect(),
        differences: report.differences.clone(),
    }
}

/// PG accounts by the name the operator gave them.
fn named(app: &App, account: Account) -> String {
    let slug = match account {
        Account::PgReceivable(id) => app.directory.account(id).map(|account| account.slug.clone()),
        _ => None,
    };
    slug.map_or_else(|| account.to_string(), |slug| format!("pg_receivable:{slug}"))
}

fn text(view: &BooksView, reports: &[Report]) -> String {
    let mut text = String::new();
    for (shop, report) in view.books.iter().zip(reports) {
        text.push_str(&format!(
            "{} · {} · {} payments\n\n",
            shop.shop,
            shop.mode,
            out::grouped(&shop.payments.to_string())
        ));
        let cells = |((_, row), account): ((Account, ledger::Row), &AccountView)| {
            let money = |minor| amount(Money::new(minor, row.debit.currency));
            let sums = [account.debit, account.credit, account.balance].map(money);
            [account.account.clone(), account.currency.to_owned()]
                .into_iter()
                .chain(sums)
                .collect()
        };
        let mut rows: Vec<Vec<String>> = report.balance.rows().zip(&shop.accounts).map(cells).collect();
        rows.extend(totals(report));
        text.push_str(&out::table(
            &["account", "currency", ">debit", ">credit", ">balance"],
            &rows,
        ));
        text.push('\n');
        text.push_str(if shop.balanced {
            "  The books balance.\n"
        } else {
            "  THE BOOKS DO NOT BALANCE: debits and credits differ.\n"
        });
        text.push_str(&differences(&shop.differences));
        text.push('\n');
    }
    if view.books.is_empty() {
        text.push_str("There are no payments yet.\n\n");
    }
    if let Some(pgs) = &view.pgs {
        text.push_str(&pg::text(pgs));
    }
    match view.events.broken.as_slice() {
        [] => text.push_str(&format!(
            "Event record: {} events, {} of them erased, unbroken.",
            out::grouped(&view.events.count.to_string()),
            out::grouped(&view.events.erased.to_string())
        )),
        broken => {
            text.push_str("EVENT RECORD CHANGED AFTER THE FACT:\n");
            broken.iter().for_each(|link| text.push_str(&format!("  {link}\n")));
            text.push_str("Keep a copy of the database as it is and compare it with the last backup.");
        }
    }
    text
}

fn differences(found: &[Difference]) -> String {
    if found.is_empty() {
        return "  Payments and ledger agree.\n".to_owned();
    }
    let mut text = format!("  {} PAYMENTS DISAGREE WITH THE LEDGER:\n", found.len());
    let row = |difference: &Difference| {
        vec![
            difference.payment.clone(),
            out::grouped(&difference.expected.to_string()),
            out::grouped(&difference.posted.to_string()),
            difference.currency.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = found.iter().take(DIFFERENCES_SHOWN).map(row).collect();
    text.push_str(&out::table(
        &["payment", ">by payment", ">by ledger", "currency"],
        &rows,
    ));
    text.push_str("  Amounts are in minor units. Ask the PG (POST /v1/payments/{id}/sync), then run this again.\n");
    text
}

/// A line per currency.
fn totals(report: &Report) -> Vec<Vec<String>> {
    let mut sums: Vec<(Money, Money)> = Vec::new();
    for (_, row) in report.balance.rows() {
        match sums.iter_mut().find(|(debit, _)| debit.currency == row.debit.currency) {
            Some((debit, credit)) => {
                debit.minor = debit.minor.saturating_add(row.debit.minor);
                credit.minor = credit.minor.saturating_add(row.credit.minor);
            }
            None => sums.push((row.debit, row.credit)),
        }
    }
    let line = |(debit, credit): (Money, Money)| {
        let left = Money::new(debit.minor.saturating_sub(credit.minor), debit.currency);
        let sums = [debit, credit, left].map(amount);
        ["total".to_owned(), debit.currency.code().to_owned()]
            .into_iter()
            .chain(sums)
            .collect()
    };
    sums.into_iter().map(line).collect()
}

/// Digits in threes with the currency's decimals, without its code.
fn amount(money: Money) -> String {
    let text = money.to_string();
    out::grouped(text.split(' ').next().unwrap_or_default())
}
