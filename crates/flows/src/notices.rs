//! What PGs send us. Stored and answered first, believed never: a notice only makes us ask the PG.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::{constant_time, digest};
use bytes::Bytes;
use connectors::{NoticeAnswer, NoticeRefused};
use futures_util::StreamExt;
use futures_util::stream;
use payments::{Event, Payment};
use store::{ChangeSet, Conflict, NotCommitted, NoticeState, StoredNotice};
use vocabulary::pg::Answer;
use vocabulary::{AttemptId, Duration, NoticeId, PgAccountId};

use crate::directory::Account;
use crate::drive::ask_about;
use crate::memo::{self, Working};
use crate::{App, Error};

pub const BODY_BYTES_MAX: usize = 64 * 1024;
const BATCH_MAX: u32 = 100;
const AT_ONCE: usize = 16;
const TRIES_MAX: u32 = 60;
/// While one server looks into a notice, no other does.
const LEASE: Duration = Duration::seconds(60);
const AGAIN_MAX: Duration = Duration::hours(1);

/// Takes a notice in: durable before the PG hears its answer. The same notice twice is stored once.
///
/// Errors: [`Error::NotFound`] for an unknown PG account; a store that is away makes the PG send again.
pub async fn receive(
    app: &Arc<App>,
    account: PgAccountId,
    headers: BTreeMap<String, String>,
    body: Bytes,
) -> Result<NoticeAnswer, Error> {
    let account = app.directory.account(account).ok_or(Error::NotFound("PG account"))?;
    let now = app.clock.now();
    let (dedup_key, state, note) = match account.connector.read_notice(&headers, &body) {
        Ok(notice) => (notice.dedup_key, NoticeState::Received, notice.what),
        // Kept for whoever wonders what the PG sent; the hash keeps the same rubbish from piling up.
        Err(refused) => (hash(&body), NoticeState::Ignored, refused.to_string()),
    };
    let mut set = ChangeSet::new(account.scope);
    set.notice(StoredNotice {
        id: NoticeId::new(now, &app.chance),
        scope: account.scope,
        pg_account: account.id,
        dedup_key,
        headers: serde_json::to_string(&headers).unwrap_or_default(),
        body: body.to_vec(),
        state,
        note,
        tries: 0,
        next_at: now,
        received_at: now,
        version: 0,
    });
    match app.store.commit(set).await {
        Ok(()) => app.notice_bell.notify_one(),
        Err(NotCommitted::Conflict(Conflict::NoticeKnown)) => {
            tracing::debug!(pg_account.id = %account.id, "a notice came again");
        }
        Err(other) => return Err(other.into()),
    }
    Ok(account.connector.notice_answer())
}

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
    Applied(String),
    Ignored(String),
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
        let (state, note) = match self.follow(&claimed).await {
            Ok(Found::Applied(note)) => (NoticeState::Applied, note),
            Ok(Found::Ignored(note)) => (NoticeState::Ignored, note),
            Ok(Found::AskAgain(note)) if claimed.tries < TRIES_MAX => (NoticeState::Received, note),
            Ok(Found::AskAgain(note)) => (NoticeState::Ignored, format!("given up: {note}")),
            Err(error) if claimed.tries < TRIES_MAX => (NoticeState::Received, error.to_string()),
            Err(error) => (NoticeState::Ignored, format!("given up: {error}")),
        };
        let wait = Duration::seconds(5 << claimed.tries.min(10)).min(AGAIN_MAX);
        let after = StoredNotice {
            state,
            note,
            next_at: self.clock.now() + wait,
            version: claimed.version + 1,
            ..claimed.clone()
        };
        tracing::info!(notice.id = %after.id, note = %after.note, "notice {} from the PG: {}", after.id, after.note);
        self.save_notice(&claimed, &after).await.map(drop)
    }

    async fn follow(&self, stored: &StoredNotice) -> Result<Found, Error> {
        let account = self
            .directory
            .account(stored.pg_account)
            .ok_or(Error::NotFound("PG account"))?;
        let headers = serde_json::from_str(&stored.headers).unwrap_or_default();
        let notice = match account.connector.read_notice(&headers, &stored.body) {
            Ok(notice) => notice,
            Err(NoticeRefused::Malformed(what) | NoticeRefused::Irrelevant(what)) => return Ok(Found::Ignored(what)),
        };
        let Ok(id) = notice.pg_order_id.parse::<AttemptId>() else {
            return Ok(Found::Ignored(format!("{}: not an order of ours", notice.what)));
        };
        let Some(payment) = self.store.payment_of_attempt(account.scope, id).await? else {
            return Ok(Found::Ignored(format!("{}: an order we do not know", notice.what)));
        };
        let attempt = payment.attempt(id)?;
        if attempt.pg_account != account.id {
            return Ok(Found::Ignored(format!(
                "{}: an order of another PG account",
                notice.what
            )));
        }
        let told = notice
            .secret
            .as_ref()
            .map(|secret| secret.reveal_for("comparing").as_bytes());
        let known = attempt
            .notice_secret
            .as_ref()
            .map(|secret| secret.reveal_for("comparing").as_bytes());
        let forged = match (told, known) {
            (Some(told), Some(known)) => constant_time::verify_slices_are_equal(told, known).is_err(),
            (None, _) => notice.secret_required,
            (Some(_), None) => false,
        };
        if forged {
            tracing::warn!(payment.id = %payment.id, notice.id = %stored.id, "a forged notice about payment {}", payment.id);
            metrics::counter!("narupay_notices_forged").increment(1);
            return Ok(Found::Ignored(format!("forged: {} with a wrong secret", notice.what)));
        }
        self.ask_because(&account, payment, id, notice.what).await
    }

    /// A notice is a reason to ask the PG, which is the only one we believe.
    async fn ask_because(
        &self,
        account: &Account,
        payment: Payment,
        id: AttemptId,
        what: String,
    ) -> Result<Found, Error> {
        let answer = ask_about(account, &payment, payment.attempt(id)?).await;
        match answer {
            Answer::Unknown(why) => Ok(Found::AskAgain(format!("{what}: the PG does not answer: {why}"))),
            Answer::No(failure) => Ok(Found::Ignored(format!(
                "{what}: the PG knows nothing of it ({})",
                failure.reason
            ))),
            report => {
                let mut working = Working::unasked();
                let event = Event::PgSays {
                    attempt: id,
                    answer: report,
                };
                let applied = self.apply(payment, &event, &mut working, memo::never).await?;
                if !applied.changed {
                    return Ok(Found::Applied(format!("{what}: known already")));
                }
                // Money to give back is due at once, and the sweep's.
                crate::drive::log_state(&applied.payment);
                Ok(Found::Applied(what))
            }
        }
    }

    /// False: another server has it.
    async fn save_notice(&self, before: &StoredNotice, after: &StoredNotice) -> Result<bool, Error> {
        let mut set = ChangeSet::new(before.scope);
        set.notice_done(before, after);
        match self.store.commit(set).await {
            Ok(()) => Ok(true),
            Err(NotCommitted::Conflict(_)) => Ok(false),
            Err(NotCommitted::Fault(fault)) => Err(fault.into()),
        }
    }
}

fn hash(body: &[u8]) -> String {
    digest::digest(&digest::SHA256, body)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
