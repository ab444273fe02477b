use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::constant_time;
use bytes::Bytes;
use connectors::{Notice, NoticeAnswer, NoticeRefused};
use payments::Attempt;
use store::{ChangeSet, Conflict, NotCommitted, NoticeState, StoredNotice};
use vocabulary::{AttemptId, NoticeId, PgAccountId, Secret};

use crate::directory::Account;
use crate::{App, Error};

pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// How often one more notice about the same attempt may get in between.
const RACES_MAX: u32 = 8;
/// To what comes too often: a PG sends again what was not taken.
const TOO_MANY: NoticeAnswer = NoticeAnswer {
    status: 429,
    content_type: "text/plain",
    body: "",
};

/// What became of a notice at the door; the name is the metric's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Taken,
    Repeated,
    Unreadable,
    Irrelevant,
    UnknownOrder,
    OtherAccount,
    Forged,
    TooMany,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Outcome::Taken => "taken",
            Outcome::Repeated => "repeated",
            Outcome::Unreadable => "unreadable",
            Outcome::Irrelevant => "irrelevant",
            Outcome::UnknownOrder => "unknown_order",
            Outcome::OtherAccount => "other_account",
            Outcome::Forged => "forged",
            Outcome::TooMany => "too_many",
        }
    }
}

/// Takes a notice in: what is worth a question is durable before the PG hears its answer, and the rest
/// leaves no trace but a count, so that nobody can fill our disk from outside. All hear the same answer;
/// whoever guesses secrets learns nothing.
///
/// Errors: [`Error::NotFound`] for an unknown PG account; a store that is away makes the PG send again.
pub async fn receive(
    app: &Arc<App>,
    account: PgAccountId,
    headers: BTreeMap<String, String>,
    body: Bytes,
) -> Result<NoticeAnswer, Error> {
    let account = app.directory.account(account).ok_or(Error::NotFound("PG account"))?;
    let outcome = match account.connector.read_notice(&headers, &body) {
        Ok(notice) => app.take_in(&account, notice).await?,
        Err(NoticeRefused::Malformed(_)) => Outcome::Unreadable,
        Err(NoticeRefused::Irrelevant(_)) => Outcome::Irrelevant,
        Err(NoticeRefused::Forged) => Outcome::Forged,
    };
    metrics::counter!("narupay_notices", "outcome" => outcome.as_str()).increment(1);
    tracing::debug!(pg_account.id = %account.id, outcome = outcome.as_str(), "a notice came");
    Ok(match outcome {
        Outcome::TooMany => TOO_MANY,
        _ => account.connector.notice_answer(),
    })
}

impl App {
    async fn take_in(&self, account: &Account, notice: Notice) -> Result<Outcome, Error> {
        let Ok(id) = notice.pg_order_id.parse::<AttemptId>() else {
            return Ok(Outcome::UnknownOrder);
        };
        let allowed = || self.notice_allowance.take(account.id, self.clock.now());
        // Without a secret it will prove nothing, so a flood of them need not even reach the store.
        let bare = notice.secret.is_none() && !notice.signed;
        if bare && !allowed() {
            return Ok(Outcome::TooMany);
        }
        let Some(payment) = self.store.payment_of_attempt(account.scope, id).await? else {
            return Ok(Outcome::UnknownOrder);
        };
        let attempt = payment.attempt(id)?;
        if attempt.pg_account != account.id {
            return Ok(Outcome::OtherAccount);
        }
        let proven = match proof(&notice, attempt) {
            Proof::Proven => true,
            Proof::None if bare || allowed() => false,
            Proof::None => return Ok(Outcome::TooMany),
            Proof::Forged => {
                tracing::warn!(payment.id = %payment.id, "a forged notice about payment {}", payment.id);
                return Ok(Outcome::Forged);
            }
        };
        self.keep(account, id, notice, proven).await
    }

    /// An attempt has one open look at most. News while it is under way change its row, so that whoever
    /// looks cannot close it: it is looked at once more.
    async fn keep(
        &self,
        account: &Account,
        attempt: AttemptId,
        notice: Notice,
        proven: bool,
    ) -> Result<Outcome, Error> {
        for _ in 0..RACES_MAX {
            let now = self.clock.now();
            let before = self.store.notice_of_attempt(account.scope, attempt).await?;
            if let Some(before) = &before
                && before.dedup_key == notice.dedup_key
                && (before.proven || !proven)
                && before.state == NoticeState::Applied
            {
                return Ok(Outcome::Repeated);
            }
            let mut after = StoredNotice {
                id: NoticeId::new(now, &self.chance),
                scope: account.scope,
                pg_account: account.id,
                attempt,
                dedup_key: notice.dedup_key.clone(),
                what: notice.what.clone(),
                proven,
                state: NoticeState::Received,
                note: String::new(),
                tries: 0,
                quiet: 0,
                next_at: now,
                received_at: now,
                version: 1,
            };
            let mut set = ChangeSet::new(account.scope);
            match &before {
                Some(before) => {
                    after.id = before.id;
                    let open = before.state == NoticeState::Received;
                    // An open look owes its doubts to one that proved itself, whoever else knocks meanwhile.
                    after.proven |= open && before.proven;
                    set.notice_changed(before, &after);
                }
                None => set.notice(after),
            }
            match self.store.commit(set).await {
                Ok(()) => {
                    self.notice_bell.notify_one();
                    return Ok(Outcome::Taken);
                }
                Err(NotCommitted::Conflict(Conflict::NoticeKnown | Conflict::Notice)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        // The PG sends again.
        Err(Error::Busy)
    }
}

enum Proof {
    /// It is signed, or holds the secret that only the PG and we know.
    Proven,
    /// It holds none, or one that we cannot check.
    None,
    Forged,
}

fn proof(notice: &Notice, attempt: &Attempt) -> Proof {
    fn bytes(secret: &Secret<String>) -> &[u8] {
        secret.reveal_for("comparing a notice's").as_bytes()
    }
    if notice.signed {
        return Proof::Proven;
    }
    match (&notice.secret, &attempt.notice_secret) {
        (Some(told), Some(known)) => match constant_time::verify_slices_are_equal(bytes(told), bytes(known)) {
            Ok(()) => Proof::Proven,
            Err(_) => Proof::Forged,
        },
        // The approval's answer, which held the secret, may have got lost.
        (Some(_), None) => Proof::None,
        (None, _) if notice.secret_required => Proof::Forged,
        (None, _) => Proof::None,
    }
}
