-- Written once for both databases. UUID, BIGINT, TEXT and BYTES are the only types; lines that begin with
-- --sqlite or --postgres are for one of them; "KEYED" ends a table whose rows live in its primary key.
-- Every primary key starts with the shop and its mode, so that rows can be spread by shop. Secondary indexes
-- start with what they are for: on a table without statistics the planner takes any index that shares the
-- first columns for as good as the key, and once chose to read all of a shop's payments to find one.
-- Times are microseconds since 1970, money is minor units.

CREATE TABLE shops (
    shop_id UUID NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
) KEYED;

CREATE TABLE pg_accounts (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    slug TEXT NOT NULL,
    pg_account_id UUID NOT NULL,
    pg TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, mode, slug)
) KEYED;

-- What has been answered to which idempotency key.
CREATE TABLE remembered (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    key TEXT NOT NULL,
    request_hash BYTES NOT NULL,
    fields TEXT NOT NULL,
    answered BIGINT NOT NULL,
    status BIGINT,
    answer TEXT,
    lease_until BIGINT NOT NULL,
    subject TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, mode, key)
) PLAIN;
CREATE INDEX remembered_created ON remembered (created_at);

CREATE TABLE payments (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    payment_id UUID NOT NULL,
    version BIGINT NOT NULL,
    order_id TEXT NOT NULL,
    state TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    attention_at BIGINT,
    detail TEXT NOT NULL,
    PRIMARY KEY (shop_id, mode, payment_id)
) KEYED;
CREATE UNIQUE INDEX payments_order ON payments (order_id, shop_id, mode);
CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL;
-- Payments a person should look into: few, so the list is short and so is this index.
CREATE INDEX payments_attention ON payments (shop_id, mode, attention_at, payment_id) WHERE attention_at IS NOT NULL;

CREATE TABLE attempts (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    payment_id UUID NOT NULL,
    position BIGINT NOT NULL,
    attempt_id UUID NOT NULL,
    pg_account_id UUID NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (shop_id, mode, payment_id, position)
) KEYED;
CREATE UNIQUE INDEX attempts_id ON attempts (attempt_id, shop_id, mode);

CREATE TABLE cancels (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    payment_id UUID NOT NULL,
    position BIGINT NOT NULL,
    cancel_id UUID NOT NULL,
    state TEXT NOT NULL,
    amount BIGINT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (shop_id, mode, payment_id, position)
) KEYED;

-- The ledger: lines of the postings of one version of a payment. Never changed, never deleted.
CREATE TABLE entries (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    payment_id UUID NOT NULL,
    version BIGINT NOT NULL,
    line BIGINT NOT NULL,
    posting BIGINT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (shop_id, mode, payment_id, version, line)
) KEYED;

-- One chain of event hashes for each start of a writer, and how far it has come. The row also says
-- how many groups the writer has committed, which settles what became of a commit that was cut off.
CREATE TABLE chains (
    chain BIGINT NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    closed BIGINT NOT NULL,
    groups BIGINT NOT NULL,
    length BIGINT NOT NULL,
    head BYTES NOT NULL
) KEYED;

-- Never deleted, and never changed but for the body and its salt, which may be erased when a person asks: the
-- chain hashes the digest of both. The position holds the chain's number and the place in it.
CREATE TABLE events (
--sqlite    position INTEGER NOT NULL PRIMARY KEY,
--postgres  position BIGINT NOT NULL,
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    event_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    digest BYTES NOT NULL,
    at BIGINT NOT NULL,
    hash BYTES NOT NULL,
    salt BYTES NOT NULL,
    body TEXT NOT NULL,
--sqlite    UNIQUE (shop_id, mode, event_id)
--postgres  PRIMARY KEY (shop_id, mode, event_id)
) PLAIN;
--postgres CREATE INDEX events_position ON events (position);
CREATE INDEX events_payment ON events (payment_id, sequence, shop_id, mode);

-- Events that no one has looked at to send.
CREATE TABLE outbox (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    event_id UUID NOT NULL,
    at BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (shop_id, mode, event_id)
) KEYED;
CREATE INDEX outbox_oldest ON outbox (at, sequence);

CREATE TABLE endpoints (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    endpoint_id UUID NOT NULL,
    version BIGINT NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until BIGINT,
    disabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, mode, endpoint_id)
) KEYED;

CREATE TABLE deliveries (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    delivery_id UUID NOT NULL,
    version BIGINT NOT NULL,
    endpoint_id UUID NOT NULL,
    event_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    tries_before BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, mode, delivery_id)
) KEYED;
CREATE INDEX deliveries_payment ON deliveries (payment_id, sequence, shop_id, mode);
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'PENDING';

CREATE TABLE delivery_tries (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    delivery_id UUID NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status BIGINT,
    note TEXT NOT NULL,
    PRIMARY KEY (shop_id, mode, delivery_id, number)
) KEYED;

-- For each attempt the newest notice of its PG and what became of it: never the notice itself, which may
-- hold a refund account or a phone number.
CREATE TABLE notices (
    shop_id UUID NOT NULL,
    mode BIGINT NOT NULL,
    notice_id UUID NOT NULL,
    version BIGINT NOT NULL,
    pg_account_id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    dedup_key TEXT NOT NULL,
    what TEXT NOT NULL,
    proven BIGINT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    tries BIGINT NOT NULL,
    quiet BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, mode, notice_id)
) PLAIN;
CREATE UNIQUE INDEX notices_attempt ON notices (attempt_id, shop_id, mode);
CREATE INDEX notices_received ON notices (received_at);
CREATE INDEX notices_due ON notices (next_at) WHERE state = 'RECEIVED';
