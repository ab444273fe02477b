use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use payments::{AttemptState, Event, Payment};
use store::{ChangeSet, NotCommitted, NoticeState, StoredNotice};
use vocabulary::pg::Answer;
use vocabulary::{AttemptId, Duration};

use crate::directory::Account;
use crate::drive::ask_about;
use crate::memo::{self, Working};
use crate::{App, Error};

const BATCH_MAX: u32 = 100;
const AT_ONCE: usize = 16;
const TRIES_MAX: u32 = 60;
/// While one server looks into a notice, no other does.
const LEASE: Duration = Duration::seconds(60);
const AGAIN_MAX: Duration = Duration::hours(1);
/// Waits before a PG that has nothing new to say is asked once more: its notice may be ahead of its inquiry.
const QUIET_WAITS_S: [i64; 3] = [60, 300, 1_800];

/// Looks into the notices that are due. Returns how many were dealt with or put off.
pub async fn work(app: &Arc<App>) -> Result<usize, Error> {
    let due = app.store.due_notices(app.clock.now(), BATCH_MAX).await?;
    let looked_into = stream::iter(due)
        .map(|notice| async move {
            let task = {
                let app = app.clone();
                async move { app.look_into(notice).await }
            };
            let done = app.finish(task).await;
            if let Err(error) = &done {
                tracing::warn!(%error, "a notice could not be looked into");
            }
            done.is_ok()
        })
        .buffer_unordered(AT_ONCE)
        .filter(|done| std::future::ready(*done))
        .count()
        .await;
    Ok(looked_into)
}

/// What looking into a notice comes to.
enum Found {
    Applied,
    Ignored(String),
    /// Nothing new, though something should be.
    Quiet(String),
    AskAgain(String),
}

impl App {
    async fn look_into(&self, notice: StoredNotice) -> Result<(), Error> {
        let claimed = StoredNotice {
            tries: notice.tries + 1,
            next_at: self.clock.now() + LEASE,
            version: notice.version + 1,
            ..notice.clone()
        };
        if !self.save_notice(&notice, &claimed).await? {
            return Ok(());
        }
        let found = self.follow(&claimed).await;
        let after = self.after(&claimed, found);
        tracing::info!(notice.id = %after.id, note = %after.note, "notice {} ({}): {}", after.id, after.what, after.note);
        // Not saved: news came meanwhile, and it stays open.
        self.save_notice(&claimed, &after).await.map(drop)
    }

    fn after(&self, claimed: &StoredNotice, found: Result<Found, Error>) -> StoredNotice {
        let mut after = claimed.clone();
        after.version += 1;
        let again = match found {
            Ok(Found::Applied) => {
                after.state = NoticeState::Applied;
                after.note = "applied".to_owned();
                return after;
            }
            Ok(Found::Ignored(note)) => {
                after.state = NoticeState::Ignored;
                after.note = note;
                return after;
            }
            Ok(Found::Quiet(note)) => {
                after.note = note;
                let wait = QUIET_WAITS_S.get(claimed.quiet as usize).filter(|_| claimed.proven);
                after.quiet += 1;
                wait.map(|wait| Duration::seconds(*wait))
            }
            Ok(Found::AskAgain(note)) => {
                after.note = note;
                wait_after(claimed.tries)
            }
            Err(error) => {
                after.note = error.to_string();
                wait_after(claimed.tries)
            }
        };
        match again {
            Some(wait) => after.next_at = self.clock.now() + wait,
            None => {
                after.state = NoticeState::Ignored;
                after.note = format!("given up: {}", after.note);
            }
        }
        after
    }

    async fn follow(&self, notice: &StoredNotice) -> Result<Found, Error> {
        let account = self
            .directory
            .account(notice.pg_account)
            .ok_or(Error::NotFound("PG account"))?;
        let payment = self.store.payment_of_attempt(notice.scope, notice.attempt).await?;
        let payment = payment.ok_or(Error::NotFound("attempt"))?;
        self.ask_because(&account, payment, notice.attempt).await
    }

    /// A notice is a reason to ask the PG, which is the only one we believe.
    async fn ask_because(&self, account: &Account, payment: Payment, id: AttemptId) -> Result<Found, Error> {
        let report = match ask_about(account, &payment, payment.attempt(id)?).await {
            Answer::Unknown(why) => return Ok(Found::AskAgain(format!("the PG does not answer: {why}"))),
            Answer::No(failure) if expects_news(&payment, id)? => {
                return Ok(Found::Quiet(format!("the PG says no: {}", failure.reason)));
            }
            Answer::No(failure) => return Ok(Found::Ignored(format!("the PG says no: {}", failure.reason))),
            report => report,
        };
        let mut working = Working::unasked();
        let event = Event::PgSays {
            attempt: id,
            answer: report,
        };
        let applied = self.apply(payment, &event, &mut working, memo::never).await?;
        if !applied.changed && expects_news(&applied.payment, id)? {
            return Ok(Found::Quiet("the PG has nothing new".to_owned()));
        }
        if applied.changed {
            // Money to give back is due at once, and the sweep's.
            crate::drive::log_state(&applied.payment);
        }
        Ok(Found::Applied)
    }

    /// False: another server has it, or news came.
    async fn save_notice(&self, before: &StoredNotice, after: &StoredNotice) -> Result<bool, Error> {
        let mut set = ChangeSet::new(before.scope);
        set.notice_changed(before, after);
        match self.store.commit(set).await {
            Ok(()) => Ok(true),
            Err(NotCommitted::Conflict(_)) => Ok(false),
            Err(NotCommitted::Fault(fault)) => Err(fault.into()),
        }
    }
}

/// `None`: it was tried often enough.
fn wait_after(tries: u32) -> Option<Duration> {
    (tries < TRIES_MAX).then(|| Duration::seconds(5 << tries.min(10)).min(AGAIN_MAX))
}

/// The attempt is open at the PG, so a notice about it ought to mean something.
fn expects_news(payment: &Payment, id: AttemptId) -> Result<bool, Error> {
    use AttemptState::{Approving, Unknown, Waiting};
    Ok(matches!(payment.attempt(id)?.state, Approving | Unknown | Waiting))
}
