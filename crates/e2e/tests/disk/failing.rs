//! The disk fails and the program lives on: clear answers, nothing acknowledged that is not saved.

use futures_util::future::join_all;
use reqwest::StatusCode;
use vocabulary::{Chance, Clock, Duration};

use crate::disk::{BYTES_LEFT, FLUSH_FAILS, READS_FAIL, WRITE_FAILS};
use crate::load::{Load, Order};
use crate::world::{LATER, MachineClock, World, run, seed};

#[test]
fn after_a_failed_flush_nothing_is_acknowledged_before_a_restart() {
    run(async {
        let seed = seed();
        let chance = Chance::seeded(seed);
        let mut world = World::new(seed).await;
        world.server.start(None).await;
        let mut acknowledged = vec!["before".to_owned()];
        world.created("before").await;

        for round in 0..3 {
            // The last time it is a write, of which the same holds.
            let fault = if round < 2 { FLUSH_FAILS } else { WRITE_FAILS };
            world.disk.set(fault, 1 + chance.below(3));
            let given = world.disk.given();
            let mut refused = Vec::new();
            for number in 0..8 {
                let order = format!("flush-{round}-{number}");
                let failed_before = world.disk.given() > given;
                let told = world.create(&order).await;
                if told.is_done() {
                    assert!(!failed_before, "acknowledged after a failed flush: {order}");
                    acknowledged.push(order);
                } else {
                    assert!(told.is_honest_refusal(), "{told:?}");
                    refused.push(order);
                }
            }
            assert_eq!(world.disk.given(), given + 1);
            assert!(!refused.is_empty(), "the failure was met and nobody was told");
            let ready = world.get("/readyz").await;
            assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
            let why = ready.body["why"].as_str().unwrap();
            assert!(why.contains("disk"), "{why}");
            assert_eq!(world.get("/healthz").await.status, StatusCode::OK);
            assert!(world.found("before").await, "reads go on");

            // The kernel still holds what never reached the disk; the next program must not build on it.
            world.restart().await;
            for order in refused {
                world.created(&order).await;
                acknowledged.push(order);
            }
            world.server.kill();
            world.disk.cut(&chance);
            world.server.start(None).await;
            for order in &acknowledged {
                assert!(world.found(order).await, "acknowledged and gone: {order}");
            }
        }
        world.server.kill();
        world.server.check_books();
        println!(
            "failed flushes 2, failed writes 1, acknowledged {}, violations: 0",
            acknowledged.len()
        );
    });
}

#[test]
fn on_a_full_disk_creates_are_refused_and_an_approval_in_flight_ends_right() {
    run(async {
        let mut world = World::new(seed()).await;
        world.server.start(None).await;
        let payment = world.created("in-flight").await;
        let back = world.agreed(&payment).await;
        // The disk fills while the PG thinks.
        world.pg.toss().set_latency(Duration::seconds(1));
        let visit = world.visit(&back);
        let fills = async {
            let path = format!("/v1/payments/{}", payment["id"].as_str().unwrap());
            while world.get(&path).await.body["status"] == "READY" {
                tokio::task::yield_now().await;
            }
            world.disk.set(BYTES_LEFT, 0);
        };
        tokio::join!(visit, fills);
        let told = world.create("too-full").await;
        if !told.is_done() {
            assert!(told.is_honest_refusal(), "{told:?}");
        }
        // What the log still has room for is soon used up.
        let mut refused = 0;
        for number in 0..20 {
            let told = world.create(&format!("full-{number}")).await;
            if !told.is_done() {
                assert!(told.is_honest_refusal(), "{told:?}");
                refused += 1;
            }
        }
        assert!(refused > 0 && world.disk.given() > 0, "the disk was never full");
        assert!(world.found("in-flight").await, "reads go on");
        assert_eq!(world.get("/healthz").await.status, StatusCode::OK);

        world.disk.set(BYTES_LEFT, u64::MAX);
        world.created("room-again").await;
        world.pg.toss().set_latency(Duration::ZERO);
        world.server.kill();
        world.server.start(Some(MachineClock.now() + LATER)).await;
        let order = Order {
            order_id: "in-flight".to_owned(),
            id: payment["id"].as_str().map(str::to_owned),
        };
        let load = Load::new(&world.server.url(), &world.pg_url);
        let settled = load.settle(&[order]).await;
        let attempt = payment["attempts"][0]["id"].as_str().unwrap();
        let truth = world.pg.toss().truth(attempt).unwrap();
        assert_eq!(settled[0]["balance"].as_i64(), Some(truth.balance.minor));
        assert_eq!(truth.approvals, 1);
        world.server.kill();
        world.server.check_books();
        println!("full disk: refused {refused}, violations: 0");
    });
}

#[test]
fn a_disk_that_cannot_be_read_costs_answers_and_nothing_else() {
    run(async {
        let mut world = World::new(seed()).await;
        world.server.start(None).await;
        for number in 0..20 {
            world.created(&format!("read-{number}")).await;
        }
        // Nothing of the file is in the program's memory yet.
        world.restart().await;
        world.disk.set(READS_FAIL, 1);
        let orders: Vec<String> = (0..20).map(|number| format!("read-{number}")).collect();
        for order in &orders {
            let told = world.get(&format!("/v1/orders/{order}/payment")).await;
            assert!(told.is_done() || told.is_honest_refusal(), "{told:?}");
        }
        let created = world.create("unread").await;
        assert!(created.is_done() || created.is_honest_refusal(), "{created:?}");
        assert_eq!(world.get("/healthz").await.status, StatusCode::OK);
        assert!(world.disk.given() > 0, "nothing was read");
        world.disk.set(READS_FAIL, 0);
        for order in &orders {
            assert!(world.found(order).await, "{order} after the disk can be read again");
        }
        world.restart().await;
        world.created("unread").await;
        world.server.kill();
        world.server.check_books();
        println!("reads failed {}, violations: 0", world.disk.given());
    });
}

#[test]
fn with_too_many_files_open_it_answers_clearly_and_recovers() {
    run(async {
        let mut world = World::new(seed()).await;
        world.server.files_max = Some(64);
        world.server.start(None).await;
        let payment = world.created("before").await;
        let address = world.server.url().replace("http://", "");
        let idle: Vec<_> = join_all((0..200).map(|_| tokio::net::TcpStream::connect(&address))).await;
        for number in 0..20 {
            let told = world.create(&format!("many-{number}")).await;
            assert!(told.is_done() || told.is_honest_refusal(), "{told:?}");
            assert_eq!(world.get("/healthz").await.status, StatusCode::OK);
        }
        // No socket is left to ask the PG through: not sent, or sent and answered, and never in between.
        let back = world.agreed(&payment).await;
        let status = world.visit(&back).await;
        assert!(status.is_success() || status.is_redirection() || status.is_server_error());
        drop(idle);
        world.created("afterwards").await;
        assert_eq!(world.get("/readyz").await.status, StatusCode::OK);
        world.server.kill();
        world.server.check_books();
        println!("too many files: violations: 0");
    });
}
