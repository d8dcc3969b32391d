-- why something was decided about a sender's files

alter table ops_intake_memory add column reason text not null default '';
