//! Asking twice is safe: the answer to a request is saved together with what the request did.

use std::collections::BTreeMap;
use std::sync::Arc;

use payments::Payment;
use store::{ChangeSet, Conflict, NotCommitted, Remembered, RememberedAnswer};
use vocabulary::{Duration, Scope, Timestamp};

use crate::app::RACES_MAX;
use crate::view::PaymentView;
use crate::{App, Error, view};

/// Longer than any use case works, PG time-outs included.
const LEASE: Duration = Duration::seconds(90);

/// A request's idempotency key, and what makes two requests the same.
#[derive(Debug, Clone)]
pub struct Memo {
    pub key: String,
    /// Of the method, path and raw body.
    pub request_hash: [u8; 32],
    /// JSON object: a short hash for each of the body's fields, to say which one differs.
    pub fields: String,
}

/// What is sent back and remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replied {
    pub answer: Answer,
    /// It is the first answer, again.
    pub replayed: bool,
}

/// Turns a result into the bytes of its answer, so that they can be saved with it.
pub type Render = dyn Fn(Result<&PaymentView, &Error>) -> Answer + Send + Sync;

/// The memory of the request being worked on; nothing at all for work that nobody asked for.
pub(crate) struct Working {
    request: Option<Request>,
}

struct Request {
    memo: Memo,
    render: Arc<Render>,
    stage: Stage,
    /// What someone began and left undone: the subject remembered with the key.
    begun: Option<String>,
    /// What the work is about, to be remembered for whoever takes over.
    subject_of: fn(&Payment) -> String,
    /// In the change about to be saved.
    pending: Option<Answer>,
}

/// What is stored of a key.
enum Stage {
    Fresh,
    /// At work, until then.
    Leased(Timestamp),
    Answered(Answer),
    /// Someone took the key over and answered first: the work goes on, its answer is theirs.
    Overtaken,
}

impl Working {
    pub fn unasked() -> Working {
        Working { request: None }
    }

    fn on(memo: Memo, render: Arc<Render>, lease: Option<Timestamp>, begun: Option<String>) -> Working {
        Working {
            request: Some(Request {
                memo,
                render,
                stage: lease.map_or(Stage::Fresh, Stage::Leased),
                begun,
                subject_of: |payment| payment.id.to_string(),
                pending: None,
            }),
        }
    }

    /// The subject of the work that someone began under this key and is gone.
    pub fn begun(&self) -> Option<&str> {
        self.request.as_ref().and_then(|request| request.begun.as_deref())
    }

    /// Remembers this of the payment as first saved, instead of its id.
    pub fn about(&mut self, subject_of: fn(&Payment) -> String) {
        if let Some(request) = &mut self.request {
            request.subject_of = subject_of;
        }
    }

    /// The answer was given by someone else; what the work still finds out is saved without one.
    pub fn overtaken(&mut self) {
        if let Some(request) = &mut self.request {
            (request.stage, request.pending) = (Stage::Overtaken, None);
        }
    }

    pub fn key(&self) -> Option<&str> {
        self.request.as_ref().map(|request| request.memo.key.as_str())
    }

    /// Adds to a change set what must be remembered with it: the answer if this is the `last` change,
    /// else that the key is at work.
    pub fn write(&mut self, app: &App, set: &mut ChangeSet, payment: &Payment, now: Timestamp, last: bool) {
        let Some(request) = self.request.as_mut().filter(|request| request.stage.open()) else {
            return;
        };
        request.pending = last.then(|| (request.render)(Ok(&view::payment(app, payment))));
        match (&request.stage, &request.pending) {
            (Stage::Fresh, answer) => {
                set.remember(request.memo.row(answer.as_ref(), (request.subject_of)(payment), now));
            }
            (_, Some(answer)) => set.answer(&request.memo.key, stored(answer)),
            (_, None) => {}
        }
    }

    /// What [`Working::write`] added is saved.
    pub fn saved(&mut self, now: Timestamp) {
        if let Some(request) = &mut self.request {
            match (&request.stage, request.pending.take()) {
                (_, Some(answer)) => request.stage = Stage::Answered(answer),
                (Stage::Fresh, None) => request.stage = Stage::Leased(now + LEASE),
                (_, None) => {}
            }
        }
    }
}

impl Stage {
    /// The answer is yet to be given, and ours to give.
    fn open(&self) -> bool {
        matches!(self, Stage::Fresh | Stage::Leased(_))
    }
}

impl Request {
    /// Saves the answer where no change of a payment carried it.
    async fn end(self, app: &App, scope: Scope, result: Result<PaymentView, Error>) -> Result<Replied, Error> {
        let lease = match self.stage {
            Stage::Answered(answer) => {
                return Ok(Replied {
                    answer,
                    replayed: false,
                });
            }
            Stage::Overtaken => return Err(Error::KeyInUse),
            Stage::Leased(lease) => Some(lease),
            Stage::Fresh => None,
        };
        let mut set = ChangeSet::new(scope);
        let now = app.clock.now();
        match result {
            Err(error) if !error.is_decided() => {
                if let Some(lease) = lease {
                    // Let the caller's next try go on at once.
                    set.take_over(&self.memo.key, lease, now);
                    if let Err(lost) = app.store.commit(set).await {
                        tracing::warn!(error = %lost, "an idempotency key stays at work until its lease ends");
                    }
                }
                Err(error)
            }
            decided => {
                let subject = decided.as_ref().map_or(String::new(), |payment| payment.id.clone());
                let answer = (self.render)(decided.as_ref());
                match lease {
                    Some(_) => set.answer(&self.memo.key, stored(&answer)),
                    None => set.remember(self.memo.row(Some(&answer), subject, now)),
                }
                match app.store.commit(set).await {
                    Ok(()) => Ok(Replied {
                        answer,
                        replayed: false,
                    }),
                    Err(NotCommitted::Conflict(_)) => Err(Error::KeyInUse),
                    Err(NotCommitted::Fault(fault)) => Err(fault.into()),
                }
            }
        }
    }
}

impl Memo {
    fn row(&self, answer: Option<&Answer>, subject: String, now: Timestamp) -> Remembered {
        Remembered {
            key: self.key.clone(),
            request_hash: self.request_hash,
            fields: self.fields.clone(),
            answer: answer.map(stored),
            lease_until: now + LEASE,
            subject,
            created_at: now,
        }
    }

    /// The fields in which this request differs from the one first sent with its key.
    fn differences(&self, first: &Remembered) -> Vec<String> {
        let read = |text: &str| serde_json::from_str::<BTreeMap<String, String>>(text).unwrap_or_default();
        let (ours, theirs) = (read(&self.fields), read(&first.fields));
        let mut names: Vec<String> = ours.keys().chain(theirs.keys()).cloned().collect();
        names.sort();
        names.dedup();
        names.retain(|name| ours.get(name) != theirs.get(name));
        names
    }
}

fn stored(answer: &Answer) -> RememberedAnswer {
    RememberedAnswer {
        status: answer.status,
        body: answer.body.clone(),
    }
}

/// What is known of a key before, or after, its work.
enum Recall {
    New,
    Answered(Replied),
    /// Whoever began is gone; the lease is ours now.
    TakenOver {
        lease: Timestamp,
        begun: String,
    },
}

async fn recall(app: &App, scope: Scope, memo: &Memo) -> Result<Recall, Error> {
    let Some(first) = app.store.remembered(scope, &memo.key).await? else {
        return Ok(Recall::New);
    };
    if first.request_hash != memo.request_hash {
        return Err(Error::KeyReused {
            differs: memo.differences(&first),
        });
    }
    if let Some(RememberedAnswer { status, body }) = first.answer {
        return Ok(Recall::Answered(Replied {
            answer: Answer { status, body },
            replayed: true,
        }));
    }
    let now = app.clock.now();
    if first.lease_until > now {
        return Err(Error::KeyInUse);
    }
    let mut set = ChangeSet::new(scope);
    let lease = now + LEASE;
    set.take_over(&memo.key, first.lease_until, lease);
    match app.store.commit(set).await {
        Ok(()) => Ok(Recall::TakenOver {
            lease,
            begun: first.subject,
        }),
        Err(NotCommitted::Conflict(_)) => Err(Error::KeyInUse),
        Err(NotCommitted::Fault(fault)) => Err(fault.into()),
    }
}

/// How likely it is that a key was seen before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Work that ends in one change: the key's own uniqueness tells soon enough.
    New,
    /// Work that asks a PG: look first.
    Anything,
}

/// Runs `work` once for a key, however often it is asked for. The work saves its answer with its
/// last change through [`Working`]; what it decides without a change is saved here.
pub(crate) async fn once<W, F>(
    app: &Arc<App>,
    scope: Scope,
    memo: Memo,
    render: Arc<Render>,
    expect: Expect,
    work: W,
) -> Result<Replied, Error>
where
    W: FnOnce(Arc<App>, Working) -> F + Send + 'static,
    F: Future<Output = (Working, Result<Payment, Error>)> + Send + 'static,
{
    let (lease, begun) = match expect {
        Expect::New => (None, None),
        Expect::Anything => match recall(app, scope, &memo).await? {
            Recall::New => (None, None),
            Recall::Answered(replied) => return Ok(replied),
            Recall::TakenOver { lease, begun } => (Some(lease), Some(begun)),
        },
    };
    let task = {
        let (app, working) = (app.clone(), Working::on(memo.clone(), render, lease, begun));
        async move {
            let (working, result) = work(app.clone(), working).await;
            let result = result.map(|payment| view::payment(&app, &payment));
            match working.request {
                Some(request) => request.end(&app, scope, result).await,
                None => Err(Error::Bug),
            }
        }
    };
    match app.finish(task).await {
        Err(Error::KeyInUse) => match recall(app, scope, &memo).await? {
            Recall::Answered(replied) => Ok(replied),
            Recall::New | Recall::TakenOver { .. } => Err(Error::KeyInUse),
        },
        done => done,
    }
}

/// The same for requests that are not about a payment: `work` gives its answer and the change that
/// goes with it, and both are saved together. It is done anew when someone else changed the row first.
pub async fn remembered<F>(
    app: &Arc<App>,
    scope: Scope,
    memo: Memo,
    work: impl Fn() -> F + Send,
) -> Result<Replied, Error>
where
    F: Future<Output = Result<(ChangeSet, Answer), Error>> + Send,
{
    if let Recall::Answered(replied) = recall(app, scope, &memo).await? {
        return Ok(replied);
    }
    for _ in 0..RACES_MAX {
        let (mut set, answer) = work().await?;
        set.remember(memo.row(Some(&answer), String::new(), app.clock.now()));
        match app.store.commit(set).await {
            Ok(()) => {
                return Ok(Replied {
                    answer,
                    replayed: false,
                });
            }
            Err(NotCommitted::Conflict(Conflict::Key)) => {
                return match recall(app, scope, &memo).await? {
                    Recall::Answered(replied) => Ok(replied),
                    Recall::New | Recall::TakenOver { .. } => Err(Error::KeyInUse),
                };
            }
            Err(NotCommitted::Conflict(_)) => {}
            Err(NotCommitted::Fault(fault)) => return Err(fault.into()),
        }
    }
    Err(Error::Busy)
}

/// For [`Working::write`]'s `last` when more is always to come.
pub(crate) fn never(_: &Payment) -> bool {
    false
}
