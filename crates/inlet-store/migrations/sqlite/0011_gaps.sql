-- Up to when a provider's messages were compared with its vendor's own list.
alter table provider add column closed_until bigint;
