-- What messages are found by: words that are cut already, so the tokenizer only parts them at spaces. The rowid is the
-- message's. The words themselves are not kept a second time; an entry can be taken out.
create virtual table search_entry using fts5 (
    location_id unindexed,
    words,
    content = '',
    contentless_delete = 1,
    contentless_unindexed = 1,
    tokenize = 'ascii'
);
