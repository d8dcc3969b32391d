-- what was decided about a sender's files

create table ops_intake_memory (memory_id integer primary key autoincrement, kind text not null check (kind in
    ('reading', 'mapping')), shape text not null, told text not null, source_file text not null, load_id text not null,
    decided_by text not null, decided_at text not null, used integer not null default 0, used_at text,
    ended_at text, ended_by text);

create unique index ix_ops_intake_memory__in_force on ops_intake_memory (kind, shape) where ended_at is null;

insert into ops_intake_memory (kind, shape, told, source_file, load_id, decided_by, decided_at)
    select 'mapping', shape, json_object('entity', min(entity), 'mapping', json(mapping)), '', '', '', ''
    from ops_header_mappings group by shape;

drop table ops_header_mappings;
