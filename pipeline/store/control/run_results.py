"""What each published run found, kept for trends (`ops_rule_results`, `ops_ledger`,
`ops_row_counts`, `ops_first_seen`).
"""

from collections.abc import Iterable, Mapping
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import transaction

#: What a ledger counts of each source, the sum first.
LEDGER_COLUMNS = ("received", "promoted", "quarantined", "superseded", "duplicates", "rejected")


def record(
    connection: Connection,
    run_id: str,
    rules: Iterable[dict[str, Any]],
    ledger: Iterable[dict[str, Any]],
    row_counts: Mapping[str, int],
) -> None:
    """Store rule results, the ledger by source and the rows of every table of one run, all or
    none.
    """
    with transaction(connection):
        connection.executemany(
            "insert or replace into ops_rule_results values (:run_id, :rule_id, :rule_name, :entity, :action, "
            ":failing_rows, :rows_checked, :status)",
            [{**rule, "run_id": run_id} for rule in rules],
        )
        connection.executemany(
            f"insert or replace into ops_ledger values (:run_id, :entity, {', '.join(':' + name for name in LEDGER_COLUMNS)})",
            [{**row, "run_id": run_id} for row in ledger],
        )
        connection.executemany(
            "insert or replace into ops_row_counts values (?, ?, ?)",
            [(run_id, table, rows) for table, rows in row_counts.items()],
        )


def note_quarantined(connection: Connection, row_ids: Mapping[str, Iterable[str]]) -> None:
    """Count one more build for every open row and remember when it was first and last seen open."""
    now = utc_now()
    with transaction(connection):
        for entity, ids in row_ids.items():
            connection.executemany(
                "insert into ops_first_seen values (?1, ?2, ?3, ?3, 1) on conflict (entity, row_id) "
                "do update set last_seen_at = excluded.last_seen_at, builds_open = builds_open + 1",
                [(entity, row_id, now) for row_id in ids],
            )


def first_seen(connection: Connection) -> dict[tuple[str, str], dict[str, Any]]:
    """(entity, row id) -> first_seen_at, last_seen_at and builds_open of every row that ever was
    quarantined.
    """
    return {
        (entity, row_id): {"first_seen_at": first, "last_seen_at": last, "builds_open": builds}
        for entity, row_id, first, last, builds in connection.execute(
            "select * from ops_first_seen"
        )
    }
