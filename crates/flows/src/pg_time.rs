//! How much of a request's time was spent waiting for PGs, for the `Server-Timing` header.

use std::cell::Cell;
use std::time::Duration;

tokio::task_local! {
    static WAITED: Cell<Duration>;
}

/// Runs `work` and tells how long it waited for PGs.
pub async fn measured<T>(work: impl Future<Output = T>) -> (T, Duration) {
    WAITED
        .scope(Cell::new(Duration::ZERO), async {
            let done = work.await;
            (done, WAITED.with(Cell::get))
        })
        .await
}

pub(crate) fn add(took: Duration) {
    // Background work has nobody to tell.
    let _ = WAITED.try_with(|waited| waited.set(waited.get() + took));
}
