-- How conversations went on lately, in the order in which they did; their rows follow when there are many. Row by row each
-- message would change a page of its own. Who writes holds the newest of each in memory, so they have no index; whatever
-- changes a conversation's place in the lists is written to its row as well.
create table conversation_young (
    location_id bigint not null,
    id bigint not null,
    last_seq bigint not null,
    last_message_id bigint not null,
    last_channel bigint not null,
    last_at bigint not null,
    unread bigint not null
);

-- Conversations as they are: for whoever asks for many of them the newest rows are found first, for one they are gone through.
create view conversations_now as
select v.id, v.location_id, v.bucket, v.waits, v.starred, v.alias_of,
       coalesce(y.last_seq, v.last_seq) as last_seq,
       coalesce(y.last_message_id, v.last_message_id) as last_message_id,
       coalesce(y.last_channel, v.last_channel) as last_channel,
       coalesce(y.last_at, v.last_at) as last_at,
       coalesce(y.unread, v.unread) as unread
  from conversation v left join (
    select id, last_seq, last_message_id, last_channel, last_at, unread, max(rowid)
      from conversation_young group by id) y on y.id = v.id;
create view conversation_now as
select v.id, v.location_id, v.bucket, v.waits, v.starred, v.alias_of,
       coalesce(y.last_seq, v.last_seq) as last_seq,
       coalesce(y.last_message_id, v.last_message_id) as last_message_id,
       coalesce(y.last_channel, v.last_channel) as last_channel,
       coalesce(y.last_at, v.last_at) as last_at,
       coalesce(y.unread, v.unread) as unread
  from conversation v left join conversation_young y
    on y.rowid = (select max(rowid) from conversation_young where id = v.id);
