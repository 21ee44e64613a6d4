-- What was recorded lately, in the order in which it came; its place by hash is in seen, where it moves with many others.
-- By hash each message would change a page of its own. Who writes holds these rows in memory, so they have no index.
create table seen_young (
    hash bigint not null,
    location_id bigint not null,
    check_hash bigint not null,
    message_id bigint not null,
    contact_id bigint not null,
    occurred_at bigint not null,
    email bigint not null,
    fingerprint bigint not null
);
