-- What is known of a contact beside name, number and address, as JSON; and when any of it was last changed.
alter table contact add column updated_at bigint;
alter table contact add column detail text;
