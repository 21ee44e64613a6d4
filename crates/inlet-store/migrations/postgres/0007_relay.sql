-- The relay: how an upstream is spoken to, whom and what it knows of ours, and the calls made to it.

alter table destination add column upstream text;

-- Whom our contacts are upstream. last_day: the last day on which something was written for them.
create table upstream_contact (
    location_id bigint not null,
    destination_id bigint not null,
    contact_id bigint not null,
    remote_id text not null,
    conversation text,
    last_day bigint not null default -1,
    primary key (location_id, destination_id, contact_id)
);
create index upstream_contact_remote on upstream_contact (location_id, destination_id, remote_id);
-- Whom somebody with a number or address is upstream, where that was learned before they wrote.
create table upstream_identity (
    location_id bigint not null,
    destination_id bigint not null,
    kind bigint not null,
    value text not null,
    remote_id text not null,
    primary key (location_id, destination_id, kind, value)
);
create index upstream_identity_remote on upstream_identity (location_id, destination_id, remote_id);
-- Messages that were posted. state: 0 on its way, so that nobody knows whether it is there; 1 there.
create table upstream_message (
    location_id bigint not null,
    destination_id bigint not null,
    message_id bigint not null,
    contact_id bigint not null,
    state bigint not null,
    at bigint not null,
    remote_id text,
    remote_email text,
    primary key (location_id, destination_id, message_id)
);
create index upstream_message_remote on upstream_message (location_id, destination_id, remote_id)
    where remote_id is not null;
-- kind: what calls were made for; 100 messages written; 101 contacts they were of.
create table upstream_ledger (
    location_id bigint not null,
    destination_id bigint not null,
    day bigint not null,
    kind bigint not null,
    count bigint not null,
    primary key (location_id, destination_id, day, kind)
);
-- What opens an upstream, sealed; and until when somebody is getting the next token.
create table upstream_grant (
    location_id bigint not null,
    destination_id bigint not null,
    version bigint not null,
    sealed bytea not null,
    busy_until bigint,
    primary key (location_id, destination_id)
);
