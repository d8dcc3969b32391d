-- where deliveries come from by themselves

create table ops_connectors (name text primary key, address text not null, options text not null
    check (json_valid(options)), secrets text not null check (json_valid(secrets)), cursor text,
    added_at text not null, added_by text not null, cron text, timezone text not null default 'UTC',
    is_paused integer not null default 0, next_at text, asked_by text) without rowid;

create table ops_connector_deliveries (key text primary key, connector text not null, file text not null,
    state text not null check (state in ('fetched', 'done')), sha256 text not null, bytes integer not null,
    deliver_as text not null, delivered_at real not null, cursor text, fetched_at text not null, done_at text,
    outcome text, load_ids text not null default '[]', reason text, gone_at text);

create index ix_ops_connector_deliveries__connector on ops_connector_deliveries (connector, state);

create table ops_syncs (sync_id integer primary key autoincrement, connector text not null,
    asked_by text not null, started_at text not null, finished_at text, status text not null,
    document text not null default '{}');

create index ix_ops_syncs__connector on ops_syncs (connector);
