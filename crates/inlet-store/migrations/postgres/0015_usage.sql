-- When a token was last used, and when a provider was last heard of; written down now and then, not with each request.
alter table token add column used_at bigint;
alter table provider add column heard_at bigint;
