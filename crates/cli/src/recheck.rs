//! `narupay recheck`: 0 everything is known, 1 something is still not, 2 could not look.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use connectors::http::Wire;
use flows::{App, Rechecked};
use payments::{OrderId, Payment};
use serde::Serialize;
use vocabulary::{PaymentId, Scope, Timestamp};

use crate::args::Recheck;
use crate::clock::MachineClock;
use crate::config::Config;
use crate::stop::Next;
use crate::{node, out};

const BATCH_MAX: u32 = 200;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    payment_id: String,
    order_id: String,
    shop: String,
    mode: &'static str,
    before: &'static str,
    after: &'static str,
    /// Questions to a PG that still have no clear answer.
    open_questions: usize,
    /// The PG could not even be asked.
    problem: Option<String>,
}

pub async fn run(options: Recheck) -> anyhow::Result<ExitCode> {
    let config = Config::find(options.from.config.as_deref())?;
    let clock = Arc::new(MachineClock::real());
    let store = node::open_store(&config, clock.clone()).await?;
    let wire = Wire::new()
        .context("there is no way to the PGs")
        .next("this is a fault of the build: report it")?;
    let app = node::attach(&config, store, clock, Arc::new(wire)).await?;
    let mut views = Vec::new();
    for name in &options.payments {
        let payment = find(&app, name).await?;
        views.push(look(&app, payment).await);
    }
    if options.all_open {
        look_at_all(&app, &mut views).await?;
    }
    app.drained().await;
    app.store.close().await;
    if options.json {
        out::json(&views)?;
    } else {
        out::line(text(&views));
    }
    let clear = views
        .iter()
        .all(|view| view.open_questions == 0 && view.problem.is_none());
    Ok(if clear { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// By our id, or by the shop's order id in whichever shop has it.
async fn find(app: &Arc<App>, name: &str) -> anyhow::Result<Payment> {
    let id = name.parse::<PaymentId>();
    let order = name.parse::<OrderId>();
    let mut found = Vec::new();
    for side in app.directory.sides() {
        let payment = match (&id, &order) {
            (Ok(id), _) => app.store.payment(side.scope, *id).await,
            (_, Ok(order)) => app.store.payment_by_order(side.scope, order).await,
            _ => Ok(None),
        };
        found.extend(payment.map_err(|fault| node::advise(fault, "the payment cannot be read"))?);
    }
    match (found.pop(), found.is_empty()) {
        (Some(payment), true) => Ok(payment),
        (None, _) => {
            Err(anyhow!("there is no payment `{name}`")).next("give a payment id (pay_…) or the order id the shop used")
        }
        (Some(_), false) => {
            Err(anyhow!("several shops have an order `{name}`")).next("give the payment id (pay_…) instead")
        }
    }
}

async fn look_at_all(app: &Arc<App>, views: &mut Vec<View>) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let due = app.store.due_payments(Timestamp::MAX, after.as_ref(), BATCH_MAX).await;
        let due = due.map_err(|fault| node::advise(fault, "the open payments cannot be listed"))?;
        let Some(last) = due.last().copied() else {
            return look_at_parked(app, views).await;
        };
        for due in due {
            let payment = app.store.payment(due.scope, due.payment).await;
            let payment = payment.map_err(|fault| node::advise(fault, "a payment cannot be read"))?;
            // A payment that only waits for its shopper is due one day too.
            if let Some(payment) = payment.filter(|payment| !payment.to_ask().is_empty()) {
                views.push(look(app, payment).await);
            }
        }
        after = Some(last);
    }
}

/// Those that are parked are due no more.
async fn look_at_parked(app: &Arc<App>, views: &mut Vec<View>) -> anyhow::Result<()> {
    for side in app.directory.sides() {
        let mut after = None;
        loop {
            let found = app.store.payments_needing_a_person(side.scope, after, BATCH_MAX).await;
            let found = found.map_err(|fault| node::advise(fault, "the work list cannot be read"))?;
            let Some(last) = found.last() else { break };
            after = last.attention_at().map(|since| (since, last.id));
            for payment in found {
                if payment.parked() {
                    views.push(look(app, payment).await);
                }
            }
        }
    }
    Ok(())
}

async fn look(app: &Arc<App>, before: Payment) -> View {
    let (scope, id) = (before.scope, before.id);
    let view = |after: &Payment, open_questions, problem| View {
        payment_id: id.to_string(),
        order_id: before.order.id.to_string(),
        shop: shop(app, scope),
        mode: scope.mode.as_str(),
        before: before.state.as_str(),
        after: after.state.as_str(),
        open_questions,
        problem,
    };
    match flows::recheck(app, scope, id).await {
        Ok(Rechecked { payment, open }) => view(&payment, open, None),
        Err(error) => view(&before, before.to_ask().len(), Some(error.to_string())),
    }
}

fn shop(app: &App, scope: Scope) -> String {
    let side = app.directory.side(scope);
    side.map_or_else(|| scope.shop.to_string(), |side| side.slug.clone())
}

fn text(views: &[View]) -> String {
    if views.is_empty() {
        return "Nothing is open.".to_owned();
    }
    let row = |view: &View| {
        let came_to = match (&view.problem, view.open_questions) {
            (Some(problem), _) => problem.clone(),
            (None, 0) => "known".to_owned(),
            (None, open) => format!("{open} still open: the PG gave no clear answer"),
        };
        let [before, after] = [view.before, view.after].map(str::to_owned);
        vec![view.payment_id.clone(), view.order_id.clone(), before, after, came_to]
    };
    let rows: Vec<Vec<String>> = views.iter().map(row).collect();
    out::table(&["payment", "order", "before", "now", "outcome"], &rows)
}
