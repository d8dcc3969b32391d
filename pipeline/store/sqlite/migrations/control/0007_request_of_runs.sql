-- which request each run answers

alter table ops_runs add column request_id text;

create unique index ux_ops_runs__request on ops_runs (request_id) where request_id is not null;
