//! What the server sends to shops.

use store::{ChangeSet, DeliveryFilter, DeliveryState, Endpoint};
use tokio::net::TcpListener;
use vocabulary::{Clock, EndpointId, Secret};

use crate::kit::{KEY, World};

#[tokio::test]
async fn a_private_address_registered_in_freer_times_is_not_called() {
    let world = World::new().await;
    let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let scope = world.app.directory.by_secret_key(KEY).unwrap().scope;
    let now = world.clock.now();
    let endpoint = Endpoint {
        id: EndpointId::new(now, &world.app.chance),
        scope,
        url: format!("http://{}/hook", inside.local_addr().unwrap()),
        kinds: Vec::new(),
        secret: Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()),
        old_secret: None,
        disabled: false,
        version: 1,
        created_at: now,
    };
    let mut set = ChangeSet::new(scope);
    set.endpoint(None, &endpoint);
    world.app.store.commit(set).await.unwrap();
    world.payment("order-inside").await;
    flows::webhooks::fan_out(&world.app).await.unwrap();
    assert_eq!(flows::webhooks::deliver_and_wait(&world.app).await.unwrap(), 1);

    let filter = DeliveryFilter {
        limit: 1,
        ..DeliveryFilter::default()
    };
    let delivery = world
        .app
        .store
        .deliveries(scope, &filter)
        .await
        .unwrap()
        .items
        .remove(0);
    let tries = world.app.store.delivery_tries(scope, delivery.id).await.unwrap();
    assert_eq!((delivery.state, tries.len()), (DeliveryState::Pending, 1));
    assert!(tries[0].note.contains("it must begin with https"), "{}", tries[0].note);
    let called = std::future::poll_fn(|context| std::task::Poll::Ready(inside.poll_accept(context).is_ready())).await;
    assert!(!called, "nobody came to the door");
}
