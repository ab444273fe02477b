//! The third side of the books: what the PGs have.

use anyhow::Context;
use flows::App;
use flows::pg_books::{self, DifferenceKind, PgDifference, PgReport, Span};
use serde::Serialize;
use vocabulary::Duration;

use crate::args::Books;
use crate::out;
use crate::stop::Next;

/// How far back to look where nobody says.
const LOOK_BACK: Duration = Duration::days(7);
/// Differences that are printed; the JSON has all that were kept.
const DIFFERENCES_SHOWN: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    shop: String,
    mode: &'static str,
    pg_account: String,
    since: String,
    until: String,
    compared: u64,
    /// Not settled yet; no difference.
    open: u64,
    pub unanswered: u64,
    /// The PG's own list was read, so that what only the PG has would show.
    listed: bool,
    pub differences: Vec<PgDifference>,
}

pub async fn compare(app: &App, options: &Books) -> anyhow::Result<Vec<View>> {
    let now = app.clock.now();
    let until = options.until.unwrap_or(now);
    let from = options.since.unwrap_or(until - LOOK_BACK);
    let reports = pg_books::check_all(app, Span { from, until }).await;
    let reports = reports
        .context("the payments cannot be compared with the PGs")
        .next("run `narupay check`, which looks at the database and at each PG")?;
    let view = |report: PgReport| View {
        shop: match app.directory.side(report.scope) {
            Some(side) => side.slug.clone(),
            None => report.scope.shop.to_string(),
        },
        mode: report.scope.mode.as_str(),
        pg_account: match app.directory.account(report.account) {
            Some(account) => account.slug.clone(),
            None => report.account.to_string(),
        },
        since: from.in_korea(),
        until: until.in_korea(),
        compared: report.compared,
        open: report.open,
        unanswered: report.unanswered,
        listed: report.listed,
        differences: report.differences,
    };
    Ok(reports.into_iter().map(view).collect())
}

pub fn text(views: &[View]) -> String {
    let mut text = String::new();
    for view in views {
        text.push_str(&format!(
            "{} · {} · PG account {} · from {} until {}\n\n  {} attempts compared, {} not settled yet, {} without a clear answer.{}\n",
            view.shop,
            view.mode,
            view.pg_account,
            view.since,
            view.until,
            out::grouped(&view.compared.to_string()),
            view.open,
            view.unanswered,
            if view.listed {
                ""
            } else {
                " The PG's own list could not be read, so what only the PG has does not show."
            }
        ));
        if view.differences.is_empty() {
            text.push_str("  Payments and PG agree.\n\n");
            continue;
        }
        text.push_str(&format!("  {} DIFFERENCES:\n", view.differences.len()));
        let row = |difference: &PgDifference| {
            vec![
                kind(difference.kind).to_owned(),
                difference.payment.clone().unwrap_or_else(|| "-".to_owned()),
                difference.pg_order_id.clone(),
                difference.ours.clone(),
                difference.theirs.clone(),
                difference.currency.to_owned(),
            ]
        };
        let rows: Vec<Vec<String>> = view.differences.iter().take(DIFFERENCES_SHOWN).map(row).collect();
        text.push_str(&out::table(
            &[
                "difference",
                "payment",
                "order id at the PG",
                "ours",
                "the PG's",
                "currency",
            ],
            &rows,
        ));
        text.push_str(
            "  Sums are what is left, in minor units. `narupay recheck PAYMENT` takes up what the PG says.\n\n",
        );
    }
    text
}

fn kind(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::Missing => "MISSING",
        DifferenceKind::Extra => "EXTRA",
        DifferenceKind::Amount => "AMOUNT",
        DifferenceKind::State => "STATE",
    }
}
