-- What keeps promises in order and destinations well: lanes, filters, limits, health, and replays of many.

alter table destination add column old_secrets blob;
alter table destination add column filters text not null default '[]';
alter table destination add column ordering bigint not null default 0;
alter table destination add column rate bigint;
alter table destination add column max_pending bigint not null default 100000;
alter table destination add column overfull bigint not null default 0;
alter table destination add column trust bigint;

-- A place in a lane; absent where there is none, so that unordered deliveries cost nothing here.
alter table delivery add column lane_seq bigint;
create index delivery_lane on delivery (destination_id, lane_id, lane_seq) where lane_seq is not null;
create index delivery_blocked on delivery (location_id, destination_id, lane_id) where status = 2;

-- The lock of a lane, and the last place that was given in it.
create table lane (
    location_id bigint not null,
    destination_id bigint not null,
    lane_id bigint not null,
    last_seq bigint not null,
    primary key (location_id, destination_id, lane_id)
) without rowid;

-- How a destination is doing; no row while nothing was ever wrong.
create table destination_health (
    location_id bigint not null,
    destination_id bigint not null,
    health text not null,
    primary key (location_id, destination_id)
) without rowid;

create table replay (
    id integer primary key,
    location_id bigint not null,
    destination_id bigint not null,
    status bigint not null,
    kind bigint,
    lane_id bigint,
    rate bigint not null,
    last_id bigint not null,
    end_id bigint not null,
    replayed bigint not null,
    created_at bigint not null,
    done_at bigint
);
