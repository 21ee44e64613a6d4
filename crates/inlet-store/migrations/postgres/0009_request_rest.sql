-- What is left of a long body, sealed; beside its beginning, so that lists need not read it.
alter table request add column rest bytea;
