-- sums over whole tables as of the last build

create table ops_table_sums (table_name text, column_name text, total real, schema_version integer, primary key (table_name, column_name)) without rowid;
