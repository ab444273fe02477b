//! The use cases: load, decide, save, act. A folder or file per area; what must survive is saved
//! before a PG is asked, and what a PG says is saved before anyone is told.

mod app;
mod attempts;
pub mod books;
mod breaker;
mod budgets;
mod cancels;
pub mod checkout;
mod create;
mod directory;
mod drive;
mod error;
mod guarded;
mod memo;
pub mod notices;
pub mod pg_books;
pub mod pg_time;
mod receipts;
mod recheck;
mod sweep;
pub mod test_help;
pub mod token;
pub mod view;
pub mod webhooks;
pub mod work_list;
pub mod workers;

pub use app::{App, Settings};
pub use attempts::{confirm, refuse, sync};
pub use breaker::BreakerState;
pub use budgets::{Bound, Budgets};
pub use cancels::cancel;
pub use create::{Choice, create};
pub use directory::{Account, AccountSetup, Directory, KeySetup, Offer, SetupError, ShopSetup, ShopSide};
pub use error::Error;
pub use guarded::Health;
pub use memo::{Answer, Memo, Render, Replied, remembered};
pub use receipts::issue_receipt;
pub use recheck::{Rechecked, recheck};
pub use sweep::sweep;

// What the server passes on, so that it needs to know no PG.
pub use connectors::{Locale, NoticeAnswer, Window};
