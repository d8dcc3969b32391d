-- the result of the run that published last, by its own commit

alter table ops_published_runs add column result text;
