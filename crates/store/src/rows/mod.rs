//! One file per table family: how its rows are written and read.

pub(crate) mod attempt_detail;
pub(crate) mod books;
pub(crate) mod deliveries;
pub(crate) mod detail;
pub(crate) mod endpoints;
pub(crate) mod events;
pub(crate) mod notices;
pub(crate) mod payment_detail;
pub(crate) mod payments;
pub(crate) mod receipt_detail;
pub(crate) mod remembered;
pub(crate) mod shops;
