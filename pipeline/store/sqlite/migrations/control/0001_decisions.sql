-- decisions

create table ops_decisions (decision_id text primary key, kind text not null check (kind in ('correct', 'waive', 'reject')),
    entity text not null, row_id text, rule_id text, column_name text, old_value text, new_value text,
    reason text not null, author text not null, created_at text not null, expires_on text, evidence text,
    reverted_at text, reverted_by text, revert_reason text);

create index ix_ops_decisions__row on ops_decisions (entity, row_id);

create table ops_gate_releases (load_id text, reason text, author text, released_at text);
