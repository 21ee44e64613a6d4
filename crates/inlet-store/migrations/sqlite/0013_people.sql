-- Users of the pages, whose a login link or session is, and what was done. Users are held in memory as part of the registry;
-- roles: by location, as JSON.
create table person (
    id integer primary key,
    name text not null unique,
    password text,
    roles text not null,
    created_at bigint not null
);
-- Nobody's: of whoever runs the installation.
alter table session add column person_id bigint;
create table deed (
    id integer primary key,
    location_id bigint,
    at bigint not null,
    who text not null,
    what text not null
);
create index deed_location on deed (location_id, id);
