use ledger::Account;
use payments::Terms;
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
