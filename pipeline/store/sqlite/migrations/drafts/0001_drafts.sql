-- edits that nobody has saved yet

create table ops_drafts (author text, entity text, row_id text, column_name text, new_value text, since text not null,
    noted_at text not null, primary key (author, entity, row_id, column_name)) without rowid;
