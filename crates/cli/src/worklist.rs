//! `narupay worklist`: 0 nothing is stuck, 1 something is, 2 could not look.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use connectors::http::Wire;
use flows::App;
use flows::work_list::{WorkItem, work_list};
use serde::Serialize;
use vocabulary::Scope;

use crate::args::Worklist;
use crate::clock::MachineClock;
use crate::config::Config;
use crate::stop::Next;
use crate::{node, out};

const PAGE: u32 = 100;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShopItem {
    shop: String,
    mode: &'static str,
    #[serde(flatten)]
    item: WorkItem,
}

pub async fn run(options: Worklist) -> anyhow::Result<ExitCode> {
    let config = Config::find(options.from.config.as_deref())?;
    let clock = Arc::new(MachineClock::real());
    let store = node::open_store(&config, clock.clone()).await?;
    let wire = Wire::new()
        .context("there is no way to the PGs")
        .next("this is a fault of the build: report it")?;
    let app = node::attach(&config, store, clock, Arc::new(wire)).await?;
    let mut items = Vec::new();
    for side in app.directory.sides() {
        let (shop, mode) = (side.slug.clone(), side.scope.mode.as_str());
        let found = of_shop(&app, side.scope).await?;
        items.extend(found.into_iter().map(|item| ShopItem {
            shop: shop.clone(),
            mode,
            item,
        }));
    }
    app.store.close().await;
    if options.json {
        out::json(&items)?;
    } else {
        out::line(text(&items));
    }
    Ok(ExitCode::from(u8::from(!items.is_empty())))
}

async fn of_shop(app: &App, scope: Scope) -> anyhow::Result<Vec<WorkItem>> {
    let (mut items, mut cursor) = (Vec::new(), None);
    loop {
        let page = work_list(app, scope, cursor.as_deref(), PAGE).await;
        let page = page
            .context("the work list cannot be read")
            .next("run `narupay check`, which looks at the database")?;
        items.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(items);
        }
    }
}

fn text(items: &[ShopItem]) -> String {
    if items.is_empty() {
        return "Nothing needs a person.".to_owned();
    }
    let mut text = String::new();
    for ShopItem { shop, mode, item } in items {
        let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let next = match &item.next_at {
            Some(next) => format!("asked again {next}"),
            None => "parked: not asked again by itself".to_owned(),
        };
        text.push_str(&format!(
            "{kind}  {payment}  order {order}  {shop} ({mode})\n  {amount} {currency} at stake since {since}, payment is {status}\n  \
             PG {account}, its key {key}, order id there {pg_order}\n  asked {asks} times, last {asked}; {next}\n  last heard: {heard}\n  \
             → {todo}\n  → {todo_ko}\n\n",
            kind = item.kind,
            payment = item.payment_id,
            order = item.order_id,
            amount = out::grouped(&item.amount.to_string()),
            currency = item.currency,
            since = item.since,
            status = item.status,
            account = known(&item.pg_account),
            key = known(&item.pg_key),
            pg_order = known(&item.pg_order_id),
            asks = item.asks,
            asked = known(&item.asked_at),
            heard = known(&item.last_heard),
            todo = item.to_do.en,
            todo_ko = item.to_do.ko,
        ));
    }
    text.push_str(&format!(
        "{} in all. `narupay recheck PAYMENT` asks the PG now.",
        items.len()
    ));
    text
}
