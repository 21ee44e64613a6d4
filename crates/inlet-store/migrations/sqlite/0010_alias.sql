-- Contacts that were merged into another: their rows stay as they are, and their ids, numbers and addresses answer as the
-- other. alias_of is who answers; merged_into whom they were merged into, which may have been merged since; merged_before
-- what that one was before, as JSON. The lists leave their conversations out; alias_of stands in their indexes because
-- SQLite would look into the rows for it.
alter table contact add column alias_of bigint;
alter table contact add column merged_into bigint;
alter table contact add column merged_before text;
create index contact_alias on contact (location_id, alias_of) where alias_of is not null;
alter table conversation add column alias_of bigint;
drop index conversation_recent;
create index conversation_recent on conversation (location_id, bucket, alias_of) where alias_of is null;
drop index conversation_starred;
create index conversation_starred on conversation (location_id, bucket, alias_of) where starred = 1 and alias_of is null;
