//! Nothing but tests: shop, server, database and simulated PG together, over real HTTP.
