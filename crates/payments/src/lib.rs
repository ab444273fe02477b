//! Payment, attempt, cancel: their states, and the one way each of them changes. Pure: no clock,
//! no database, no PG. What has to be asked of a PG next follows from the state alone
//! ([`Payment::todo`]), so a crash at any point forgets nothing.

mod attempt;
mod cancel;
mod decide;
mod event;
mod order;
mod payment;
mod receipt;
mod recovery;
mod refused;
mod report;
mod state;
mod stuck;
mod todo;

pub use attempt::{Attempt, AttemptState};
pub use cancel::{Cancel, CancelOrder, CancelOrigin, CancelState};
pub use event::{Event, NewAttempt, Now, Step, Told};
pub use order::{Confirm, Customer, EscrowItem, InterestFree, LateApproval, Order, OrderError, OrderId, Terms, Texts};
pub use payment::{ATTEMPTS_MAX, CANCELS_MAX, NewPayment, Payment};
pub use receipt::{Receipt, ReceiptState, TakingBack};
pub use recovery::{Found, Manners, Rung};
pub use refused::Refused;
pub use state::State;
pub use stuck::{Stuck, StuckKind};
pub use todo::{About, PARKED_AFTER_DAYS, Todo};

#[cfg(test)]
mod tests;
