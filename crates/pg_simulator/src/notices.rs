//! The notice sender: what PGs tell their merchants, with the PG's own patience. A PG hands in what to say
//! and where; here it waits in a bounded queue, is sent over few kept-alive connections, and tried again.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use vocabulary::{Clock, Duration, Timestamp};

use crate::faults::{NOTICE_LATE, NOTICE_REORDERED_MAX, NoticePlan};

/// New notices are refused beyond this, and counted.
const WAITING_MAX: usize = 200_000;
/// Sent notices that the console still shows.
const HISTORY_MAX: usize = 1_000;
/// Connections and requests at a time.
const SENDERS: usize = 8;
/// Taken from the queue in one step.
const BATCH_MAX: usize = 4_096;
/// Of a receiver's answer; a PG looks for a word.
const ANSWER_BYTES_KEPT: usize = 256;
/// How long the driver sleeps at most, so that a clock that was moved is noticed.
const SLEEP_MAX: Duration = Duration::seconds(1);
/// How long after the one that overtook it a reordered notice leaves.
const OVERTAKEN_BY: Duration = Duration::seconds(1);

/// Carries one notice to its receiver and brings back the answer.
pub trait Courier: Send + Sync {
    fn carry<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(&'static str, String)],
        body: Bytes,
        answer_within: Duration,
    ) -> BoxFuture<'a, Option<Carried>>;
}

/// How a receiver answered a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub status: u16,
    /// Cut off after a few bytes: no PG expects more than a word.
    pub body: Bytes,
}

/// What a PG wants said. Bodies are made late, outside every lock.
pub trait Message: Send + Sync {
    /// Body and headers of try number `retried` (0 first) at `now`.
    fn request(&self, transmission: &str, retried: usize, now: Timestamp) -> (Bytes, Vec<(&'static str, String)>);
    /// Whether this answer is what the PG wants to hear.
    fn took(&self, answer: &Carried) -> bool {
        answer.status == 200
    }
    /// The same event as somebody would tell it who is not the PG: with another amount, and a wrong signature or
    /// secret where there is one.
    fn forged(&self) -> Option<Arc<dyn Message>> {
        None
    }
    /// For the console: the event's name and the order's id.
    fn label(&self) -> (&'static str, &str);
}

/// How a PG repeats: minutes after each failed try, and how long it waits for an answer.
pub struct Schedule {
    pub after_minutes: &'static [i64],
    pub answer_within: Duration,
}

/// One notice to one receiver.
pub struct Letter {
    pub url: Arc<str>,
    pub message: Arc<dyn Message>,
    pub schedule: &'static Schedule,
}

struct Notice {
    id: u64,
    transmission: String,
    url: Arc<str>,
    message: Arc<dyn Message>,
    schedule: &'static Schedule,
    retried: usize,
    /// Until the next notice of its order has overtaken it.
    held: bool,
}

impl Notice {
    fn order_id(&self) -> &str {
        self.message.label().1
    }
}

/// How one try ended, for the console and for tests.
#[derive(Debug, Clone)]
pub struct Sent {
    pub event: &'static str,
    pub order_id: String,
    pub url: Arc<str>,
    pub at: Timestamp,
    pub retried: usize,
    /// The receiver's HTTP status; None when no answer came.
    pub status: Option<u16>,
}

/// The usual courier: HTTP over few kept-alive connections.
struct Connections(reqwest::Client);

impl Connections {
    fn open() -> Connections {
        // Proxies are for the outside world; receivers here are the shop's own servers.
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(SENDERS)
            .build()
            .unwrap_or_default();
        Connections(client)
    }
}

impl Courier for Connections {
    fn carry<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(&'static str, String)],
        body: Bytes,
        answer_within: Duration,
    ) -> BoxFuture<'a, Option<Carried>> {
        let mut request = self.0.post(url).timeout(answer_within.to_std());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        Box::pin(async move {
            let answer = request.body(body).send().await;
            let read = async {
                let answer = answer?;
                let status = answer.status().as_u16();
                // Read to the end, so that the connection can be used again.
                let mut body = answer.bytes().await?;
                body.truncate(ANSWER_BYTES_KEPT);
                Ok::<Carried, reqwest::Error>(Carried { status, body })
            };
            match read.await {
                Ok(carried) => Some(carried),
                Err(error) => {
                    tracing::debug!(%url, %error, "a notice got no answer");
                    None
                }
            }
        })
    }
}

#[derive(Default)]
struct Queue {
    waiting: BTreeMap<(Timestamp, u64), Notice>,
    /// To arrive before the answer of the call they are about; see [`Notices::deliver_early`].
    early: Vec<Notice>,
    held: usize,
    history: VecDeque<Sent>,
    next_id: u64,
    dropped: u64,
}

impl Queue {
    fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn add(&mut self, notice: Notice, early: bool, due_at: Timestamp) {
        if self.waiting.len() + self.early.len() >= WAITING_MAX {
            self.dropped += 1;
        } else if early {
            self.early.push(notice);
        } else if notice.held {
            self.held += 1;
            self.waiting.insert((due_at + NOTICE_REORDERED_MAX, notice.id), notice);
        } else {
            self.let_go(notice.order_id(), due_at + OVERTAKEN_BY);
            self.waiting.insert((due_at, notice.id), notice);
        }
    }

    /// What was held back of an order leaves, now that something has overtaken it; the last one first.
    fn let_go(&mut self, order_id: &str, due_at: Timestamp) {
        if self.held == 0 {
            return;
        }
        let is_held = |(_, notice): &(&(Timestamp, u64), &Notice)| notice.held && notice.order_id() == order_id;
        let keys: Vec<_> = self.waiting.iter().filter(is_held).map(|(key, _)| *key).collect();
        for (steps, key) in keys.into_iter().rev().enumerate() {
            if let Some(mut notice) = self.waiting.remove(&key) {
                notice.held = false;
                self.held -= 1;
                let due_at = due_at + Duration::millis(steps as i64);
                self.waiting.insert((due_at, notice.id), notice);
            }
        }
    }
}

#[derive(Clone)]
pub struct Notices(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    courier: Arc<dyn Courier>,
    queue: Mutex<Queue>,
    changed: Notify,
}

impl Notices {
    pub fn new(clock: Arc<dyn Clock>, courier: Option<Arc<dyn Courier>>) -> Notices {
        Notices(Arc::new(Inner {
            clock,
            courier: courier.unwrap_or_else(|| Arc::new(Connections::open())),
            queue: Mutex::default(),
            changed: Notify::new(),
        }))
    }

    /// What one change has to tell, in the PG's order, with the faults of `plan`. `transmission` makes the id of
    /// each sending. Early ones leave with [`Notices::deliver_early`], which the call must not forget.
    pub fn send(&self, plan: NoticePlan, letters: Vec<Letter>, transmission: impl Fn() -> String) {
        if plan.lost {
            return;
        }
        let now = self.0.clock.now();
        let due_at = if plan.late { now + NOTICE_LATE } else { now };
        let mut queue = self.queue();
        for letter in letters {
            let forged = letter.message.forged().filter(|_| plan.forged);
            let true_ones = std::iter::repeat_n(letter.message, if plan.doubled { 2 } else { 1 });
            for message in true_ones.chain(forged) {
                let notice = Notice {
                    id: queue.take_id(),
                    transmission: transmission(),
                    url: letter.url.clone(),
                    message,
                    schedule: letter.schedule,
                    retried: 0,
                    held: plan.reordered && !plan.early,
                };
                queue.add(notice, plan.early, due_at);
            }
        }
        drop(queue);
        self.0.changed.notify_one();
    }

    /// Sends the early notices of an order and comes back when they were answered, or not.
    pub async fn deliver_early(&self, order_id: &str) {
        let mine = {
            let mut queue = self.queue();
            let early = std::mem::take(&mut queue.early);
            let (mine, others): (Vec<Notice>, _) = early.into_iter().partition(|notice| notice.order_id() == order_id);
            queue.early = others;
            mine
        };
        for notice in mine {
            self.attempt(notice).await;
        }
    }

    /// Carries something at once and once, past the queue: a PG trying out an address. `None`: no answer came.
    pub async fn ask_now(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Bytes,
        answer_within: Duration,
    ) -> Option<Carried> {
        self.0.courier.carry(url, headers, body, answer_within).await
    }

    /// Tries waiting notices that are due, up to a batch, and returns how many were tried.
    pub async fn deliver_due(&self) -> usize {
        let due = self.take_due();
        let count = due.len();
        futures_util::stream::iter(due)
            .for_each_concurrent(SENDERS, |notice| self.attempt(notice))
            .await;
        count
    }

    /// Sends what falls due until `stop`. What still waits then is lost with the process, as it lives in memory.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let sleep = self.until_next().to_std();
            tokio::select! {
                () = &mut stop => return,
                () = self.0.changed.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
            tokio::select! {
                () = &mut stop => return,
                _ = self.deliver_due() => {}
            }
        }
    }

    /// The latest tries, newest first.
    pub fn history(&self) -> Vec<Sent> {
        self.queue().history.iter().rev().cloned().collect()
    }

    pub fn waiting(&self) -> usize {
        self.queue().waiting.len()
    }

    /// When the next notice is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.queue().waiting.keys().next().map(|(at, _)| *at)
    }

    /// How many notices found the queue full.
    pub fn dropped(&self) -> u64 {
        self.queue().dropped
    }

    fn until_next(&self) -> Duration {
        let Some(due_at) = self.next_due() else {
            return SLEEP_MAX;
        };
        (due_at - self.0.clock.now()).max(Duration::ZERO).min(SLEEP_MAX)
    }

    fn take_due(&self) -> Vec<Notice> {
        let now = self.0.clock.now();
        let mut queue = self.queue();
        let mut due = Vec::new();
        while due.len() < BATCH_MAX
            && let Some(entry) = queue.waiting.first_entry()
            && entry.key().0 <= now
        {
            due.push(entry.remove());
        }
        let held = due.iter().filter(|notice| notice.held).count();
        queue.held -= held;
        due
    }

    async fn attempt(&self, notice: Notice) {
        let now = self.0.clock.now();
        let (body, headers) = notice.message.request(&notice.transmission, notice.retried, now);
        let carried = self
            .0
            .courier
            .carry(&notice.url, &headers, body, notice.schedule.answer_within);
        let answer = carried.await;
        self.settle(notice, answer);
    }

    fn settle(&self, mut notice: Notice, answer: Option<Carried>) {
        let now = self.0.clock.now();
        let (event, order_id) = notice.message.label();
        let sent = Sent {
            event,
            order_id: order_id.to_owned(),
            url: notice.url.clone(),
            at: now,
            retried: notice.retried,
            status: answer.as_ref().map(|answer| answer.status),
        };
        let mut queue = self.queue();
        queue.history.push_back(sent);
        if queue.history.len() > HISTORY_MAX {
            queue.history.pop_front();
        }
        if answer.is_some_and(|answer| notice.message.took(&answer)) {
            return;
        }
        if let Some(minutes) = notice.schedule.after_minutes.get(notice.retried) {
            notice.retried += 1;
            notice.held = false;
            queue
                .waiting
                .insert((now + Duration::minutes(*minutes), notice.id), notice);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
