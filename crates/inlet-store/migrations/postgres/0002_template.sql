-- How an endpoint reads its requests, where its adapter leaves that to a template.
alter table endpoint add column template text;
