use std::fmt;
use std::str::FromStr;

/// Who has to do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party {
    Shopper,
    Shop,
    Pg,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $party:ident, $retry:literal, $elsewhere:literal;)*) => {
        /// Why a PG said no, in the one small set of words that every PG's codes are mapped to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)*];

            /// As the API, the database and the logs spell it.
            pub fn as_str(self) -> &'static str {
                match self { $(Reason::$name => $code,)* }
            }

            pub fn acts(self) -> Party {
                match self { $(Reason::$name => Party::$party,)* }
            }

            /// May the shopper try again, with the same means or another?
            pub fn shopper_may_retry(self) -> bool {
                match self { $(Reason::$name => $retry,)* }
            }

            /// Is it a definite "no" of this PG that another PG need not share?
            pub fn another_pg_may_be_tried(self) -> bool {
                match self { $(Reason::$name => $elsewhere,)* }
            }
        }
    };
}

reasons! {
    // name = code, who acts, shopper may retry, another PG may be tried
    /// The shopper closed the window.
    ClosedByShopper = "closed_by_shopper", Shopper, true, false;
    /// The window or the time to confirm ran out.
    Expired = "expired", Shopper, true, false;
    /// Not enough money or over the card's limit.
    InsufficientFunds = "insufficient_funds", Shopper, true, false;
    /// The issuer or bank refused and gave no better reason.
    DeclinedByIssuer = "declined_by_issuer", Shopper, true, false;
    /// Card, account or phone details are wrong.
    InvalidDetails = "invalid_details", Shopper, true, false;
    /// Wrong password or too many wrong ones.
    AuthenticationFailed = "authentication_failed", Shopper, true, false;
    /// Lost, stolen, stopped: this means of payment cannot be used.
    UnusableMeans = "unusable_means", Shopper, true, false;
    /// Instalments are not possible so.
    InstalmentRefused = "instalment_refused", Shopper, true, false;
    /// Over a limit per payment, day or month.
    OverLimit = "over_limit", Shopper, true, false;
    /// Below what the method allows.
    BelowMinimum = "below_minimum", Shop, false, false;
    /// Stopped by the PG's fraud detection.
    SuspectedFraud = "suspected_fraud", Shopper, false, false;
    /// Bank or card company is closed at this hour.
    OutsideServiceHours = "outside_service_hours", Shopper, true, true;
    /// The PG account does not have this method or option.
    MethodUnavailable = "method_unavailable", Shop, true, true;
    /// Keys, contract or permissions at the PG are wrong.
    Misconfigured = "misconfigured", Shop, true, true;
    /// The PG did not understand our request.
    BadRequest = "bad_request", Pg, false, true;
    /// The PG does not know this payment.
    NotFoundAtPg = "not_found_at_pg", Pg, true, true;
    /// Already approved, canceled or used at the PG.
    AlreadyProcessed = "already_processed", Pg, false, false;
    /// The PG approved another sum than the shop asked for.
    AmountMismatch = "amount_mismatch", Pg, true, false;
    /// The PG does not allow this cancel.
    NotCancelable = "not_cancelable", Shop, false, false;
    /// The PG does not allow a cancel in parts.
    PartialCancelRefused = "partial_cancel_refused", Shop, false, false;
    /// The refund account is wrong or not the shopper's.
    InvalidRefundAccount = "invalid_refund_account", Shopper, false, false;
    /// Too long ago, or over what may be refunded.
    RefundOverLimit = "refund_over_limit", Shop, false, false;
    /// The PG asked us to slow down. Nothing was charged.
    TooManyRequests = "too_many_requests", Pg, true, true;
    /// The PG, a bank or a card company is down or under maintenance. Nothing was charged.
    PgUnavailable = "pg_unavailable", Pg, true, true;
    /// The shop decided not to sell.
    RefusedByShop = "refused_by_shop", Shop, false, false;
    /// Another attempt of the same payment went ahead.
    Superseded = "superseded", Shopper, false, false;
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Reason {
    type Err = ();

    fn from_str(text: &str) -> Result<Reason, ()> {
        Reason::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == text)
            .ok_or(())
    }
}

/// A definite "no": nothing moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub reason: Reason,
    /// The PG's own code, for its support desk; empty when we said no ourselves.
    pub pg_code: String,
    /// The PG's own words; for the shop, never branched on.
    pub pg_message: String,
}

impl Failure {
    pub fn ours(reason: Reason) -> Failure {
        Failure {
            reason,
            pg_code: String::new(),
            pg_message: String::new(),
        }
    }
}
