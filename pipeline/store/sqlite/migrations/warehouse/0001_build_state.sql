-- what a build reads and remembers

create table ops_decisions (decision_id text primary key, kind text not null check (kind in ('correct', 'waive', 'reject')),
    entity text not null, row_id text, rule_id text, column_name text, old_value text, new_value text,
    reason text not null, author text not null, created_at text not null, expires_on text, evidence text,
    reverted_at text, reverted_by text, revert_reason text);

create table ops_build (build_id text, as_of text, source_high_watermark text);

create table ops_judged_loads (load_id text primary key, entity text, status text, gate text);

create table ops_judged_decisions (decision_id text primary key, entity text, kind text, row_id text,
    rule_id text);

create table ops_judged_rules (entity text primary key, fingerprint text);

create table ops_changed_rows (entity text, row_id text, primary key (entity, row_id));

create table ops_published_runs (run_id text primary key, build_id text, published_at text);
