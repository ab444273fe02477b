use store::{ChangeSet, Conflict, Delivery, DeliveryFilter, DeliveryState, DeliveryTry, Endpoint, Store, StoredEvent};
use vocabulary::{DeliveryId, Duration, EndpointId, Scope, Secret};

use crate::kit::*;

fn endpoint(scope: Scope) -> Endpoint {
    Endpoint {
        id: EndpointId::new(START, &chance()),
        scope,
        url: "https://shop.example/hooks?a=b".to_owned(),
        kinds: vec!["payment.done".to_owned(), "payment.canceled".to_owned()],
        secret: Secret::new("whsec_new".to_owned()),
        old_secret: Some((Secret::new("whsec_old".to_owned()), START + Duration::hours(1))),
        disabled: false,
        version: 0,
        created_at: START,
    }
}

fn delivery(endpoint: EndpointId, scope: Scope, event: &StoredEvent) -> Delivery {
    Delivery {
        id: DeliveryId::new(START, &chance()),
        scope,
        endpoint,
        event: event.id,
        payment: event.payment,
        sequence: event.sequence,
        kind: event.kind.clone(),
        state: DeliveryState::Pending,
        tries: 0,
        tries_before: 0,
        next_at: START,
        created_at: START,
        version: 1,
    }
}

async fn fan_out(store: &Store, scope: Scope, event: &StoredEvent, endpoint: EndpointId) -> Delivery {
    let made = delivery(endpoint, scope, event);
    let mut set = ChangeSet::new(scope);
    set.fan_out(event.id, vec![made.clone()]);
    store.commit(set).await.unwrap();
    made
}

async fn change(store: &Store, before: &Delivery, change: impl FnOnce(&mut Delivery)) -> Delivery {
    let mut after = before.clone();
    change(&mut after);
    let mut set = ChangeSet::new(before.scope);
    set.delivery(before, &after, None);
    store.commit(set).await.unwrap();
    store.delivery(before.scope, before.id).await.unwrap().unwrap()
}

async fn due(store: &Store) -> Vec<(u32, EndpointId)> {
    let due = store.due_deliveries(START, 100).await.unwrap();
    due.iter()
        .map(|delivery| (delivery.sequence, delivery.endpoint))
        .collect()
}

#[tokio::test]
async fn an_endpoint_is_changed_by_one_at_a_time() {
    on_each(async |store, scope| {
        let made = endpoint(scope);
        let mut set = ChangeSet::new(scope);
        set.endpoint(None, &made);
        store.commit(set).await.unwrap();
        let found = store.endpoint(scope, made.id).await.unwrap().unwrap();
        assert_eq!(
            format!("{found:?}"),
            format!(
                "{:?}",
                Endpoint {
                    version: 1,
                    ..made.clone()
                }
            )
        );
        assert_eq!(found.secret.reveal_for("a test"), "whsec_new");
        assert_eq!(found.old_secret.as_ref().unwrap().0.reveal_for("a test"), "whsec_old");

        let after = Endpoint {
            disabled: true,
            old_secret: None,
            kinds: Vec::new(),
            ..found.clone()
        };
        for expected in [Ok(()), Err(Conflict::Endpoint)] {
            let mut set = ChangeSet::new(scope);
            set.endpoint(Some(&found), &after);
            match expected {
                Ok(()) => store.commit(set).await.unwrap(),
                Err(conflict) => assert_conflict(store.commit(set).await, conflict),
            }
        }
        let all = store.endpoints(scope).await.unwrap();
        assert_eq!((all.len(), all[0].disabled, all[0].version), (1, true, 2));
        assert!(store.endpoints(new_scope()).await.unwrap().is_empty());
        assert!(store.endpoint(new_scope(), made.id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn an_event_leaves_the_outbox_once() {
    on_each(async |store, scope| {
        paid(store, scope, "order-0001").await;
        let waiting = store.outbox(10).await.unwrap();
        let sequences: Vec<u32> = waiting.iter().map(|(_, event)| event.sequence).collect();
        assert_eq!(sequences, [1, 3]);
        assert_eq!(store.outbox(1).await.unwrap().len(), 1);
        let (of, first) = &waiting[0];
        assert_eq!(*of, scope);
        let endpoint = EndpointId::new(START, &chance());
        fan_out(store, scope, first, endpoint).await;
        let mut again = ChangeSet::new(scope);
        again.fan_out(first.id, vec![delivery(endpoint, scope, first)]);
        assert_conflict(store.commit(again).await, Conflict::FannedOut);
        assert_eq!(store.outbox(10).await.unwrap().len(), 1);
        assert_eq!(due(store).await, [(1, endpoint)]);
    })
    .await;
}

/// Of a payment's events each endpoint gets the earliest first; a parked one steps aside.
#[tokio::test]
async fn deliveries_go_out_in_order_per_payment_and_endpoint() {
    on_each(async |store, scope| {
        paid(store, scope, "order-0001").await;
        let events: Vec<StoredEvent> = store
            .outbox(10)
            .await
            .unwrap()
            .into_iter()
            .map(|(_, event)| event)
            .collect();
        let [one, two] = [EndpointId::new(START, &chance()), EndpointId::new(START, &chance())];

        // The later event is fanned out before the earlier one: it waits for it.
        let late = fan_out(store, scope, &events[1], one).await;
        assert_eq!(due(store).await, []);
        let early = [delivery(one, scope, &events[0]), delivery(two, scope, &events[0])];
        let mut set = ChangeSet::new(scope);
        set.fan_out(events[0].id, early.to_vec());
        store.commit(set).await.unwrap();
        let mut first = due(store).await;
        first.sort();
        let mut expected = [(1, one), (1, two)];
        expected.sort();
        assert_eq!(first, expected);

        // Put off: the one behind it waits too.
        let put_off = change(store, &early[0], |delivery| {
            delivery.tries = 1;
            delivery.next_at = START + Duration::minutes(1);
        })
        .await;
        assert_eq!(due(store).await, [(1, two)]);
        // Parked: the one behind it goes.
        let parked = change(store, &put_off, |delivery| delivery.state = DeliveryState::Parked).await;
        let mut next = due(store).await;
        next.sort();
        assert_eq!(next, [(1, two), (3, one)]);
        // Sent again: it is first again.
        change(store, &parked, |delivery| {
            delivery.state = DeliveryState::Pending;
            delivery.tries_before = delivery.tries;
            delivery.next_at = START;
        })
        .await;
        let mut again = due(store).await;
        again.sort();
        assert_eq!(again, expected);
        assert_eq!(store.delivery(scope, late.id).await.unwrap().unwrap().version, 1);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_is_logged_and_claimed_once() {
    on_each(async |store, scope| {
        paid(store, scope, "order-0001").await;
        let (_, event) = store.outbox(1).await.unwrap().remove(0);
        let endpoint = EndpointId::new(START, &chance());
        let made = fan_out(store, scope, &event, endpoint).await;
        let found = store.delivery(scope, made.id).await.unwrap().unwrap();
        assert_eq!(format!("{found:?}"), format!("{made:?}"));

        let after = Delivery {
            state: DeliveryState::Delivered,
            tries: 1,
            ..found.clone()
        };
        let tried = |number, status| DeliveryTry {
            delivery: made.id,
            number,
            at: START,
            duration_ms: 31,
            status,
            note: "없는 주소".to_owned(),
        };
        let mut set = ChangeSet::new(scope);
        set.delivery(&found, &after, Some(tried(1, Some(200))));
        store.commit(set).await.unwrap();
        let mut set = ChangeSet::new(scope);
        set.delivery(&found, &after, Some(tried(2, None)));
        assert_conflict(store.commit(set).await, Conflict::Delivery);
        let log = store.delivery_tries(scope, made.id).await.unwrap();
        assert_eq!(format!("{log:?}"), format!("{:?}", [tried(1, Some(200))]));
        assert!(store.due_deliveries(START, 10).await.unwrap().is_empty());

        let list = async |filter: DeliveryFilter| store.deliveries(scope, &filter).await.unwrap().items.len();
        assert_eq!(
            list(DeliveryFilter {
                limit: 10,
                ..Default::default()
            })
            .await,
            1
        );
        let by = DeliveryFilter {
            event: Some(event.id),
            endpoint: Some(endpoint),
            state: Some(DeliveryState::Delivered),
            limit: 10,
            ..Default::default()
        };
        assert_eq!(list(by.clone()).await, 1);
        assert_eq!(
            list(DeliveryFilter {
                state: Some(DeliveryState::Pending),
                ..by.clone()
            })
            .await,
            0
        );
        assert_eq!(
            list(DeliveryFilter {
                event: None,
                ..by.clone()
            })
            .await,
            1
        );
        let elsewhere = Some(EndpointId::new(START, &chance()));
        assert_eq!(
            list(DeliveryFilter {
                endpoint: elsewhere,
                ..by
            })
            .await,
            0
        );
    })
    .await;
}
