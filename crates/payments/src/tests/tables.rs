//! The three tables of states, told once more from memory: a line added, dropped or bent shows here.

use crate::attempt::{AttemptState, Move};
use crate::cancel::{CancelMove, CancelState};
use crate::state::{State, Turn};

/// Rows are states, columns events; `-` is refused.
const PAYMENT: &str = "
                     agreed     unknown    awaited   paid  no     never      some_back        all_back taken_back closed   time_up
    READY               IN_PROGRESS CONFIRMING WAITING_FOR_DEPOSIT DONE READY ABORTED - - - CANCELED EXPIRED
    IN_PROGRESS         - CONFIRMING WAITING_FOR_DEPOSIT DONE READY ABORTED - - - - -
    CONFIRMING          - CONFIRMING WAITING_FOR_DEPOSIT DONE READY ABORTED - - - - -
    WAITING_FOR_DEPOSIT - CONFIRMING WAITING_FOR_DEPOSIT DONE READY ABORTED - - - CANCELED EXPIRED
    DONE                - - - - DONE DONE PARTIAL_CANCELED CANCELED WAITING_FOR_DEPOSIT - -
    PARTIAL_CANCELED    - - - - PARTIAL_CANCELED PARTIAL_CANCELED PARTIAL_CANCELED CANCELED - - -
    CANCELED            - - - - CANCELED CANCELED - - - - -
    ABORTED             - - WAITING_FOR_DEPOSIT DONE ABORTED ABORTED - - - - -
    EXPIRED             - - WAITING_FOR_DEPOSIT DONE EXPIRED EXPIRED - - - - -
";

const ATTEMPT: &str = "
               ask_shop agree confirm no unclear wait approve hold taken_back given_back
    OPENED     AGREED APPROVING - DECLINED - WAITING_FOR_DEPOSIT APPROVED VOIDING - -
    AGREED     - - APPROVING DECLINED - WAITING_FOR_DEPOSIT APPROVED VOIDING - -
    APPROVING  - - - DECLINED UNKNOWN WAITING_FOR_DEPOSIT APPROVED VOIDING - -
    UNKNOWN    - - - DECLINED UNKNOWN WAITING_FOR_DEPOSIT APPROVED VOIDING - -
    WAITING_FOR_DEPOSIT - - - DECLINED - WAITING_FOR_DEPOSIT APPROVED VOIDING - -
    APPROVED   - - - - - - APPROVED VOIDING WAITING_FOR_DEPOSIT -
    DECLINED   - - - DECLINED - WAITING_FOR_DEPOSIT APPROVED VOIDING - -
    VOIDING    - - - - - - - VOIDING - VOIDED
    VOIDED     - - - - - - - - - -
";

const CANCEL: &str = "
              unclear done refuse
    REQUESTED UNKNOWN DONE REFUSED
    UNKNOWN   UNKNOWN DONE REFUSED
    DONE      - DONE -
    REFUSED   - - REFUSED
";

/// Every cell of a table: row, column, entry.
fn cells(table: &'static str) -> Vec<(&'static str, usize, &'static str)> {
    let rows = table.lines().filter(|row| !row.trim().is_empty()).skip(1);
    let split = |row: &'static str| {
        let mut words = row.split_whitespace();
        let name = words.next().unwrap();
        words
            .enumerate()
            .map(move |(column, entry)| (name, column, entry))
            .collect::<Vec<_>>()
    };
    rows.flat_map(split).collect()
}

#[test]
fn a_payment_changes_as_the_table_says() {
    let turns = [
        Turn::Agreed,
        Turn::OutcomeUnknown,
        Turn::DepositAwaited,
        Turn::Paid,
        Turn::Declined { for_good: false },
        Turn::Declined { for_good: true },
        Turn::Refunded { all: false },
        Turn::Refunded { all: true },
        Turn::DepositTakenBack,
        Turn::Closed,
        Turn::TimeUp,
    ];
    let cells = cells(PAYMENT);
    assert_eq!(cells.len(), 9 * turns.len());
    for (from, column, to) in cells {
        let found = from.parse::<State>().unwrap().on(turns[column]);
        let found = found.map_or("-", State::as_str);
        assert_eq!(found, to, "{from} on {:?}", turns[column]);
    }
}

#[test]
fn an_attempt_changes_as_the_table_says() {
    let moves = [
        Move::Agree { ask_shop: true },
        Move::Agree { ask_shop: false },
        Move::Confirm,
        Move::Decline,
        Move::Unclear,
        Move::Wait,
        Move::Approve,
        Move::Hold,
        Move::TakenBack,
        Move::GivenBack,
    ];
    let cells = cells(ATTEMPT);
    assert_eq!(cells.len(), 9 * moves.len());
    for (from, column, to) in cells {
        let found = from.parse::<AttemptState>().unwrap().on(moves[column]);
        let found = found.map_or("-", AttemptState::as_str);
        assert_eq!(found, to, "{from} on {:?}", moves[column]);
    }
}

#[test]
fn a_cancel_changes_as_the_table_says() {
    let moves = [CancelMove::Unclear, CancelMove::Done, CancelMove::Refuse];
    for (from, column, to) in cells(CANCEL) {
        let found = from.parse::<CancelState>().unwrap().on(moves[column]);
        let found = found.map_or("-", CancelState::as_str);
        assert_eq!(found, to, "{from} on {:?}", moves[column]);
    }
}

#[test]
fn some_states_hold_the_payment_and_some_end_it() {
    let holds = [
        "AGREED",
        "APPROVING",
        "UNKNOWN",
        "WAITING_FOR_DEPOSIT",
        "APPROVED",
        "VOIDING",
    ];
    for (name, column, _) in cells(ATTEMPT) {
        let state: AttemptState = name.parse().unwrap();
        assert!(column > 0 || state.holds_payment() == holds.contains(&name), "{name}");
    }
    let settled = ["DONE", "PARTIAL_CANCELED", "CANCELED", "ABORTED", "EXPIRED"];
    for (name, _, _) in cells(PAYMENT) {
        let state: State = name.parse().unwrap();
        assert_eq!(state.settled(), settled.contains(&name), "{name}");
        assert_eq!(state.paid(), ["DONE", "PARTIAL_CANCELED"].contains(&name), "{name}");
    }
    assert!(CancelState::Requested.open() && CancelState::Unknown.open());
    assert!(!CancelState::Done.open() && !CancelState::Refused.open());
}
