-- What messages are found by: words that are cut already, with their places, as the text of a tsvector. The rowid is the
-- message's; it is called as FTS5 calls it, so that one statement serves both engines.
create table search_entry (
    location_id bigint not null,
    rowid bigint not null,
    words text not null,
    primary key (location_id, rowid)
);
create index search_entry_words on search_entry using gin ((words::tsvector));
-- What is to be taken up is read in the order of keys, whatever its location.
create index message_recorded on message (id);
