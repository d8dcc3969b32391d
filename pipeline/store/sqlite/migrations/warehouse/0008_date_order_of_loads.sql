-- in which order of day and month each load was judged

alter table ops_judged_loads add column date_order text;
