-- runs of chosen models

alter table ops_runs add column selection text;
