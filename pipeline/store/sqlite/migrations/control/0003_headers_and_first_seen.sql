-- headers and quarantine history

create table ops_header_mappings (shape text, entity text, mapping text, primary key (shape, entity));

create table ops_first_seen (entity text, row_id text, first_seen_at text, last_seen_at text,
    builds_open integer, primary key (entity, row_id)) without rowid;
