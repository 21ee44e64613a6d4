-- The tables as the first release has them, on PostgreSQL. What belongs to a location has it first in its primary key and
-- in every unique index, so that the tables can be divided by location. Texts that are keys are compared byte by byte.

-- What belongs to the installation: its keys, sealed where they are secret, and the version of the directory.
create table setting (
    name text collate "C" not null primary key,
    value bytea not null
);

-- Who owns what. A few rows each, held in memory as the registry.
create table location (
    id bigint not null primary key,
    public_id text collate "C" not null unique,
    name text not null,
    country text,
    agency text,
    created_at bigint not null
);
create table app (
    id bigint not null primary key,
    public_id text collate "C" not null unique,
    name text not null
);
create table token (
    id bigint not null primary key,
    hash bytea not null unique,
    location_id bigint not null,
    app_id bigint not null,
    scopes text not null,
    hint text not null,
    created_at bigint not null,
    revoked_at bigint
);
create table endpoint (
    id bigint not null primary key,
    adapter text not null,
    token bytea not null,
    secrets bytea not null,
    unsigned bigint not null,
    created_at bigint not null
);
create table provider (
    location_id bigint not null,
    id bigint not null,
    public_id text collate "C" not null,
    kind text not null,
    endpoint_id bigint,
    adapter text,
    account text,
    number text,
    delivery_url text,
    unique (location_id, public_id),
    primary key (location_id, id)
);
create table destination (
    location_id bigint not null,
    id bigint not null,
    public_id text collate "C" not null,
    app_id bigint not null,
    url text not null,
    events text not null,
    secret bytea not null,
    state bigint not null,
    state_reason text,
    parked_until bigint,
    schedule text not null,
    max_inflight bigint not null,
    created_at bigint not null,
    unique (location_id, public_id),
    primary key (location_id, id)
);

-- Login links (kind 1) and sessions (kind 2), by SHA-256 only.
create table session (
    hash bytea not null primary key,
    kind bigint not null,
    valid_until bigint not null
);

create table contact (
    location_id bigint not null,
    id bigint not null,
    name text,
    phone text,
    email text,
    created_at bigint not null,
    primary key (location_id, id)
);
-- The lock by which one number has one contact.
create table identity (
    location_id bigint not null,
    kind bigint not null,
    scope text collate "C" not null,
    value text collate "C" not null,
    contact_id bigint not null,
    primary key (location_id, kind, scope, value)
);
-- Hot and narrow: changed by every message. Its id is the contact's.
create table conversation (
    location_id bigint not null,
    id bigint not null,
    last_seq bigint not null,
    last_message_id bigint not null,
    last_channel bigint not null,
    last_at bigint not null,
    unread bigint not null,
    -- last_at in steps of some 17 minutes, so that the index is not touched by every message.
    bucket bigint not null,
    primary key (location_id, id)
);
create index conversation_recent on conversation (location_id, bucket);

-- A conversation's messages are found by following before_id from the last one: an index would cost each message a page.
create table message (
    location_id bigint not null,
    id bigint not null,
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
    detail text,
    primary key (location_id, id)
);
-- What makes a repeat recognisable, for ever. The hash is keyed; check_hash tells a repeat from a collision.
create table seen (
    location_id bigint not null,
    hash bigint not null,
    check_hash bigint not null,
    message_id bigint not null,
    contact_id bigint not null,
    occurred_at bigint not null,
    email bigint not null,
    fingerprint bigint not null,
    primary key (location_id, hash)
);
-- The mails of a thread; only mails have rows.
create table mail_thread (
    location_id bigint not null,
    root_id bigint not null,
    message_id bigint not null,
    primary key (location_id, root_id, message_id)
);
-- Calls that wait to be announced.
create table call_under_way (
    location_id bigint not null,
    message_id bigint not null,
    provider_id bigint not null,
    due_at bigint not null,
    primary key (location_id, message_id)
);
create index call_under_way_due on call_under_way (due_at);

-- An event and its first delivery are one row, under one id; the others of the event refer to it and have no body.
-- status: 0 ready 1 leased 2 blocked 3 delivered 4 dead 5 cancelled 6 held. class: 0 first attempt 1 retry 2 replay.
-- later: 1 where the event tells of a message that was recorded before, so that it is not to be found beside it.
create table delivery (
    location_id bigint not null,
    id bigint not null,
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
    body text,
    primary key (location_id, id)
);
create index delivery_due on delivery (location_id, destination_id, class, due_at) where status = 0;
create index delivery_leased on delivery (lease_until) where status = 1;
create index delivery_dead on delivery (location_id, destination_id) where status = 4;
create index delivery_held on delivery (location_id, destination_id) where status = 6;
create index delivery_later on delivery (location_id, message_id) where later = 1;
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
    primary key (location_id, delivery_id, lease)
);

-- Requests as they came, sealed.
create table request (
    id bigint not null primary key,
    endpoint_id bigint,
    location_id bigint,
    received_at bigint not null,
    verdict bigint not null,
    reason text not null,
    messages text not null,
    took bigint not null,
    status bigint not null,
    raw bytea not null
);
create index request_verdict on request (verdict);

-- Files, once each, and which location has which.
create table blob (
    sha256 bytea not null primary key,
    bytes bytea not null
);
create table blob_reference (
    location_id bigint not null,
    sha256 bytea not null,
    primary key (location_id, sha256)
);
-- Files that wait to be fetched.
create table media (
    location_id bigint not null,
    message_id bigint not null,
    idx bigint not null,
    provider_id bigint not null,
    url text not null,
    tries bigint not null,
    due_at bigint not null,
    primary key (location_id, message_id, idx)
);
create index media_due on media (due_at);

-- Which node has a number, who does what only one may do, and until when. mark: no key was made after this time.
create table lease (
    name text collate "C" not null primary key,
    owner bigint not null,
    epoch bigint not null,
    until bigint not null,
    mark bigint not null
);

-- Rows that change often keep room beside them, and are cleaned early.
alter table conversation set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
alter table delivery set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);
