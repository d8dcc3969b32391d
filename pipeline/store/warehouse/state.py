"""What the published warehouse says about itself: build stamp, ledger, quarantine, rule failures,
what still waits.
"""

from __future__ import annotations

from sqlite3 import Connection
from typing import TYPE_CHECKING

from pipeline.store.sqlite.statements import relation_names
from pipeline.store.warehouse import sums

if TYPE_CHECKING:
    import pandas as pd


def amount_of(column: str) -> str:
    """SQL for the dollars of a mapped amount, which is text. Null where it is no plain number, or
    too large to be dollars (a claim number, a sentinel): neither 0 nor a part of a sum.
    """
    return (
        f"case when {column} glob '*[0-9]*' and ltrim({column}, '-') not glob '*[^0-9.]*' "
        f"and abs(cast({column} as real)) <= 1e9 then cast({column} as real) end"
    )


def build_stamp(connection: Connection) -> dict[str, str] | None:
    """`build_id`, `as_of` and `source_high_watermark` of the last published build, None before the
    first.
    """
    if "ops_build" not in relation_names(connection):
        return None
    row = connection.execute(
        "select build_id, as_of, source_high_watermark from ops_build"
    ).fetchone()
    return (
        dict(zip(("build_id", "as_of", "source_high_watermark"), row, strict=True)) if row else None
    )


def ledger(connection: Connection) -> pd.DataFrame:
    """One row a load and entity: received, promoted, quarantined, superseded, duplicates, rejected
    (empty before a build).
    """
    import pandas as pd

    columns = [
        "load_id",
        "entity",
        "received",
        "promoted",
        "quarantined",
        "superseded",
        "duplicates",
        "rejected",
    ]
    if "ledger" not in relation_names(connection):
        return pd.DataFrame(columns=columns)
    return pd.read_sql_query(
        f"select {', '.join(columns)} from ledger order by load_id, entity", connection
    )


def open_quarantine(connection: Connection, entities: tuple[str, ...]) -> dict[str, int]:
    """Entity -> rows held back, for the entities whose quarantine exists; the ledger of the build
    counted them.
    """
    relations = set(relation_names(connection))
    if "ledger" in relations:
        counted = dict(
            connection.execute(
                "select entity, sum(quarantined) from ledger group by entity"
            ).fetchall()
        )
        return {
            entity: counted.get(entity, 0)
            for entity in entities
            if f"quarantine_{entity}" in relations
        }
    return {
        entity: connection.execute(f"select count(*) from quarantine_{entity}").fetchone()[0]
        for entity in entities
        if f"quarantine_{entity}" in relations
    }


def held_back_dollars(connection: Connection) -> float:
    """US dollars of the encounters held back: the sum of their amounts above zero. A reversal takes
    nothing away from what waits.
    """
    if "quarantine_encounters" not in relation_names(connection):
        return 0.0
    return connection.execute(
        f"select coalesce(sum(max({amount_of('paid_amount_usd')}, 0.0)), 0.0) from quarantine_encounters"
    ).fetchone()[0]


def promoted_dollars(connection: Connection) -> float:
    """US dollars of all encounters in silver."""
    return sums.total(connection, "std_encounters", "paid_amount_usd")


def table_checks(connection: Connection) -> pd.DataFrame:
    """Columns rule_id, entity, measured, threshold, status, detail: verdicts on whole tables."""
    import pandas as pd

    if "table_checks" not in relation_names(connection):
        return pd.DataFrame(
            columns=["rule_id", "entity", "measured", "threshold", "status", "detail"]
        )
    return pd.read_sql_query(
        "select rule_id, entity, measured, threshold, status, detail from table_checks", connection
    )


def failing_rows(connection: Connection, entity: str, rule_name: str, limit: int) -> pd.DataFrame:
    """At most `limit` rows of one source that fail one rule, with lineage."""
    import pandas as pd

    if f"dq_{entity}" not in relation_names(connection):
        return pd.DataFrame()
    return pd.read_sql_query(
        f"select * from row_verdicts_{entity} where _row_id in "
        f"(select _row_id from dq_{entity} where rule_name = ? limit ?)",
        connection,
        params=(rule_name, limit),
    )


def unjudged_loads(connection: Connection) -> dict[str, list[str]]:
    """Source -> ids of its loads in force that no build has judged."""
    relations = set(relation_names(connection))
    if "ops_loads" not in relations:
        return {}
    judged = (
        "and load_id not in (select load_id from ops_judged_loads)"
        if "ops_judged_loads" in relations
        else ""
    )
    waiting: dict[str, list[str]] = {}
    for entity, load_id in connection.execute(
        f"select entity, load_id from ops_loads where status = 'loaded' {judged} order by load_id"
    ):
        waiting.setdefault(entity, []).append(load_id)
    return waiting


def loads_held(connection: Connection) -> int:
    """Loads that wait at the batch gate."""
    if "ops_loads" not in relation_names(connection):
        return 0
    return connection.execute(
        "select count(*) from ops_loads where gate = 'held' and status = 'loaded'"
    ).fetchone()[0]


def last_delivery(connection: Connection) -> str | None:
    """ISO timestamp of the newest load, None when nothing was loaded."""
    if "ops_loads" not in relation_names(connection):
        return None
    return connection.execute(
        "select max(loaded_at) from ops_loads where status = 'loaded'"
    ).fetchone()[0]


def applied_decisions(connection: Connection) -> set[str]:
    """Ids of the decisions that the published build applied."""
    if "ops_decisions" not in relation_names(connection):
        return set()
    return {row[0] for row in connection.execute("select decision_id from ops_decisions")}


def published_run(connection: Connection) -> str | None:
    """The run that published what stands now; None when it was built without the runner."""
    if not {"ops_published_runs", "ops_build"} <= set(relation_names(connection)):
        return None
    row = connection.execute(
        "select max(published.run_id) from ops_published_runs as published "
        "join ops_build as build on build.build_id = published.build_id"
    ).fetchone()
    return row[0]
