"""What a build leaves in the warehouse beside dbt's tables: its stamp, the decisions it applied,
counts.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import has_relation, quoted, records


def replace_decisions(connection: Connection, decisions: Iterable[dict[str, Any]]) -> None:
    """Make the warehouse's copy of the decisions hold exactly these."""
    connection.execute("delete from ops_decisions")
    for decision in decisions:
        connection.execute(
            f"insert into ops_decisions ({', '.join(map(quoted, decision))}) "
            f"values ({', '.join('?' * len(decision))})",
            tuple(decision.values()),
        )


def decision_ids(connection: Connection) -> list[str]:
    """Ids of the decisions in the warehouse's copy."""
    return [
        decision_id
        for (decision_id,) in connection.execute(
            "select decision_id from ops_decisions order by decision_id"
        )
    ]


#: What the loader and people write and models read (and the random numbers of the home, written
#: once); the other tables of the source `control` are written by the build itself.
WRITTEN_BY_OTHERS = (
    "ops_loads",
    "ops_load_findings",
    "ops_load_readings",
    "ops_load_lines",
    "ops_load_words",
    "ops_provider_group_key",
)
WRITTEN_BY_THE_BUILD = (
    "ops_decisions",
    "ops_build",
    "ops_feature_clock",
    "ops_judged_loads",
    "ops_judged_decisions",
    "ops_changed_rows",
    "ops_rows_to_review",
)


def state_of_loads(connection: Connection) -> list[list[tuple[Any, ...]]]:
    """All that is known of the loads, whole, table by table."""
    return [
        sorted(connection.execute(f"select * from {table}").fetchall(), key=repr)
        for table in WRITTEN_BY_OTHERS
    ]


@dataclass(frozen=True)
class KnownInputs:
    """The digest of what all layers that stand were built from, and the run that did it."""

    digest: str
    run_id: str


def known_inputs(connection: Connection) -> KnownInputs | None:
    """What the tables that stand were built from; None when nobody noted it, or when a table was
    made, dropped or altered since.
    """
    if not has_relation(connection, "ops_build_inputs"):
        return None
    row = connection.execute(
        "select digest, run_id, schema_version from ops_build_inputs"
    ).fetchone()
    (schema,) = connection.execute("pragma schema_version").fetchone()
    return KnownInputs(row[0], row[1]) if row and row[2] == schema else None


def note_inputs(connection: Connection, known: KnownInputs | None) -> None:
    """Remember them inside the transaction of the run, at its end; None: nobody can tell."""
    connection.execute("delete from ops_build_inputs")
    if known is not None:
        (schema,) = connection.execute("pragma schema_version").fetchone()
        connection.execute(
            "insert into ops_build_inputs values (?, ?, ?)", (known.digest, known.run_id, schema)
        )


def stamp(connection: Connection, build_id: str, as_of: str, source_high_watermark: str) -> None:
    """Write the one row of `ops_build` that every gold table carries."""
    connection.execute("delete from ops_build")
    connection.execute(
        "insert into ops_build values (?, ?, ?)", (build_id, as_of, source_high_watermark)
    )


def layer_fingerprint(connection: Connection, layer: str) -> str | None:
    """With which statements a layer was built; None when it never was."""
    row = connection.execute(
        "select fingerprint from ops_layer_fingerprints where layer = ?", (layer,)
    ).fetchone()
    return row[0] if row else None


def note_layer_fingerprint(connection: Connection, layer: str, fingerprint: str) -> None:
    """Remember with which statements a layer was built."""
    connection.execute(
        "insert or replace into ops_layer_fingerprints values (?, ?)", (layer, fingerprint)
    )


def built_models(connection: Connection) -> dict[str, tuple[str, str]]:
    """Model (or `landing_zone`, which is built as a whole) -> the build and the statements that its
    table comes from.
    """
    return {
        model: (build_id, fingerprint)
        for model, build_id, fingerprint in connection.execute(
            "select model, build_id, fingerprint from ops_built_models"
        )
    }


def models_built_at(connection: Connection) -> dict[str, str]:
    """Model, or the landing zone as a whole -> when the build that made it was published (UTC
    text); nothing before the first build.
    """
    if not has_relation(connection, "ops_built_models"):
        return {}
    return dict(
        connection.execute(
            "select model, max(published_at) from ops_built_models "
            "join ops_published_runs using (build_id) group by model"
        ).fetchall()
    )


def note_built_models(
    connection: Connection, build_id: str, fingerprints: Mapping[str, str]
) -> None:
    """Remember from which build and with which statements models were built."""
    connection.executemany(
        "insert or replace into ops_built_models values (?, ?, ?)",
        [(model, build_id, fingerprint) for model, fingerprint in fingerprints.items()],
    )


def mark_published(
    connection: Connection, run_id: str, build_id: str, result: Mapping[str, Any]
) -> None:
    """Note, inside the transaction of the run, that this run published, and its result; results of
    earlier runs have long been recorded.
    """
    connection.execute("update ops_published_runs set result = null")
    connection.execute(
        "insert or replace into ops_published_runs values (?, ?, ?, ?)",
        (run_id, build_id, utc_now(), json.dumps(result)),
    )


def note_audit_head(connection: Connection, head: tuple[int, str], build_id: str) -> None:
    """Note inside the transaction of the run how far the audit trail has come (number and hash)."""
    connection.execute(
        "insert or ignore into ops_audit_heads values (?, ?, ?, ?)", (*head, build_id, utc_now())
    )


def published_result(
    connection: Connection, run_id: str, started_at: str | None
) -> dict[str, Any] | None:
    """The result of the run of this id that began at `started_at`, None unless it reached its
    commit; ids begin anew when the control file was lost.
    """
    if not has_relation(connection, "ops_published_runs"):
        return None
    row = connection.execute(
        "select result from ops_published_runs where run_id = ? and published_at >= ?",
        (run_id, started_at or ""),
    ).fetchone()
    return json.loads(row[0]) if row and row[0] else None


def newest_result(connection: Connection) -> dict[str, Any]:
    """The result of the newest run that published; empty before the first."""
    if not has_relation(connection, "ops_published_runs"):
        return {}
    row = connection.execute(
        "select result from ops_published_runs where result is not null "
        "order by published_at desc, rowid desc limit 1"
    ).fetchone()
    return json.loads(row[0]) if row else {}


def table_rows(connection: Connection) -> dict[str, int]:
    """Rows of every published table by name; bookkeeping tables are left out."""
    names = [
        name
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'ops_%' order by name"
        )
    ]
    return {
        name: connection.execute(f"select count(*) from {quoted(name)}").fetchone()[0]
        for name in names
    }


def newest_stamp(connection: Connection) -> dict[str, Any] | None:
    """build_id, as_of and source_high_watermark of the published build, None before the first."""
    if not has_relation(connection, "ops_build"):
        return None
    stamps = records(connection, "select build_id, as_of, source_high_watermark from ops_build")
    return stamps[0] if stamps else None
