-- Apps as OAuth clients, what they were granted, and what they exchange for tokens, once.

alter table app add column client_id text;
alter table app add column secret blob;
alter table app add column redirect_uris text not null default '[]';
alter table app add column scopes text not null default '[]';
alter table app add column created_at bigint not null default 0;

-- Held in memory as part of the registry. Either a location or an agency.
create table app_grant (
    id integer primary key,
    app_id bigint not null,
    location_id bigint,
    agency text,
    scopes text not null,
    created_at bigint not null,
    revoked_at bigint
);

-- Authorization codes and refresh tokens, known by their SHA-256 only. A used one stays until its time is over, so that it
-- is recognised when it comes again.
create table voucher (
    hash blob not null primary key,
    kind bigint not null,
    app_id bigint not null,
    grant_id bigint not null,
    location_id bigint,
    redirect_uri text,
    valid_until bigint not null,
    used_at bigint
) without rowid;
create index voucher_end on voucher (valid_until);
