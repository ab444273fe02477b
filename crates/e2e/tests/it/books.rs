use futures_util::future::join_all;
use ledger::Account;
use payments::{Step, Terms};
use store::ChangeSet;
use vocabulary::{Currency, Method, Money};

use crate::kit::{World, on_every_database};

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
