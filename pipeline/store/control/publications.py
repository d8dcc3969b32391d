"""What the newest published run left: rows by table, layers built, open quarantine (from the
control file).
"""

import json
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.statements import records


def tables(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    """name, layer and rows of every table that this run published; a table no run built belongs to
    the landing zone.
    """
    return records(
        connection,
        """
        select table_name as name, rows, coalesce((
            select layer from ops_run_nodes as nodes where nodes.name = counts.table_name and kind in ('model', 'seed', 'snapshot')
            order by run_id desc limit 1), 'landing_zone') as layer
        from ops_row_counts as counts where run_id = ? order by table_name""",
        (run_id,),
    )


def built_at(connection: Connection) -> dict[str, str]:
    """Layer -> when a run last published it (UTC text)."""
    times: dict[str, str] = {}
    for layers, finished_at in connection.execute(
        "select layers, finished_at from ops_runs where status in ('succeeded', 'held') and verb <> 'ingest' order by run_id"
    ):
        times.update(dict.fromkeys(json.loads(layers), finished_at))
    return times


def quarantined(connection: Connection, run_id: str) -> dict[str, int]:
    """Source -> open rows after this run."""
    return dict(
        connection.execute(
            "select entity, quarantined from ops_ledger where run_id = ?", (run_id,)
        ).fetchall()
    )
