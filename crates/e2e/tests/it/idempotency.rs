use std::collections::HashMap;

use flows::Error;
use futures_util::StreamExt;
use futures_util::stream;
use payments::Terms;

use crate::kit::{World, on_every_database};

const KEYS: usize = 1_000;
const CALLERS: usize = 16;

/// Invariant 6. A quarter of the callers sends another body; the process restarts half-way.
#[test]
fn a_thousand_keys_and_sixteen_callers_make_a_thousand_payments() {
    on_every_database(|database| async {
        let mut world = World::new(database).await;
        let mut first_answers: HashMap<usize, (bool, String)> = HashMap::new();
        for round in 0..2 {
            let calls = (0..KEYS).flat_map(|key| (0..CALLERS / 2).map(move |caller| (key, caller)));
            let results: Vec<_> = stream::iter(calls)
                .map(|(key, caller)| {
                    let world = &world;
                    async move {
                        // The odd ones ask for another amount under the same key, but never come first.
                        let odd = caller % 4 == 3;
                        let won = if odd { 99_000 } else { 10_000 + key as i64 };
                        let order = format!("order-key-{key}");
                        (
                            key,
                            odd,
                            world
                                .try_create(&order, won, Terms::default(), &format!("key-{key}"))
                                .await,
                        )
                    }
                })
                .buffer_unordered(512)
                .collect()
                .await;
            for (key, odd, result) in results {
                match result {
                    Ok(replied) => {
                        let first = first_answers
                            .entry(key)
                            .or_insert_with(|| (odd, replied.answer.body.clone()));
                        assert_eq!(first.0, odd, "key {key}: another body got the first one's answer");
                        assert_eq!(first.1, replied.answer.body, "key {key}: byte for byte");
                    }
                    Err(Error::KeyReused { differs }) => assert_eq!(differs, ["request"], "key {key}"),
                    Err(Error::KeyInUse) => assert_eq!(round, 0, "key {key} was answered before"),
                    Err(other) => panic!("key {key}: {other}"),
                }
            }
            world.restart().await;
        }
        assert_eq!(first_answers.len(), KEYS);
        let count: u64 = flows::books::check_all(&world.app)
            .await
            .unwrap()
            .iter()
            .map(|report| report.payments)
            .sum();
        assert_eq!(count, KEYS as u64, "one payment for each key");
        println!("keys {KEYS}, callers {CALLERS}, payments {count}, violations: 0");
    });
}
