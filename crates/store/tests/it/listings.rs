use payments::State;
use store::{EventFilter, Fault, PaymentFilter};
use vocabulary::{Duration, Method, PaymentId};

use crate::kit::*;

#[tokio::test]
async fn pages_follow_each_other_while_new_payments_come() {
    on_each(async |store, scope| {
        let mut made: Vec<PaymentId> = Vec::new();
        for n in 0..25 {
            let at = START + Duration::millis(n);
            made.push(
                save(store, None, &created(scope, &format!("order-{n:04}"), at))
                    .await
                    .id,
            );
        }
        made.reverse();
        let mut filter = PaymentFilter {
            limit: 10,
            ..Default::default()
        };
        let mut seen: Vec<PaymentId> = Vec::new();
        let mut sizes = Vec::new();
        loop {
            let page = store.payments(scope, &filter).await.unwrap();
            sizes.push(page.items.len());
            seen.extend(page.items.iter().map(|payment| payment.id));
            // Something new comes between two pages; it belongs before the first.
            let at = START + Duration::hours(1) + Duration::millis(sizes.len() as i64);
            save(store, None, &created(scope, &format!("order-new{}", sizes.len()), at)).await;
            match page.next_cursor {
                Some(cursor) => filter.cursor = Some(cursor),
                None => break,
            }
        }
        assert_eq!(seen, made);
        assert_eq!(sizes, [10, 10, 5]);
    })
    .await;
}

#[tokio::test]
async fn payments_are_found_by_state_time_and_order() {
    on_each(async |store, scope| {
        let done = paid(store, scope, "order-done").await;
        let at = START + Duration::micros(500);
        let ready = save(store, None, &created(scope, "order-ready", at)).await;
        let find = async |filter: PaymentFilter| -> Vec<PaymentId> {
            let page = store.payments(scope, &filter).await.unwrap();
            assert_eq!(page.next_cursor, None);
            page.items.iter().map(|payment| payment.id).collect()
        };
        let states = |states: &[State]| PaymentFilter {
            states: states.to_vec(),
            limit: 50,
            ..Default::default()
        };
        assert_eq!(find(states(&[State::Done])).await, [done.id]);
        assert_eq!(find(states(&[State::Ready, State::Canceled])).await, [ready.id]);
        assert_eq!(find(states(&[State::Ready, State::Done])).await.len(), 2);
        // Both were made in one millisecond; the microseconds still tell them apart.
        let from = PaymentFilter {
            from: Some(at),
            ..states(&[])
        };
        assert_eq!(find(from).await, [ready.id]);
        let to = PaymentFilter {
            to: Some(at),
            ..states(&[])
        };
        assert_eq!(find(to).await, [done.id]);
        let by_order = |order: &str, state| PaymentFilter {
            order_id: Some(order.parse().unwrap()),
            ..states(&[state])
        };
        assert_eq!(find(by_order("order-done", State::Done)).await, [done.id]);
        assert!(find(by_order("order-done", State::Ready)).await.is_empty());
        assert!(find(by_order("order-none", State::Done)).await.is_empty());
    })
    .await;
}

/// A filter that matches little does not make a request read the whole table: it looks at 2,000
/// payments, and hands out a cursor to go on from there.
#[tokio::test]
async fn a_search_is_bounded_and_goes_on() {
    on_each(async |store, scope| {
        let oldest = paid(store, scope, "order-oldest").await;
        let steps: Vec<_> = (0..2_100)
            .map(|n| created(scope, &format!("order-{n:05}"), START + Duration::seconds(1)))
            .collect();
        let sets = steps.iter().map(|step| store.commit(set_of(None, step)));
        for saved in futures_util::future::join_all(sets).await {
            saved.unwrap();
        }
        let mut filter = PaymentFilter {
            states: vec![State::Done],
            limit: 10,
            ..Default::default()
        };
        let first = store.payments(scope, &filter).await.unwrap();
        assert!(first.items.is_empty());
        filter.cursor = Some(first.next_cursor.expect("there is more to search"));
        let second = store.payments(scope, &filter).await.unwrap();
        assert_eq!(
            second.items.iter().map(|payment| payment.id).collect::<Vec<_>>(),
            [oldest.id]
        );
        assert_eq!(second.next_cursor, None);
    })
    .await;
}

#[tokio::test]
async fn events_are_listed_by_shop_payment_and_kind() {
    on_each(async |store, scope| {
        let first = paid(store, scope, "order-0001").await;
        let second = paid(store, scope, "order-0002").await;
        let mut filter = EventFilter {
            payment: Some(second.id),
            limit: 1,
            ..Default::default()
        };
        let page = store.events(scope, &filter).await.unwrap();
        assert_eq!(page.items[0].kind, "payment.done");
        assert_eq!((page.items[0].payment, page.items[0].sequence), (second.id, 3));
        let one = store.event(scope, page.items[0].id).await.unwrap().unwrap();
        assert_eq!(one.body, page.items[0].body);
        filter.cursor = page.next_cursor;
        let page = store.events(scope, &filter).await.unwrap();
        assert_eq!((page.items[0].sequence, page.next_cursor), (1, None));

        let filter = EventFilter {
            kinds: vec!["payment.created".to_owned(), "payment.canceled".to_owned()],
            limit: 100,
            ..Default::default()
        };
        let page = store.events(scope, &filter).await.unwrap();
        let mut payments: Vec<PaymentId> = page.items.iter().map(|event| event.payment).collect();
        payments.sort();
        let mut expected = [first.id, second.id];
        expected.sort();
        assert_eq!(payments, expected);
    })
    .await;
}

#[tokio::test]
async fn a_cursor_that_is_not_ours_is_refused() {
    on_each(async |store, scope| {
        let cursor = Some("' OR 1=1".to_owned());
        let filter = PaymentFilter {
            cursor: cursor.clone(),
            ..Default::default()
        };
        assert!(matches!(store.payments(scope, &filter).await, Err(Fault::Cursor)));
        let filter = EventFilter {
            cursor,
            ..Default::default()
        };
        assert!(matches!(store.events(scope, &filter).await, Err(Fault::Cursor)));
    })
    .await;
}

#[tokio::test]
async fn a_walk_through_all_payments_meets_each_once() {
    on_each(async |store, scope| {
        let mut made = Vec::new();
        for n in 0..7 {
            let payment = create(store, scope, &format!("order-{n:04}")).await;
            let step = on(&payment, open_attempt(Method::Card));
            made.push(save(store, Some(&payment), &step).await.id);
        }
        made.sort();
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let some = store.payments_after(scope, after, 3).await.unwrap();
            let Some(last) = some.last() else { break };
            after = Some(last.id);
            assert!(some.iter().all(|payment| payment.attempts.len() == 1));
            seen.extend(some.iter().map(|payment| payment.id));
        }
        assert_eq!(seen, made);
    })
    .await;
}
