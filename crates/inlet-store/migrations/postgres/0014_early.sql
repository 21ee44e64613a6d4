-- What was said of a message or call before it came, under the hash of its key: added to it once it comes.
create table early_word (
    location_id bigint not null,
    hash bigint not null,
    check_hash bigint not null,
    detail text not null,
    created_at bigint not null,
    primary key (location_id, hash, check_hash)
);
