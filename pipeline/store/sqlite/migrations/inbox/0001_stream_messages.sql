-- messages of streams, those that cannot be read, and how far each was read

create table ops_inbox (inbox_id text not null);

insert into ops_inbox values (lower(hex(randomblob(8))));

create table ops_stream_messages (seq integer primary key autoincrement, stream text not null, topic text not null,
    partition integer not null, position not null, entity text not null, bytes integer not null,
    others integer not null, sent_at text, stored_at text not null, drained_at text, load_id text, line text,
    unique (stream, topic, partition, position));

create index ix_ops_stream_messages__waiting on ops_stream_messages (entity, seq) where drained_at is null;

create index ix_ops_stream_messages__kept on ops_stream_messages (drained_at) where line is not null;

create table ops_dead_letters (letter_id integer primary key autoincrement, stream text not null, topic text not null,
    partition integer not null, position not null, kind text not null check (kind in ('poison', 'tombstone')), entity text,
    reason text not null, bytes integer not null, sent_at text, stored_at text not null, closed_at text, closed_by text,
    outcome text check (outcome in ('replayed', 'set aside')), why text, message_key blob, value blob,
    unique (stream, topic, partition, position));

create index ix_ops_dead_letters__open on ops_dead_letters (letter_id) where closed_at is null;

create table ops_stream_positions (stream text, topic text, partition integer, first_position integer not null,
    next_position integer not null, holes integer not null, high integer, looked_at text, last_sent_at text,
    primary key (stream, topic, partition)) without rowid;

create table ops_stream_gaps (gap_id integer primary key autoincrement, stream text not null, topic text not null,
    partition integer not null, first_position integer not null, last_position integer, what text not null,
    seen_at text not null, closed_at text, closed_by text, why text);

create unique index ux_ops_stream_gaps__open on ops_stream_gaps (stream, topic, partition)
    where closed_at is null;

create table ops_stream_minutes (minute text primary key, messages integer not null, letters integer not null) without rowid;

create table ops_stream_state (only integer primary key check (only = 1), state text not null,
    why text not null, seen_at text not null);
