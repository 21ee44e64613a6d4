-- Conversations that a person starred. Few are, so their index is small, and ingest does not touch it.
alter table conversation add column starred bigint not null default 0;
create index conversation_starred on conversation (location_id, bucket) where starred = 1;
