use std::collections::BTreeMap;

use testkit::Database;
use vocabulary::Method;

use super::{KEYS, World, shop, start_as};

impl World {
    /// A shop with a second contract, which it prefers for cards: at a PG whose window works and whose API does not.
    pub async fn with_a_dead_pg(database: Database) -> World {
        let mut world = World::new(database).await;
        world.app.store.close().await;
        let mut naru = shop("naru", KEYS[0], &world.pg_url);
        let mut dead = naru.accounts[0].clone();
        dead.slug = "dead".to_owned();
        // Nobody listens there.
        dead.config
            .settings
            .insert("api_url".to_owned(), "http://127.0.0.1:9/toss".to_owned());
        naru.accounts.push(dead);
        let preferred = vec!["dead".to_owned(), "toss".to_owned()];
        naru.preference = BTreeMap::from([(Method::Card, preferred)]);
        world.app = start_as(
            vec![naru],
            &world.database.url,
            world.clock.clone(),
            1,
            world.wire.clone(),
            None,
        )
        .await;
        world.side = world.app.directory.by_secret_key(KEYS[0].0).unwrap();
        world
    }
}
