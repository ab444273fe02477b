//! The server dies at every call to the PG, before it and after it, and another one takes over: nothing
//! is forgotten, nothing is done twice.

use payments::{CancelState, Confirm, Payment, ReceiptState, State, Terms};
use pg_simulator::faults::{Fault, Operation};
use pg_simulator::toss::Deposit;
use vocabulary::pg::CashReceiptKind;
use vocabulary::{Digits, Duration, Method};

use crate::kit::{self, Moment, World, on_every_database};

const CALLS_MAX: u32 = 8;
/// Longer than whoever began may take, so that the same request takes over.
const GIVEN_UP: Duration = Duration::seconds(91);

/// Plays `act` on a new payment for every call it makes, and dies there. Whoever acted then acts again.
async fn dying<S>(
    world: &mut World,
    name: &str,
    prepare: impl AsyncFn(&World, &str) -> (Payment, S),
    act: impl AsyncFn(&World, &Payment, &S),
    end: impl AsyncFn(&World, &Payment),
) {
    for call in 0.. {
        assert!(call < CALLS_MAX, "{name} asks for ever");
        let mut deaths = 0;
        for moment in [Moment::Before, Moment::After] {
            let (payment, with) = prepare(world, &format!("order-{name}-{call}-{moment:?}")).await;
            let wire = world.wire.clone();
            wire.dies_at(call, moment);
            tokio::select! {
                () = act(world, &payment, &with) => wire.lives(),
                () = wire.died() => {
                    deaths += 1;
                    world.restart().await;
                    world.clock.advance(GIVEN_UP);
                    act(world, &payment, &with).await;
                }
            }
            world.long_calm().await;
            end(world, &payment).await;
            world.check_truth(payment.id).await;
            world.check_books().await;
        }
        if deaths == 0 {
            assert!(call > 0, "{name} asks the PG at least once");
            return;
        }
    }
}

async fn agreed(world: &World, order: &str, terms: Terms) -> (Payment, Back) {
    let payment = world.create_with(order, 15_000, terms).await;
    let attempt = world.open(payment.id, Method::Card).await;
    let back = world.agree(&payment, attempt).await;
    (payment, (attempt, back))
}

type Back = (vocabulary::AttemptId, std::collections::BTreeMap<String, String>);

async fn come_back(world: &World, payment: &Payment, (attempt, back): &Back) {
    // Whether the browser sees an answer is not what is asked here.
    let _ = world.come_back(payment, *attempt, back.clone()).await;
}

#[test]
fn a_payment_is_charged_once() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        let prepare = async |world: &World, order: &str| agreed(world, order, Terms::default()).await;
        let paid = async |world: &World, payment: &Payment| {
            assert_eq!(world.payment(payment.id).await.state, State::Done);
            assert_eq!(world.truth(payment.id).await, (15_000, 1));
        };
        dying(&mut world, "pay", prepare, come_back, paid).await;
        let unclear = async |world: &World, order: &str| {
            world.pg.toss().plan_fault(Operation::Approve, Fault::ErrorAfter, 1);
            agreed(world, order, Terms::default()).await
        };
        dying(&mut world, "unclear", unclear, come_back, paid).await;
    });
}

#[test]
fn a_confirmed_payment_is_charged_once() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        let prepare = async |world: &World, order: &str| {
            let terms = Terms {
                confirm: Confirm::ByShop,
                ..Terms::default()
            };
            let (payment, back) = agreed(world, order, terms).await;
            come_back(world, &payment, &back).await;
            (payment, format!("key-{order}"))
        };
        let confirm = async |world: &World, payment: &Payment, key: &String| {
            let memo = kit::memo(key, "confirm");
            let replied = flows::confirm(&world.app, &world.side, payment.id, memo, kit::render()).await;
            assert_eq!(replied.unwrap().answer.status, 200);
        };
        let paid = async |world: &World, payment: &Payment| {
            assert_eq!(world.payment(payment.id).await.state, State::Done);
            assert_eq!(world.truth(payment.id).await, (15_000, 1));
        };
        dying(&mut world, "confirm", prepare, confirm, paid).await;
    });
}

#[test]
fn a_wrong_sum_goes_back_whole() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        let prepare = async |world: &World, order: &str| {
            world.pg.toss().plan_fault(Operation::Approve, Fault::WrongAmount, 1);
            agreed(world, order, Terms::default()).await
        };
        let ended = async |world: &World, payment: &Payment| {
            let after = world.payment(payment.id).await;
            // Died before the PG took the wrong sum, the server that takes over has the right one approved.
            assert!(matches!(after.state, State::Done | State::Expired), "{}", after.state);
            assert!(world.truth(payment.id).await.1 <= 1);
        };
        dying(&mut world, "wrong", prepare, come_back, ended).await;
    });
}

#[test]
fn a_part_goes_back_once() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        let prepare = async |world: &World, order: &str| {
            let payment = world.create(order, 15_000).await;
            world.pay(&payment, Method::Card).await;
            (payment, format!("key-{order}"))
        };
        let cancel = async |world: &World, payment: &Payment, key: &String| {
            let replied = world.cancel(payment.id, Some(4_000), key).await.unwrap();
            assert_eq!(replied.answer.status, 200, "{}", replied.answer.body);
        };
        let ended = async |world: &World, payment: &Payment| {
            let after = world.payment(payment.id).await;
            assert_eq!((after.state, after.cancels.len()), (State::PartialCanceled, 1));
            assert_eq!(world.truth(payment.id).await.0, 11_000);
        };
        dying(&mut world, "part", prepare, cancel, ended).await;
    });
}

#[test]
fn a_deposit_goes_back_at_most_once() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        let prepare = async |world: &World, order: &str| {
            let payment = world.create(order, 33_000).await;
            let waiting = world.pay(&payment, Method::VirtualAccount).await;
            let at_pg = waiting.attempts[0].id.to_string();
            world.pg.toss().make_deposit(&at_pg, Deposit::default()).unwrap();
            world.notices().await;
            (payment, format!("key-{order}"))
        };
        let cancel = async |world: &World, payment: &Payment, key: &String| {
            // Refused in the end where the account was lost with the server that knew it.
            let _ = world
                .cancel_to(payment.id, Some(3_000), key, Some("1002-123-456789"))
                .await;
        };
        let ended = async |world: &World, payment: &Payment| {
            let after = world.payment(payment.id).await;
            assert_eq!(after.cancels.len(), 1);
            let state = after.cancels[0].state;
            assert!(matches!(state, CancelState::Done | CancelState::Refused), "{state}");
        };
        dying(&mut world, "deposit", prepare, cancel, ended).await;
    });
}

#[test]
fn a_held_deposit_goes_back_once_there_is_an_account() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        let prepare = async |world: &World, order: &str| {
            let payment = kit::held_deposit(world, order).await;
            (payment, format!("key-{order}"))
        };
        let send_back = async |world: &World, payment: &Payment, key: &String| {
            // Where the server died the sweep may be asking; the shop asks again with the same key.
            for _ in 0..2 {
                let replied = world.cancel_to(payment.id, None, key, Some("1002-123-456789")).await;
                if replied.is_ok_and(|replied| replied.answer.status == 200) {
                    return;
                }
                world.clock.advance(Duration::minutes(2));
            }
        };
        let ended = async |world: &World, payment: &Payment| {
            assert_eq!(world.truth(payment.id).await.0, 0);
        };
        dying(&mut world, "held", prepare, send_back, ended).await;
    });
}

#[test]
fn a_cash_receipt_is_taken_back_once() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        let prepare = async |world: &World, order: &str| {
            let payment = world.create(order, 15_000).await;
            world.pay(&payment, Method::Transfer).await;
            let issued = flows::issue_receipt(
                &world.app,
                &world.side,
                payment.id,
                CashReceiptKind::IncomeDeduction,
                Digits::parse("010-1234-5678").unwrap(),
                kit::memo(&format!("receipt-{order}"), "receipt"),
                kit::render(),
            );
            issued.await.unwrap();
            world
                .cancel(payment.id, Some(4_000), &format!("refund-{order}"))
                .await
                .unwrap();
            (payment, ())
        };
        let sweep = async |world: &World, _: &Payment, (): &()| drop(flows::sweep(&world.app).await);
        let ended = async |world: &World, payment: &Payment| {
            let after = world.payment(payment.id).await.receipt.unwrap();
            assert_eq!((after.state, after.amount.minor), (ReceiptState::Issued, 11_000));
            assert_eq!(world.receipts_at_pg(&payment.order.id).await, [15_000, -4_000]);
        };
        dying(&mut world, "receipt", prepare, sweep, ended).await;
    });
}
