-- with which words each load was judged

alter table ops_judged_loads add column words text;
