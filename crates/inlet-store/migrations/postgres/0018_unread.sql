-- Conversations with something unread have an index of their own, and a column for it that few messages change. The order of
-- the list is kept in finer steps: what falls into one is sorted when it is read.
alter table conversation add column waits bigint not null default 0;
update conversation set bucket = last_at >> 16, waits = case when unread > 0 then 1 else 0 end;
create index conversation_unread on conversation (location_id, bucket, alias_of) where waits = 1 and alias_of is null;
