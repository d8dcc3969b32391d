-- rows of every table as of the last build

create table ops_table_rows (table_name text primary key, rows integer, schema_version integer) without rowid;
