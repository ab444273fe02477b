//! Payments that many callers look up at once, fetched together: a round trip for all of them costs
//! the server a third of one for each. Whoever is alone does not wait for others.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};
use vocabulary::{PaymentId, Scope};

use super::reader::Readers;
use crate::Fault;
use crate::value::{Row, Value, scope};

/// Most payments in one round trip.
const TOGETHER_MAX: usize = 128;
/// Look-ups that may wait; one more waits before it is taken in.
const WAITING_MAX: usize = 1_024;
/// Round trips at once.
const TASKS: usize = 2;

const LOOK_UP: &str = "WITH wanted AS (SELECT shop_id, mode, payment_id, number
         FROM unnest($1::uuid[], $2::bigint[], $3::uuid[]) WITH ORDINALITY AS u(shop_id, mode, payment_id, number))
     SELECT w.number, 0 AS part, p.payment_id, p.version AS place, p.detail FROM wanted w JOIN payments p
     ON p.shop_id = w.shop_id AND p.mode = w.mode AND p.payment_id = w.payment_id
     UNION ALL SELECT w.number, 1, a.payment_id, a.position, a.detail FROM wanted w JOIN attempts a
     ON a.shop_id = w.shop_id AND a.mode = w.mode AND a.payment_id = w.payment_id
     UNION ALL SELECT w.number, 2, c.payment_id, c.position, c.detail FROM wanted w JOIN cancels c
     ON c.shop_id = w.shop_id AND c.mode = w.mode AND c.payment_id = w.payment_id
     ORDER BY 1, 2, 4";

struct Wanted {
    scope: Scope,
    payment: PaymentId,
    reply: oneshot::Sender<Result<Vec<Row>, Fault>>,
}

/// Ends with its last holder.
pub(super) struct Lookups(mpsc::Sender<Wanted>);

impl Lookups {
    pub fn start(readers: &Arc<Readers>) -> Lookups {
        let (ask, asked) = mpsc::channel(WAITING_MAX);
        let asked = Arc::new(Mutex::new(asked));
        for _ in 0..TASKS {
            tokio::spawn(run(readers.clone(), asked.clone()));
        }
        Lookups(ask)
    }

    /// The payment's row, then its attempts' and cancels'; nothing if there is no such payment.
    pub async fn payment(&self, scope: Scope, payment: PaymentId) -> Result<Vec<Row>, Fault> {
        let (reply, answer) = oneshot::channel();
        let wanted = Wanted { scope, payment, reply };
        self.0.send(wanted).await.map_err(|_| Fault::closed())?;
        answer.await.map_err(|_| Fault::closed())?
    }
}

async fn run(readers: Arc<Readers>, asked: Arc<Mutex<mpsc::Receiver<Wanted>>>) {
    let mut wanted = Vec::new();
    loop {
        if asked.lock().await.recv_many(&mut wanted, TOGETHER_MAX).await == 0 {
            return;
        }
        let mut arrays: [Vec<Value>; 3] = Default::default();
        for one in &wanted {
            let [shop, mode] = scope(one.scope);
            for (array, value) in arrays.iter_mut().zip([shop, mode, one.payment.uuid().into()]) {
                array.push(value);
            }
        }
        let found = readers.read_arrays(LOOK_UP, &arrays).await;
        answer(wanted.drain(..), found);
    }
}

fn answer(wanted: impl ExactSizeIterator<Item = Wanted>, found: Result<Vec<Row>, Fault>) {
    let mut rows: Vec<Result<Vec<Row>, Fault>> = match &found {
        Ok(_) => (0..wanted.len()).map(|_| Ok(Vec::new())).collect(),
        Err(fault) => (0..wanted.len()).map(|_| Err(fault.clone())).collect(),
    };
    for mut row in found.into_iter().flatten() {
        // Numbered from 1, by the server, from our own array.
        let Ok(number) = row.small::<usize>() else { continue };
        if let Some(Ok(rows)) = rows.get_mut(number.wrapping_sub(1)) {
            rows.push(row);
        }
    }
    for (one, rows) in wanted.zip(rows) {
        // The caller may be gone; then nobody needs the answer.
        let _ = one.reply.send(rows);
    }
}
