-- What waits to be sent to a destination, in order. It was an index of delivery: each destination that a message is promised
-- to cost a page of its own. First attempts are noted as they come (sqlite/young), and many move to their places together.
create table delivery_ready (
    destination_id bigint not null,
    class bigint not null,
    due_at bigint not null,
    id bigint not null,
    location_id bigint not null,
    primary key (destination_id, class, due_at, id)
) without rowid;
create table delivery_ready_young (
    id integer primary key,
    destination_id bigint not null,
    due_at bigint not null,
    location_id bigint not null
);
insert into delivery_ready (destination_id, class, due_at, id, location_id)
select destination_id, class, due_at, id, location_id from delivery where status = 0;
drop index delivery_due;

-- Whatever becomes of a delivery later. None on insert: it would cost each message a journal for its statement.
create trigger delivery_changes after update of status, class, due_at on delivery when old.status = 0 or new.status = 0
begin
    delete from delivery_ready_young where id = old.id;
    delete from delivery_ready
     where destination_id = old.destination_id and class = old.class and due_at = old.due_at and id = old.id;
    insert into delivery_ready (destination_id, class, due_at, id, location_id)
    select new.destination_id, new.class, new.due_at, new.id, new.location_id where new.status = 0;
end;
create trigger delivery_goes after delete on delivery when old.status = 0
begin
    delete from delivery_ready_young where id = old.id;
    delete from delivery_ready
     where destination_id = old.destination_id and class = old.class and due_at = old.due_at and id = old.id;
end;

-- The cast gives both halves the same types, without which they are not merged in order.
create view deliveries_ready as
select id, location_id, destination_id, class, due_at, 0 as status
  from delivery_ready
 union all
select id, location_id, destination_id, cast(0 as bigint), due_at, 0
  from delivery_ready_young;
