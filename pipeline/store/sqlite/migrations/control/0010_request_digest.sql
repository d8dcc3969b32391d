-- what exactly a request with a name asked for

alter table ops_runs add column request_digest text;
