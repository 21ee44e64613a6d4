-- The words by which a location's contacts opt out and in, as JSON; nothing where they are the usual ones.
alter table location add column words text;
