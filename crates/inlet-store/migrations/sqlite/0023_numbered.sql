-- Its rows are known by their numbers (sqlite/young/seen.rs). A column keeps those where somebody runs `vacuum` on the file.
alter table seen_young rename to seen_young_before;
create table seen_young (
    id integer primary key,
    hash bigint not null,
    location_id bigint not null,
    check_hash bigint not null,
    message_id bigint not null,
    contact_id bigint not null,
    occurred_at bigint not null,
    email bigint not null,
    fingerprint bigint not null
);
insert into seen_young (hash, location_id, check_hash, message_id, contact_id, occurred_at, email, fingerprint)
select hash, location_id, check_hash, message_id, contact_id, occurred_at, email, fingerprint
  from seen_young_before order by rowid;
drop table seen_young_before;
