//! The full matrix: every PG, every operation, every fault. Whatever goes wrong, the payment ends at the
//! PG's truth, the shopper is charged once at most, and the books balance. The table is printed.

use payments::{AttemptState, CancelState, State};
use pg_simulator::faults::{Fault, Operation};
use vocabulary::{Duration, Method};

use crate::kit::{World, on_every_database};

/// What is done while the fault is in force.
#[derive(Debug, Clone, Copy)]
struct Cell {
    operation: Operation,
    fault: Fault,
}

/// How a cell ended, for the table.
struct Ended {
    state: State,
    charged: i64,
    approvals: u32,
}

#[test]
fn every_fault_of_every_call_to_toss_ends_at_the_pgs_truth() {
    on_every_database(|database| async {
        let operations = [
            Operation::Approve,
            Operation::Inquire,
            Operation::Cancel,
            Operation::Deposit,
        ];
        matrix("toss", World::new(database).await, &operations).await;
    });
}

#[test]
fn every_fault_of_every_call_to_nice_ends_at_the_pgs_truth() {
    on_every_database(|database| async {
        let operations = [
            Operation::Approve,
            Operation::Inquire,
            Operation::NetCancel,
            Operation::Cancel,
            Operation::Deposit,
        ];
        matrix("nice", World::nice(database).await, &operations).await;
    });
}

async fn matrix(pg: &'static str, world: World, operations: &[Operation]) {
    let mut table = vec![format!(
        "{pg:<6}{:<12}{:<20}{:<20}{:>10}{:>10}",
        "operation", "fault", "ends", "charged", "approvals"
    )];
    for operation in operations.iter().copied() {
        for fault in Fault::ALL.into_iter().filter(|fault| makes_sense(*fault, operation)) {
            let ended = go_through(&world, Cell { operation, fault }).await;
            table.push(format!(
                "{pg:<6}{:<12}{:<20}{:<20}{:>10}{:>10}",
                operation.as_str(),
                fault.as_str(),
                ended.state.as_str(),
                ended.charged,
                ended.approvals,
            ));
        }
    }
    world.check_books().await;
    println!("{}\n{} cells, violations: 0", table.join("\n"), table.len() - 1);
}

/// A deposit arrives at the bank, not by a call of ours: only its notices can go wrong. Another sum is
/// booked only by an approve.
fn makes_sense(fault: Fault, operation: Operation) -> bool {
    match operation {
        Operation::Deposit => of_notices(fault),
        Operation::Inquire => !of_notices(fault) && fault != Fault::WrongAmount,
        Operation::Approve => true,
        _ => fault != Fault::WrongAmount,
    }
}

fn of_notices(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::NoticeDoubled
            | Fault::NoticeEarly
            | Fault::NoticeLate
            | Fault::NoticeReordered
            | Fault::NoticeLost
            | Fault::NoticeForged
    )
}

async fn go_through(world: &World, cell: Cell) -> Ended {
    let Cell { operation, fault } = cell;
    // Where the fault is the call's, no notice may put right what we made of its answer.
    let told = of_notices(fault) || operation == Operation::Deposit;
    let url = told.then_some(world.notice_url.as_str());
    world.notices_go_to(url.as_slice());
    let order = format!("order-{}-{}", operation.as_str(), fault.as_str());
    let payment = world.create(&order, 15_000).await;
    match operation {
        Operation::Approve => {
            world.pg.plan_fault(operation, fault, 1);
            world.pay(&payment, Method::Card).await;
        }
        Operation::Inquire => {
            // Only a lost approve makes us ask.
            world.pg.plan_fault(Operation::Approve, Fault::TimeoutAfter, 1);
            world.pg.plan_fault(operation, fault, 1);
            world.pay(&payment, Method::Card).await;
        }
        Operation::NetCancel => {
            // Never looked at by the PG, so that after the inquiry only a net cancel makes it certain.
            world.pg.plan_fault(Operation::Approve, Fault::TimeoutBefore, 1);
            world.pg.plan_fault(operation, fault, 1);
            world.pay(&payment, Method::Card).await;
        }
        Operation::Cancel => {
            world.pay(&payment, Method::Card).await;
            world.pg.plan_fault(operation, fault, 1);
            world
                .cancel(payment.id, Some(4_000), &format!("back-{order}"))
                .await
                .unwrap();
        }
        Operation::Deposit => {
            world.pay(&payment, Method::VirtualAccount).await;
            let waiting = world.payment(payment.id).await;
            assert_eq!(waiting.state, State::WaitingForDeposit, "{cell:?}");
            world.pg.plan_fault(operation, fault, 1);
            world.deposit_arrives(waiting.attempts[0].id);
        }
        _ => unreachable!("not in the matrix"),
    }
    world.calm().await;
    if operation == Operation::Deposit {
        // A lost notice is made good by the look every few hours.
        world.clock.advance(Duration::hours(7));
        world.calm().await;
    }
    check(world, cell, payment.id).await
}

async fn check(world: &World, cell: Cell, id: vocabulary::PaymentId) -> Ended {
    let payment = world.payment(id).await;
    let (charged, approvals) = world.truth(id).await;
    assert_eq!(
        payment.balance().unwrap().minor,
        charged,
        "{cell:?}: {} against the PG",
        payment.state
    );
    assert!(approvals <= 1, "{cell:?}: approved {approvals} times");
    let open = |state: AttemptState| {
        matches!(
            state,
            AttemptState::Approving | AttemptState::Unknown | AttemptState::Voiding
        )
    };
    assert!(
        !payment.attempts.iter().any(|attempt| open(attempt.state)),
        "{cell:?}: {:?}",
        payment.attempts
    );
    assert!(
        payment
            .cancels
            .iter()
            .all(|cancel| matches!(cancel.state, CancelState::Done | CancelState::Refused)),
        "{cell:?}: {:?}",
        payment.cancels
    );
    let expected = match (cell.operation, cell.fault) {
        (Operation::Approve, Fault::WrongAmount) => 0,
        (Operation::Cancel, _) => 11_000,
        (Operation::NetCancel, _) => 0,
        _ if payment.state == State::Ready => 0,
        _ => 15_000,
    };
    assert_eq!(charged, expected, "{cell:?}: {}", payment.state);
    Ended {
        state: payment.state,
        charged,
        approvals,
    }
}
