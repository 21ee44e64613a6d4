-- Cuts of a location's list that its people keep under a name, as JSON; nothing where there are none.
alter table location add column views text;
