-- The tables as the first release has them. On SQLite rows stand in arrival order under one integer key made by the
-- app; the location leads every statement, but no physical key: that would dirty a page a location with each message.

-- What belongs to the installation: its keys, sealed where they are secret, and the version of the directory.
create table setting (
    name text not null primary key,
    value blob not null
) without rowid;

-- Who owns what. A few rows each, held in memory as the registry.
create table location (
    id integer primary key,
    public_id text not null unique,
    name text not null,
    country text,
    agency text,
    created_at bigint not null
);
create table app (
    id integer primary key,
    public_id text not null unique,
    name text not null
);
create table token (
    id integer primary key,
    hash blob not null unique,
    location_id bigint not null,
    app_id bigint not null,
    scopes text not null,
    hint text not null,
    created_at bigint not null,
    revoked_at bigint
);
create table endpoint (
    id integer primary key,
    adapter text not null,
    token blob not null,
    secrets blob not null,
    unsigned bigint not null,
    created_at bigint not null
);
create table provider (
    id integer primary key,
    location_id bigint not null,
    public_id text not null,
    kind text not null,
    endpoint_id bigint,
    adapter text,
    account text,
    number text,
    delivery_url text,
    unique (location_id, public_id)
);
create table destination (
    id integer primary key,
    location_id bigint not null,
    public_id text not null,
    app_id bigint not null,
    url text not null,
    events text not null,
    secret blob not null,
    state bigint not null,
    state_reason text,
    parked_until bigint,
    schedule text not null,
    max_inflight bigint not null,
    created_at bigint not null,
    unique (location_id, public_id)
);

-- Login links (kind 1) and sessions (kind 2), by SHA-256 only.
create table session (
    hash blob not null primary key,
    kind bigint not null,
    valid_until bigint not null
) without rowid;

create table contact (
    id integer primary key,
    location_id bigint not null,
    name text,
    phone text,
    email text,
    created_at bigint not null
);
-- The lock by which one number has one contact.
create table identity (
    location_id bigint not null,
    kind bigint not null,
    scope text not null,
    value text not null,
    contact_id bigint not null,
    primary key (location_id, kind, scope, value)
) without rowid;
-- Hot and narrow: changed by every message. Its id is the contact's.
create table conversation (
    id integer primary key,
    location_id bigint not null,
    last_seq bigint not null,
    last_message_id bigint not null,
    last_channel bigint not null,
    last_at bigint not null,
    unread bigint not null,
    -- last_at in steps of some 17 minutes, so that the index is not touched by every message.
    bucket bigint not null
);
create index conversation_recent on conversation (location_id, bucket);

-- A conversation's messages are found by following before_id from the last one: an index would cost each message a page.
create table message (
    id integer primary key,
    location_id bigint not null,
    contact_id bigint not null,
    seq bigint not null,
    before_id bigint,
    provider_id bigint not null,
    external_id text,
    channel bigint not null,
    direction bigint not null,
    status bigint not null,
    body text,
    occurred_at bigint not null,
    created_at bigint not null,
    detail text
);
-- What makes a repeat recognisable, for ever. The hash is keyed; check_hash tells a repeat from a collision. The location
-- stands behind the hash in the key, so that another location's hash is never in the way and need not be seen.
create table seen (
    hash bigint not null,
    location_id bigint not null,
    check_hash bigint not null,
    message_id bigint not null,
    contact_id bigint not null,
    occurred_at bigint not null,
    email bigint not null,
    fingerprint bigint not null,
    primary key (hash, location_id)
) without rowid;
-- The mails of a thread; only mails have rows.
create table mail_thread (
    location_id bigint not null,
    root_id bigint not null,
    message_id bigint not null,
    primary key (root_id, message_id)
) without rowid;
-- Calls that wait to be announced.
create table call_under_way (
    message_id integer primary key,
    location_id bigint not null,
    provider_id bigint not null,
    due_at bigint not null
);
create index call_under_way_due on call_under_way (due_at);

-- An event and its first delivery are one row, under one id; the others of the event refer to it and have no body.
-- status: 0 ready 1 leased 2 blocked 3 delivered 4 dead 5 cancelled 6 held. class: 0 first attempt 1 retry 2 replay.
-- later: 1 where the event tells of a message that was recorded before, so that it is not to be found beside it.
create table delivery (
    id integer primary key,
    location_id bigint not null,
    event_id bigint not null,
    kind bigint not null,
    lane_id bigint not null,
    message_id bigint not null,
    later bigint not null,
    destination_id bigint not null,
    status bigint not null,
    class bigint not null,
    due_at bigint not null,
    expires_at bigint not null,
    created_at bigint not null,
    attempts bigint not null,
    lease bigint not null,
    lease_until bigint,
    finished_at bigint,
    last_word text,
    body text
);
create index delivery_due on delivery (destination_id, class, due_at) where status = 0;
create index delivery_leased on delivery (lease_until) where status = 1;
create index delivery_dead on delivery (destination_id) where status = 4;
create index delivery_held on delivery (destination_id) where status = 6;
create index delivery_later on delivery (message_id) where later = 1;
create table attempt (
    location_id bigint not null,
    delivery_id bigint not null,
    lease bigint not null,
    number bigint not null,
    started_at bigint not null,
    took bigint not null,
    status bigint,
    error text,
    response text,
    primary key (delivery_id, lease)
) without rowid;

-- Requests as they came, sealed.
create table request (
    id integer primary key,
    endpoint_id bigint,
    location_id bigint,
    received_at bigint not null,
    verdict bigint not null,
    reason text not null,
    messages text not null,
    took bigint not null,
    status bigint not null,
    raw blob not null
);
create index request_verdict on request (verdict);

-- Files, once each, and which location has which.
create table blob (
    sha256 blob not null primary key,
    bytes blob not null
);
create table blob_reference (
    location_id bigint not null,
    sha256 blob not null,
    primary key (location_id, sha256)
) without rowid;
-- Files that wait to be fetched.
create table media (
    location_id bigint not null,
    message_id bigint not null,
    idx bigint not null,
    provider_id bigint not null,
    url text not null,
    tries bigint not null,
    due_at bigint not null,
    primary key (message_id, idx)
) without rowid;
create index media_due on media (due_at);
