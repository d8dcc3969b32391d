"""Numbered migrations of the files. Each is applied together with its record, in one transaction.

A migration that has been released is never edited: add the next one. Tables of the raw layer come
from the contracts and are created by `raw_tables`, tables of dbt by dbt.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import PipelineError
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import transaction

DECISION_COLUMNS = """decision_id text primary key, kind text not null check (kind in ('correct', 'waive', 'reject')),
    entity text not null, row_id text, rule_id text, column_name text, old_value text, new_value text,
    reason text not null, author text not null, created_at text not null, expires_on text, evidence text,
    reverted_at text, reverted_by text, revert_reason text"""


#: The guards of the audit trail, in the order of `audit.TRIGGERS`. `insert or replace` takes a row
#: out without a delete that a trigger sees; the third guard refuses it.
AUDIT_TRIGGERS = (
    "create trigger ops_audit__no_update before update on ops_audit begin "
    "select raise(abort, 'the audit trail is append-only'); end",
    "create trigger ops_audit__no_delete before delete on ops_audit begin "
    "select raise(abort, 'the audit trail is append-only'); end",
    "create trigger ops_audit__next before insert on ops_audit "
    "when new.n <= (select coalesce(max(n), 0) from ops_audit) "
    "or (new.n > 1 + (select max(n) from ops_audit)) begin "
    "select raise(abort, 'audit records come one after another'); end",
)


@dataclass(frozen=True)
class Migration:
    """One step of a file's history."""

    number: int
    name: str
    statements: tuple[str, ...]


WAREHOUSE = (
    Migration(
        1,
        "what a build reads and remembers",
        (
            f"create table ops_decisions ({DECISION_COLUMNS})",
            "create table ops_build (build_id text, as_of text, source_high_watermark text)",
            "create table ops_judged_loads (load_id text primary key, entity text, status text, gate text)",
            """create table ops_judged_decisions (decision_id text primary key, entity text, kind text, row_id text,
            rule_id text)""",
            "create table ops_judged_rules (entity text primary key, fingerprint text)",
            "create table ops_changed_rows (entity text, row_id text, primary key (entity, row_id))",
            "create table ops_published_runs (run_id text primary key, build_id text, published_at text)",
        ),
    ),
    Migration(
        2,
        "what the rules after promotion have not looked at yet",
        (
            """create table ops_changes (change_id integer primary key autoincrement, entity text, row_id text,
            patient_id text, birth_date text, gender text, npi text, cpt text, employer_id text)""",
            "create table ops_change_readers (reader text primary key, change_id integer, fingerprint text)",
            "create table ops_rows_to_review (entity text, row_id text, primary key (entity, row_id)) without rowid",
        ),
    ),
    Migration(
        3,
        "with which statements each layer was built",
        (
            "create table ops_layer_fingerprints (layer text primary key, fingerprint text not null)",
        ),
    ),
    Migration(
        4,
        "when the rows of the feature store became known",
        (
            "create table ops_feature_clock (known_at text not null, built_at text not null)",
            "insert into ops_feature_clock select source_high_watermark, source_high_watermark from ops_build",
        ),
    ),
    Migration(
        5,
        "rows of every table as of the last build",
        (
            "create table ops_table_rows (table_name text primary key, rows integer, schema_version integer) without rowid",
        ),
    ),
    Migration(
        6,
        "from which inputs and with which statements each table was built",
        (
            "create table ops_built_models (model text primary key, build_id text not null, fingerprint text not null)",
        ),
    ),
    Migration(
        7,
        "sums over whole tables as of the last build",
        (
            "create table ops_table_sums (table_name text, column_name text, total real, schema_version integer, "
            "primary key (table_name, column_name)) without rowid",
        ),
    ),
    Migration(
        8,
        "in which order of day and month each load was judged",
        ("alter table ops_judged_loads add column date_order text",),
    ),
    Migration(
        9,
        "from which inputs all layers were built, so that nothing new means nothing done",
        (
            "create table ops_build_inputs (digest text not null, run_id text not null, schema_version integer not null)",
        ),
    ),
    Migration(
        10,
        "the result of the run that published last, by its own commit",
        ("alter table ops_published_runs add column result text",),
    ),
    Migration(
        11,
        "an order of the provider groups that nobody can compute from public NPIs",
        (
            "create table ops_provider_group_key (addend_1 integer not null, addend_2 integer not null, "
            "addend_3 integer not null, addend_4 integer not null)",
            f"insert into ops_provider_group_key values ({', '.join(['abs(random() % 2147483647)'] * 4)})",
            "drop view if exists training_provider_cell_latest",
            "drop table if exists training_provider_cell",
        ),
    ),
    Migration(
        12,
        "how far the audit trail had come when each build was published",
        (
            "create table ops_audit_heads (n integer not null, hash text not null, build_id text not null, "
            "noted_at text not null, primary key (n, hash))",
        ),
    ),
    Migration(
        13,
        "the number of the lease that committed last",
        ("create table ops_fence (number integer not null)",),
    ),
    Migration(
        14,
        "with which words each load was judged",
        ("alter table ops_judged_loads add column words text",),
    ),
    Migration(
        15,
        "answers that take long to work out, with the numbers they rest on",
        (
            "create table ops_kept_answers (question text primary key, digest text not null, answer text not null) "
            "without rowid",
        ),
    ),
)

CONTROL = (
    Migration(
        1,
        "decisions",
        (
            f"create table ops_decisions ({DECISION_COLUMNS})",
            "create index ix_ops_decisions__row on ops_decisions (entity, row_id)",
            "create table ops_gate_releases (load_id text, reason text, author text, released_at text)",
        ),
    ),
    Migration(
        2,
        "runs",
        (
            """create table ops_runs (run_id text primary key, verb text, layers text, as_of text, full_refresh integer,
            paths text, requested_by text, status text not null, requested_at text, started_at text, finished_at text,
            pid integer, cancel_requested integer not null default 0, error text, result text)""",
            "create index ix_ops_runs__status on ops_runs (status)",
            """create table ops_run_nodes (run_id text, node text, name text, layer text, kind text, status text,
            started_at text, seconds real, rows integer, failures integer, message text, position integer,
            primary key (run_id, node)) without rowid""",
            """create table ops_rule_results (run_id text, rule_id text, rule_name text, entity text, action text,
            failing_rows integer, rows_checked integer, status text,
            primary key (run_id, rule_name, entity)) without rowid""",
            "create table ops_row_counts (run_id text, table_name text, rows integer, primary key (run_id, table_name)) without rowid",
            """create table ops_ledger (run_id text, entity text, received integer, promoted integer, quarantined integer,
            superseded integer, duplicates integer, rejected integer, primary key (run_id, entity)) without rowid""",
        ),
    ),
    Migration(
        3,
        "headers and quarantine history",
        (
            "create table ops_header_mappings (shape text, entity text, mapping text, primary key (shape, entity))",
            """create table ops_first_seen (entity text, row_id text, first_seen_at text, last_seen_at text,
            builds_open integer, primary key (entity, row_id)) without rowid""",
        ),
    ),
    Migration(4, "runs of chosen models", ("alter table ops_runs add column selection text",)),
    Migration(
        5,
        "how far a first visitor has come",
        ("create table ops_tour (step text primary key, noted_at text)",),
    ),
    Migration(
        6,
        "what was decided about a sender's files",
        (
            """create table ops_intake_memory (memory_id integer primary key autoincrement, kind text not null check (kind in
            ('reading', 'mapping')), shape text not null, told text not null, source_file text not null, load_id text not null,
            decided_by text not null, decided_at text not null, used integer not null default 0, used_at text,
            ended_at text, ended_by text)""",
            "create unique index ix_ops_intake_memory__in_force on ops_intake_memory (kind, shape) where ended_at is null",
            """insert into ops_intake_memory (kind, shape, told, source_file, load_id, decided_by, decided_at)
            select 'mapping', shape, json_object('entity', min(entity), 'mapping', json(mapping)), '', '', '', ''
            from ops_header_mappings group by shape""",
            "drop table ops_header_mappings",
        ),
    ),
    Migration(
        7,
        "which request each run answers",
        (
            "alter table ops_runs add column request_id text",
            "create unique index ux_ops_runs__request on ops_runs (request_id) where request_id is not null",
        ),
    ),
    Migration(
        8,
        "what left the home, and by whom",
        (
            """create table ops_audit (audit_id integer primary key autoincrement, recorded_at text not null,
            action text not null, author text not null, subject text not null, detail text not null)""",
            """create trigger ops_audit_is_never_changed before update on ops_audit
            begin select raise(abort, 'a record of the audit trail is never changed'); end""",
            """create trigger ops_audit_is_never_shortened before delete on ops_audit
            begin select raise(abort, 'a record of the audit trail is never taken out'); end""",
        ),
    ),
    Migration(
        9,
        "who did what, append-only, and what ties decisions to it",
        (
            "alter table ops_audit rename to ops_former_audit",
            "drop trigger ops_audit_is_never_changed",
            "drop trigger ops_audit_is_never_shortened",
            """create table ops_audit (n integer primary key check (n > 0), at text not null,
            subject text not null check (subject <> ''), action text not null, target text not null,
            detail text not null check (json_valid(detail)), hash text not null check (length(hash) = 64)) strict""",
            *AUDIT_TRIGGERS,
            "create index ix_ops_audit__action on ops_audit (action)",
            "create table ops_decision_seals (decision_id text primary key, number text not null) without rowid",
        ),
    ),
    Migration(
        10,
        "what exactly a request with a name asked for",
        ("alter table ops_runs add column request_digest text",),
    ),
    Migration(
        11,
        "who may write the warehouse, and under which lease a run runs",
        (
            """create table ops_leases (name text primary key, number integer not null, secret text, who text, since text,
            host text, boot text, place text, pid integer, start text, beats integer not null, seconds real not null)""",
            """create table ops_lease_watches (name text, boot text, secret text not null, beats integer not null,
            seen_at real not null, primary key (name, boot)) without rowid""",
            "alter table ops_runs add column lease integer",
        ),
    ),
    Migration(
        12,
        "what was worth an alert, and whom it reached",
        (
            """create table ops_alerts (alert_id integer primary key autoincrement, event text not null, key text not null,
            sentence text not null, path text not null, raised_at text not null, closed_at text)""",
            "create unique index ux_ops_alerts__open on ops_alerts (key) where closed_at is null",
            """create table ops_alert_deliveries (alert_id integer, channel text, attempts integer not null, sent_at text,
            error text, primary key (alert_id, channel)) without rowid""",
        ),
    ),
    Migration(
        13,
        "where deliveries come from by themselves",
        (
            """create table ops_connectors (name text primary key, address text not null, options text not null
            check (json_valid(options)), secrets text not null check (json_valid(secrets)), cursor text,
            added_at text not null, added_by text not null, cron text, timezone text not null default 'UTC',
            is_paused integer not null default 0, next_at text, asked_by text) without rowid""",
            """create table ops_connector_deliveries (key text primary key, connector text not null, file text not null,
            state text not null check (state in ('fetched', 'done')), sha256 text not null, bytes integer not null,
            deliver_as text not null, delivered_at real not null, cursor text, fetched_at text not null, done_at text,
            outcome text, load_ids text not null default '[]', reason text, gone_at text)""",
            "create index ix_ops_connector_deliveries__connector on ops_connector_deliveries (connector, state)",
            """create table ops_syncs (sync_id integer primary key autoincrement, connector text not null,
            asked_by text not null, started_at text not null, finished_at text, status text not null,
            document text not null default '{}')""",
            "create index ix_ops_syncs__connector on ops_syncs (connector)",
        ),
    ),
    Migration(
        14,
        "questions in SQL that somebody gave a name",
        (
            """create table ops_questions (name text primary key, statement text not null, author text not null,
            subject text not null, saved_at text not null)""",
        ),
    ),
    Migration(
        15,
        "who takes care of a cause for which rows wait, until when, and comments",
        (
            """create table ops_cause_notes (note_id integer primary key, cause_id text not null, entity text not null,
            rule_id text not null, kind text not null check (kind in ('assign', 'due', 'comment')), text text not null,
            author text not null, noted_at text not null, number text not null)""",
            "create trigger ops_cause_notes__no_update before update on ops_cause_notes begin "
            "select raise(abort, 'a note on a cause is never changed'); end",
            "create trigger ops_cause_notes__no_delete before delete on ops_cause_notes begin "
            "select raise(abort, 'a note on a cause is never taken out'); end",
        ),
    ),
    Migration(
        16,
        "training sets by name and version",
        (
            """create table ops_feature_sets (name text, version integer, features text not null check (json_valid(features)),
            mature_only integer not null, author text not null, saved_at text not null,
            primary key (name, version)) without rowid""",
        ),
    ),
)

DRAFTS = (
    Migration(
        1,
        "edits that nobody has saved yet",
        (
            """create table ops_drafts (author text, entity text, row_id text, column_name text, new_value text, since text not null,
            noted_at text not null, primary key (author, entity, row_id, column_name)) without rowid""",
        ),
    ),
)

INBOX = (
    Migration(
        1,
        "messages of streams, those that cannot be read, and how far each was read",
        (
            "create table ops_inbox (inbox_id text not null)",
            "insert into ops_inbox values (lower(hex(randomblob(8))))",
            """create table ops_stream_messages (seq integer primary key autoincrement, stream text not null, topic text not null,
            partition integer not null, position not null, entity text not null, bytes integer not null,
            others integer not null, sent_at text, stored_at text not null, drained_at text, load_id text, line text,
            unique (stream, topic, partition, position))""",
            "create index ix_ops_stream_messages__waiting on ops_stream_messages (entity, seq) where drained_at is null",
            "create index ix_ops_stream_messages__kept on ops_stream_messages (drained_at) where line is not null",
            """create table ops_dead_letters (letter_id integer primary key autoincrement, stream text not null, topic text not null,
            partition integer not null, position not null, kind text not null check (kind in ('poison', 'tombstone')), entity text,
            reason text not null, bytes integer not null, sent_at text, stored_at text not null, closed_at text, closed_by text,
            outcome text check (outcome in ('replayed', 'set aside')), why text, message_key blob, value blob,
            unique (stream, topic, partition, position))""",
            "create index ix_ops_dead_letters__open on ops_dead_letters (letter_id) where closed_at is null",
            """create table ops_stream_positions (stream text, topic text, partition integer, first_position integer not null,
            next_position integer not null, holes integer not null, high integer, looked_at text, last_sent_at text,
            primary key (stream, topic, partition)) without rowid""",
            """create table ops_stream_gaps (gap_id integer primary key autoincrement, stream text not null, topic text not null,
            partition integer not null, first_position integer not null, last_position integer, what text not null,
            seen_at text not null, closed_at text, closed_by text, why text)""",
            """create unique index ux_ops_stream_gaps__open on ops_stream_gaps (stream, topic, partition)
            where closed_at is null""",
            "create table ops_stream_minutes (minute text primary key, messages integer not null, letters integer not null) without rowid",
            """create table ops_stream_state (only integer primary key check (only = 1), state text not null,
            why text not null, seen_at text not null)""",
        ),
    ),
)


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> list[int]:
    """Apply what is missing, in order; returns the numbers applied.

    Raises PipelineError when the file was written by a newer version of the project.
    """
    connection.execute(
        "create table if not exists ops_migrations (number integer primary key, name text, applied_at text)"
    )
    (newest,) = connection.execute("select coalesce(max(number), 0) from ops_migrations").fetchone()
    if newest > migrations[-1].number:
        raise PipelineError(
            f"was written by a newer version (migration {newest})", "home", "update the project"
        )
    applied = []
    for migration in migrations:
        with transaction(connection):
            is_applied = connection.execute(
                "select 1 from ops_migrations where number = ?", (migration.number,)
            ).fetchone()
            if is_applied:
                continue
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute(
                "insert into ops_migrations values (?, ?, ?)",
                (migration.number, migration.name, utc_now()),
            )
            applied.append(migration.number)
    return applied


def _is_current(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> bool:
    try:
        (newest,) = connection.execute("select max(number) from ops_migrations").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_ERROR":  # the disk, not a table that is not there yet
            raise
        return False
    return newest == migrations[-1].number


def _bring_up_to_date(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> list[int]:
    if _is_current(connection, migrations):
        return []
    connection.execute("pragma journal_mode = wal")
    return migrate(connection, migrations)


def migrate_control(connection: sqlite3.Connection) -> list[int]:
    """Bring the control file up to date, one query when it already is; the migrations applied."""
    return _bring_up_to_date(connection, CONTROL)


def migrate_drafts(connection: sqlite3.Connection) -> None:
    """Bring the file of drafts up to date; one query when it already is."""
    _bring_up_to_date(connection, DRAFTS)


def migrate_inbox(connection: sqlite3.Connection) -> None:
    """Bring the inbox of streams up to date; one query when it already is."""
    _bring_up_to_date(connection, INBOX)


def migrate_warehouse(connection: sqlite3.Connection) -> None:
    """Bring the control tables of the warehouse up to date; one query when they already are."""
    _bring_up_to_date(connection, WAREHOUSE)
