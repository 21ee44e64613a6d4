-- The provider whose vendor's own API a destination is, where it is that; its secret are the credentials then.
alter table destination add column vendor_id bigint;
