use futures_util::future::BoxFuture;

use crate::Fault;

/// What a simulated disk does to the commits of an inline store; see [`crate::Options::inline`]. Each call is
/// made once for each group. One that waits for ever is the death of the process at that moment.
pub trait Disk: Send + Sync {
    /// Before a group is taken from the queue.
    fn before(&self) -> BoxFuture<'_, ()>;

    /// All of the group is written but for the commit. Errors: it is rolled back and everyone is told.
    fn commit(&self) -> Result<(), Fault>;

    /// It is committed. Errors: the flush failed, so the store stops writing; give [`Fault::Unknown`].
    fn committed(&self) -> Result<(), Fault>;

    /// Before anyone is answered.
    fn after(&self) -> BoxFuture<'_, ()>;
}
