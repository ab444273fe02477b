use flows::pg_books::{self, DifferenceKind, Span};
use futures_util::future::join_all;
use ledger::Account;
use payments::{Step, Terms};
use pg_simulator::faults::{Fault, Operation};
use store::ChangeSet;
use vocabulary::{Clock, Currency, Duration, Method, Money};

use crate::kit::{self, World, on_every_database};

/// Invariant 5: every posting sums to zero, and payments and ledger agree.
#[test]
fn the_books_say_what_happened() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let kept = world.create("order-kept", 11_000).await;
        world.pay(&kept, Method::Card).await;
        let returned = world.create_with("order-returned", 22_000, Terms::default()).await;
        world.pay(&returned, Method::Transfer).await;
        world.cancel(returned.id, Some(5_500), "part").await.unwrap();
        let report = flows::books::check(&world.app, world.side.scope).await.unwrap();
        assert!(report.clean());
        assert_eq!(report.payments, 2);
        let balance = |account| report.balance.balance(account, Currency::KRW).unwrap();
        let pg = world.side.accounts[0].id;
        assert_eq!(balance(Account::PgReceivable(pg)), Money::krw(27_500));
        assert_eq!(balance(Account::Sales), Money::krw(-30_000));
        assert_eq!(balance(Account::VatPayable), Money::krw(-2_500));
        assert_eq!(balance(Account::Refunds), Money::krw(5_000));
        assert_eq!(balance(Account::Suspense), Money::krw(0));
    });
}

#[test]
fn a_check_beside_living_traffic_raises_no_false_alarm() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let traffic = join_all((0..40).map(|number| {
            let world = &world;
            async move {
                let payment = world.create(&format!("order-live-{number}"), 11_000).await;
                world.pay(&payment, Method::Card).await;
                world
                    .cancel(payment.id, Some(1_100), &format!("part-{number}"))
                    .await
                    .unwrap();
            }
        }));
        let checks = async {
            let mut paid = Money::krw(0);
            let account = Account::PgReceivable(world.side.accounts[0].id);
            while paid != Money::krw(40 * 9_900) {
                for report in flows::books::check_all(&world.app).await.unwrap() {
                    assert!(report.clean(), "{:?}", report.differences);
                    paid = report.balance.balance(account, Currency::KRW).unwrap();
                }
            }
        };
        tokio::join!(traffic, checks);
    });
}

#[test]
fn entries_that_no_payment_answers_for_are_still_found() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let payment = world.create("order-wrong-books", 11_000).await;
        let paid = world.pay(&payment, Method::Card).await;
        let pg = world.side.accounts[0].id;
        let mut set = ChangeSet::new(world.side.scope);
        let step = Step {
            payment: paid.clone(),
            changed: true,
            postings: vec![ledger::held(pg, Money::krw(700)).unwrap()],
            told: None,
        };
        set.payment(Some(&paid), &step);
        world.app.store.commit(set).await.unwrap();
        let report = flows::books::check(&world.app, world.side.scope).await.unwrap();
        let found: Vec<_> = report
            .differences
            .iter()
            .map(|found| (found.expected, found.posted))
            .collect();
        assert_eq!(found, [(11_000, 11_700)]);
    });
}

#[test]
fn what_the_pg_has_is_compared_and_each_difference_has_its_kind() {
    on_every_database(|database| async {
        let world = World::new(database).await;
        let span = |world: &World| Span {
            from: world.clock.now() - Duration::days(1),
            until: world.clock.now() + Duration::days(1),
        };
        let compare = |world: &World| {
            let (app, span) = (world.app.clone(), span(world));
            async move {
                let reports = pg_books::check_all(&app, span).await.unwrap();
                let differences: Vec<_> = reports.iter().flat_map(|report| report.differences.clone()).collect();
                let sum = |count: fn(&pg_books::PgReport) -> u64| reports.iter().map(count).sum::<u64>();
                (differences, sum(|report| report.open), sum(|report| report.unanswered))
            }
        };
        let paid = world.create("order-agrees", 15_000).await;
        world.pay(&paid, Method::Card).await;
        world.cancel(paid.id, Some(4_000), "part-agrees").await.unwrap();
        let waiting = world.create("order-waits", 20_000).await;
        world.pay(&waiting, Method::VirtualAccount).await;
        assert_eq!(compare(&world).await, (Vec::new(), 0, 0), "all agrees");

        // Refunded in the PG's console, and the notice was lost.
        let attempt = world.payment(paid.id).await.attempts[0].clone();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/v1/payments/{}/cancel", world.pg_url(), attempt.pg_key.unwrap());
        let body = serde_json::json!({ "cancelReason": "콘솔", "cancelAmount": 1_000 });
        let refund = http
            .post(url)
            .basic_auth(kit::SECRET_KEY, Some(""))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(refund.status(), 200);
        // A deposit whose notice has not come, and a sale that is none of ours.
        world.deposit_arrives(world.payment(waiting.id).await.attempts[0].id);
        let stranger = serde_json::json!({
            "clientKey": kit::CLIENT_KEY, "method": "CARD", "amount": 7_000, "currency": "KRW",
            "orderId": "someone-elses-order", "orderName": "다른 가게",
        });
        let agreed = http
            .post(format!("{}/_control/authenticate", world.pg_url()))
            .json(&stranger);
        let agreed: serde_json::Value = agreed.send().await.unwrap().json().await.unwrap();
        let confirm = serde_json::json!({
            "paymentKey": agreed["paymentKey"], "orderId": "someone-elses-order", "amount": 7_000,
        });
        let url = format!("{}/v1/payments/confirm", world.pg_url());
        let sold = http
            .post(url)
            .basic_auth(kit::SECRET_KEY, Some(""))
            .json(&confirm)
            .send()
            .await
            .unwrap();
        assert_eq!(sold.status(), 200);

        let (differences, _, _) = compare(&world).await;
        let mut kinds: Vec<_> = differences
            .iter()
            .map(|difference| (difference.kind, difference.ours.as_str(), difference.theirs.as_str()))
            .collect();
        kinds.sort_by_key(|(_, ours, _)| *ours);
        kinds.dedup();
        assert_eq!(
            kinds,
            [
                (DifferenceKind::Amount, "APPROVED 11000", "APPROVED 10000"),
                (DifferenceKind::State, "WAITING_FOR_DEPOSIT 0", "APPROVED 20000"),
                (DifferenceKind::Extra, "unknown here", "BOOKED 7000"),
            ]
        );
        for id in [paid.id, waiting.id] {
            flows::recheck(&world.app, world.side.scope, id).await.unwrap();
        }
        let (differences, _, _) = compare(&world).await;
        assert!(
            differences
                .iter()
                .all(|difference| difference.kind == DifferenceKind::Extra),
            "a re-check takes up what is ours: {differences:?}"
        );
        // What is not known yet is no difference, and a silent PG is not taken for a clean one.
        world.pg.plan_fault(Operation::Approve, Fault::TimeoutAfter, 1);
        world.pg.plan_fault(Operation::Inquire, Fault::ErrorBefore, 1);
        let unclear = world.create("order-unclear", 9_000).await;
        world.pay(&unclear, Method::Card).await;
        assert_eq!(compare(&world).await.1, 1);
        world.pg.plan_fault(Operation::Inquire, Fault::ErrorBefore, 100);
        assert_eq!(compare(&world).await.2, 2);
        world.calm().await;
        world.check_books().await;
    });
}
