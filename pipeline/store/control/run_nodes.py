"""Nodes of a run as they are planned, start and end (`ops_run_nodes` in the control file)."""

from collections.abc import Iterable, Mapping
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.statements import records, transaction


def plan(connection: Connection, run_id: str, nodes: Iterable[tuple[str, str, str, str]]) -> None:
    """Note what a run is about to do: (node, name, layer, kind) in order, all queued."""
    with transaction(connection):
        connection.executemany(
            "insert or ignore into ops_run_nodes (run_id, node, name, layer, kind, status, position) "
            "values (?, ?, ?, ?, ?, 'queued', ?)",
            [(run_id, *node, position) for position, node in enumerate(nodes)],
        )


def upsert(
    connection: Connection,
    run_id: str,
    node: str,
    name: str,
    layer: str,
    kind: str,
    status: str,
    started_at: str | None,
    seconds: float | None,
    failures: int | None,
    message: str | None,
) -> None:
    """Store the newest state of one node."""
    connection.execute(
        "insert into ops_run_nodes (run_id, node, name, layer, kind, status, started_at, seconds, failures, message, position) "
        "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, (select count(*) from ops_run_nodes where run_id = ?1)) "
        "on conflict (run_id, node) do update set status = excluded.status, "
        "started_at = coalesce(excluded.started_at, started_at), seconds = excluded.seconds, failures = excluded.failures, "
        "message = excluded.message, layer = excluded.layer",
        (run_id, node, name, layer, kind, status, started_at, seconds, failures, message),
    )


def note_rows(connection: Connection, run_id: str, rows: Mapping[str, int]) -> None:
    """Store the row count of each model or seed by its table name."""
    with transaction(connection):
        connection.executemany(
            "update ops_run_nodes set rows = ? where run_id = ? and name = ? and kind in ('model', 'seed', 'snapshot')",
            [(count, run_id, name) for name, count in rows.items()],
        )


def forget_old(connection: Connection, kept_runs: int) -> None:
    """Forget the steps of all but the newest runs; what a run came to stays."""
    connection.execute(
        "delete from ops_run_nodes where run_id in "
        "(select run_id from ops_runs order by run_id desc limit -1 offset ?)",
        (kept_runs,),
    )


def close_open(connection: Connection, run_id: str) -> None:
    """What never ran when the run ended was skipped."""
    connection.execute(
        "update ops_run_nodes set status = 'skipped' where run_id = ? and status in ('queued', 'running')",
        (run_id,),
    )


def of_run(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """All nodes of a run in the order in which they were planned, started ones first."""
    return records(
        connection,
        "select node, name, layer, kind, status, started_at, seconds, rows, failures, message "
        "from ops_run_nodes where run_id = ? order by started_at is null, started_at, position",
        (run_id,),
    )


def typical_seconds(connection: Connection) -> dict[str, float]:
    """Seconds each node took in the last published run that had it, by node."""
    typical = connection.execute(
        "select node, seconds, max(run_id) from ops_run_nodes join ops_runs using (run_id) "
        "where seconds is not null and ops_runs.status in ('succeeded', 'held') group by node"
    )
    return {node: seconds for node, seconds, _ in typical}
