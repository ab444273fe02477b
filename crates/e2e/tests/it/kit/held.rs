use payments::{AttemptState, Payment};
use pg_simulator::faults::{Fault, Operation};
use pg_simulator::toss::Deposit;
use vocabulary::Method;

use super::World;

/// A payment whose account was issued over a wrong sum, could not be given up in time, and took a deposit.
pub async fn held_deposit(world: &World, order: &str) -> Payment {
    let payment = held_account(world, order).await;
    let at_pg = payment.attempts[0].id.to_string();
    world.pg.toss().make_deposit(&at_pg, Deposit::default()).unwrap();
    world.notices().await;
    let held = world.payment(payment.id).await;
    assert!(held.held_deposit().is_some(), "{:?}", held.attempts);
    held
}

/// The same before its deposit.
pub async fn held_account(world: &World, order: &str) -> Payment {
    world.pg.toss().plan_fault(Operation::Approve, Fault::WrongAmount, 1);
    world.pg.toss().plan_fault(Operation::Cancel, Fault::ErrorBefore, 1);
    let payment = world.create(order, 33_000).await;
    let after = world.pay(&payment, Method::VirtualAccount).await;
    assert_eq!(after.attempts[0].state, AttemptState::Voiding);
    after
}
