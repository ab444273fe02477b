//! The power goes under load: what was acknowledged is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use vocabulary::{Chance, Clock};

use crate::load::{Load, Order};
use crate::world::{LATER, MachineClock, World, number, run, seed};

const SHOPPERS: usize = 8;

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    run(cuts());
}

async fn cuts() {
    let cuts = number("NARUPAY_CUTS").unwrap_or(3);
    let seed = seed();
    let chance = Chance::seeded(seed);
    let mut world = World::new(seed).await;
    world.server.start(None).await;
    let stop = Arc::new(AtomicBool::new(false));
    let load = Load::new(&world.server.url(), &world.pg_url);
    let shoppers: Vec<_> = (0..SHOPPERS)
        .map(|number| {
            let chance = Chance::seeded(seed + number as u64);
            tokio::spawn(load.clone().shop(number, chance, stop.clone()))
        })
        .collect();
    let mut lost = 0;
    for _ in 0..cuts {
        let lives = Duration::from_millis(100 + chance.below(700));
        tokio::time::timeout(lives, std::future::pending::<()>()).await.ok();
        world.server.kill();
        lost += world.disk.cut(&chance);
        world.server.start(None).await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut orders: Vec<Order> = Vec::new();
    for shopper in shoppers {
        orders.extend(shopper.await.unwrap());
    }
    world.server.kill();
    lost += world.disk.cut(&chance);
    world.server.start(Some(MachineClock.now() + LATER)).await;
    let settled = load.settle(&orders).await;

    let acknowledged = orders.iter().filter(|order| order.id.is_some()).count();
    let (mut charged_twice, mut differ) = (0, Vec::new());
    for payment in &settled {
        let attempts = payment["attempts"].as_array().unwrap();
        let truths = attempts
            .iter()
            .filter_map(|attempt| world.pg.toss().truth(attempt["id"].as_str().unwrap()));
        let (balance, approvals) = truths.fold((0, 0), |(sum, count), truth| {
            (sum + truth.balance.minor, count + truth.approvals)
        });
        charged_twice += u32::from(approvals > 1);
        if payment["balance"].as_i64() != Some(balance) {
            differ.push(format!(
                "{} has {}, the PG {balance}",
                payment["id"], payment["balance"]
            ));
        }
    }
    println!(
        "orders {}, acknowledged {acknowledged}, found {}, charged twice {charged_twice}, differing {}, pages lost {lost}",
        orders.len(),
        settled.len(),
        differ.len()
    );
    assert!(acknowledged > 0, "the load did nothing");
    assert_eq!(settled.len(), acknowledged, "acknowledged and gone");
    assert_eq!(charged_twice, 0);
    assert!(differ.is_empty(), "{differ:#?}");
    world.server.kill();
    world.server.check_books();
    println!("power cuts {}, violations: 0", cuts + 1);
}
