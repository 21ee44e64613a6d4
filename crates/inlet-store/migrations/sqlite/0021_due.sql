-- What waits for a destination is counted every few seconds: from the index alone, for which the columns that are asked for
-- stand in it. Row by row all that waits was read back for it.
drop index delivery_due;
create index delivery_due on delivery (destination_id, class, due_at, location_id, status) where status = 0;
