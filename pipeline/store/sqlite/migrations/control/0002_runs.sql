-- runs

create table ops_runs (run_id text primary key, verb text, layers text, as_of text, full_refresh integer,
    paths text, requested_by text, status text not null, requested_at text, started_at text, finished_at text,
    pid integer, cancel_requested integer not null default 0, error text, result text);

create index ix_ops_runs__status on ops_runs (status);

create table ops_run_nodes (run_id text, node text, name text, layer text, kind text, status text,
    started_at text, seconds real, rows integer, failures integer, message text, position integer,
    primary key (run_id, node)) without rowid;

create table ops_rule_results (run_id text, rule_id text, rule_name text, entity text, action text,
    failing_rows integer, rows_checked integer, status text,
    primary key (run_id, rule_name, entity)) without rowid;

create table ops_row_counts (run_id text, table_name text, rows integer, primary key (run_id, table_name)) without rowid;

create table ops_ledger (run_id text, entity text, received integer, promoted integer, quarantined integer,
    superseded integer, duplicates integer, rejected integer, primary key (run_id, entity)) without rowid;
