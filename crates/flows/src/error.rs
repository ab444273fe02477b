use std::time::Duration;

use payments::{OrderError, Refused};
use store::{Fault, NotCommitted};
use thiserror::Error as ThisError;
use vocabulary::{Currency, Failure, Method, Money};

/// Why a use case has no result. The server turns each into a problem document.
#[derive(Debug, ThisError)]
pub enum Error {
    #[error(transparent)]
    Refused(Refused),
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("the order id is taken by another payment")]
    OrderIdTaken,
    #[error("the idempotency key was used for another request")]
    KeyReused { differs: Vec<String> },
    #[error("a request with this idempotency key is at work")]
    KeyInUse,
    #[error("no PG account offers {0}")]
    MethodUnavailable(Method),
    #[error("no PG account takes {currency} by {method}")]
    CurrencyUnavailable { method: Method, currency: Currency },
    #[error("{method} takes {min} and more")]
    BelowMinimum { method: Method, min: Money },
    #[error("{0} is not one of the method's kinds")]
    KindUnknown(String),
    #[error("instalments of {0} months are not possible for this payment")]
    InstalmentRefused(u8),
    /// A definite no of the PG to a cancel or a receipt.
    #[error("the PG refused: {}", .0.reason)]
    PgRefused(Failure),
    /// The PG was asked and did not clearly answer.
    #[error("the PG's answer is not known yet")]
    OutcomeUnknown,
    #[error("the browser came back in a way the PG does not: {0}")]
    BadReturn(&'static str),
    #[error(transparent)]
    Unsupported(#[from] connectors::Unsupported),
    #[error("only for payments in test mode at a simulated PG")]
    TestOnly,
    #[error("the webhook address is refused: {0}")]
    WebhookUrl(String),
    #[error("the shop has as many webhook endpoints as it may have")]
    TooManyEndpoints,
    /// Nothing was begun; ask again shortly.
    #[error("too much at once")]
    Busy,
    /// The database is away. The text is for the log, never for a caller.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// We broke a promise to ourselves; the log knows which.
    #[error("an internal error")]
    Bug,
}

impl Error {
    /// An answer the same request would get again: worth remembering under its key. What passes by
    /// itself is not, or asking again with the same key would never succeed.
    pub(crate) fn is_decided(&self) -> bool {
        !matches!(
            self,
            Error::KeyReused { .. }
                | Error::KeyInUse
                | Error::Busy
                | Error::Unavailable(_)
                | Error::Bug
                | Error::NotFound(_)
                | Error::OutcomeUnknown
                | Error::Refused(Refused::CancelUnderWay)
        )
    }

    /// When asking again makes sense.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::KeyInUse | Error::Busy | Error::Refused(Refused::CancelUnderWay) => Some(Duration::from_secs(1)),
            Error::Unavailable(_) | Error::OutcomeUnknown => Some(Duration::from_secs(5)),
            _ => None,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        match fault {
            Fault::Busy => Error::Busy,
            other => {
                tracing::error!(error = %other, "the store failed");
                Error::Unavailable(other.to_string())
            }
        }
    }
}

impl From<NotCommitted> for Error {
    fn from(not: NotCommitted) -> Error {
        match not {
            NotCommitted::Conflict(_) => Error::Busy,
            NotCommitted::Fault(fault) => fault.into(),
        }
    }
}

impl From<OrderError> for Error {
    fn from(error: OrderError) -> Error {
        Error::Refused(Refused::Order(error))
    }
}
