use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tokio::sync::Mutex;
use vocabulary::{Duration, Timestamp};

use crate::kit::{Folder, PG_KEYS, Running, SHOP_KEY, Shop, check, installation, run, simulator, until};

/// Lives of the server; each is cut short while shoppers are at the till.
const LIVES: usize = 3;
const SHOPPERS: usize = 8;
/// Payments acknowledged before a life may be cut.
const PAID_PER_LIFE: u32 = 10;

#[tokio::test]
async fn killed_under_load_nothing_acknowledged_is_lost_and_nobody_is_charged_twice() {
    let folder = Folder::new();
    let (simulator, pg) = simulator().await;
    let config = installation(&folder, &pg).display().to_string();

    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let last_seen: Arc<Mutex<Option<Timestamp>>> = Arc::default();
    for life in 0..LIVES {
        let server = Running::start(&["serve", "--json", "--config", &config]).await;
        let shop = Shop::new(&server.at("apiUrl"), SHOP_KEY, &pg, PG_KEYS.0);
        let paid = Arc::new(AtomicU32::new(0));
        let mut shoppers = tokio::task::JoinSet::new();
        for shopper in 0..SHOPPERS {
            let (shop, paid) = (shop.clone(), paid.clone());
            let (acknowledged, last_seen) = (acknowledged.clone(), last_seen.clone());
            shoppers.spawn(async move {
                for number in 0.. {
                    // An error means that the server is gone.
                    let Ok(payment) = shop.try_create(&format!("order-{life}-{shopper}-{number}")).await else {
                        return;
                    };
                    if shop.try_pay(&payment).await.is_err() {
                        return;
                    }
                    *last_seen.lock().await = Timestamp::parse(payment["createdAt"].as_str().unwrap());
                    acknowledged
                        .lock()
                        .await
                        .push(payment["id"].as_str().unwrap().to_owned());
                    paid.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        until("enough payments to be worth a crash", || async {
            (paid.load(Ordering::SeqCst) >= PAID_PER_LIFE).then_some(())
        })
        .await;
        server.kill().await;
        while shoppers.join_next().await.is_some() {}
    }

    // The last life begins later, when every question to the PG is due again.
    let later = last_seen.lock().await.expect("somebody paid") + Duration::minutes(10);
    let args = ["serve", "--json", "--config", &config, "--clock", &later.in_korea()];
    let server = Running::start(&args).await;
    let shop = Shop::new(&server.at("apiUrl"), SHOP_KEY, &pg, PG_KEYS.0);
    let acknowledged = acknowledged.lock().await.clone();
    assert!(acknowledged.len() >= LIVES * PAID_PER_LIFE as usize);
    for id in &acknowledged {
        let payment = shop.get(&format!("/v1/payments/{id}")).await;
        assert_eq!(payment["status"], "DONE", "{payment}");
    }
    let everything = settled(&shop).await;
    for payment in &everything {
        compare(&shop, payment).await;
    }
    assert_eq!(server.stop().await, Some(0));
    check(
        &run(&["books", "--config", &config]).await,
        0,
        &["The books balance.", "Payments and ledger agree.", "unbroken"],
    );
    assert_eq!(simulator.stop().await, Some(0));
}

/// Every payment, once no question to the PG is open any more.
async fn settled(shop: &Shop) -> Vec<Value> {
    until("an answer to every open question", || async {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = shop.get(&format!("/v1/payments?limit=100{cursor}")).await;
            all.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let open = all
            .iter()
            .any(|payment| payment["status"] == "CONFIRMING" || is_approving(payment));
        (!open).then_some(all)
    })
    .await
}

/// Agreed to in the window and neither approved nor refused yet.
fn is_approving(payment: &Value) -> bool {
    payment["attempts"].as_array().unwrap().iter().any(|attempt| {
        let status = attempt["status"].as_str().unwrap();
        matches!(status, "AGREED" | "APPROVING" | "UNKNOWN")
    })
}

/// Our record and the PG's say the same.
async fn compare(shop: &Shop, payment: &Value) {
    let attempt = payment["attempts"][0]["id"].as_str().unwrap();
    let truth = shop.truth(attempt).await;
    let approvals = truth.as_ref().map_or(0, |truth| truth["approvals"].as_u64().unwrap());
    let ours = u64::from(payment["status"] == "DONE");
    assert_eq!(approvals, ours, "ours: {payment}\nthe PG's: {truth:?}");
}
