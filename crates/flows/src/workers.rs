//! What goes on without being asked: the outbox, webhooks, notices and the sweep. Each is a loop over
//! one step that tests call by hand.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use vocabulary::Duration;

use crate::{App, Error, notices, sweep, webhooks};

/// How long a loop rests when nothing is due and nobody rings.
const REST: std::time::Duration = std::time::Duration::from_millis(500);
/// How long a loop rests after a fault, so that a store that is away is not hammered.
const REST_AFTER_FAULT: std::time::Duration = std::time::Duration::from_secs(2);
const REST_BETWEEN_CLEANINGS: std::time::Duration = std::time::Duration::from_secs(60);
/// How long idempotency keys are remembered: three days cover a weekend's retries.
const REMEMBERED_FOR: Duration = Duration::days(3);
/// How long notices that have been dealt with are kept, for whoever wonders what a PG said.
const NOTICES_FOR: Duration = Duration::days(30);
const CLEANED_AT_ONCE: u32 = 1_000;

/// Runs until told to stop; each loop ends between two steps.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let silent = Notify::new();
    tokio::join!(
        repeat("outbox", &app.outbox_bell, REST, &stop, || fan_out_and_deliver(&app)),
        repeat("notices", &app.notice_bell, REST, &stop, || notices::work(&app)),
        repeat("sweep", &silent, REST, &stop, || sweep(&app)),
        repeat("cleaning", &silent, REST_BETWEEN_CLEANINGS, &stop, || forget(&app)),
    );
}

async fn fan_out_and_deliver(app: &Arc<App>) -> Result<usize, Error> {
    let events = webhooks::fan_out(app).await?;
    let sent = webhooks::deliver(app).await?;
    Ok(events + sent)
}

/// Drops what need not be remembered any more.
pub async fn forget(app: &Arc<App>) -> Result<usize, Error> {
    let now = app.clock.now();
    let keys = app
        .store
        .forget_remembered_before(now - REMEMBERED_FOR, CLEANED_AT_ONCE);
    let gone = keys.await?;
    let notices = app.store.forget_notices_before(now - NOTICES_FOR, CLEANED_AT_ONCE);
    let gone = gone + notices.await?;
    Ok(usize::try_from(gone).unwrap_or(usize::MAX))
}

async fn repeat<F: Future<Output = Result<usize, Error>>>(
    name: &'static str,
    bell: &Notify,
    rest: std::time::Duration,
    stop: &CancellationToken,
    step: impl Fn() -> F,
) {
    while !stop.is_cancelled() {
        let rest = match step().await {
            Ok(0) => rest,
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(worker = name, %error, "the {name} worker rests after a fault");
                REST_AFTER_FAULT
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = bell.notified() => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}
