"""Results that past runs left in the control file: rules, row counts, layers built, decisions in
force.
"""

from sqlite3 import Connection
from typing import Any

import pandas as pd

from pipeline.store.sqlite.statements import relation_names


def rule_trend(
    connection: Connection, rule_name: str | None = None, runs: int = 30
) -> pd.DataFrame:
    """Columns run_id, finished_at, rule_id, rule_name, entity, failing_rows, rows_checked of the
    last `runs` runs.
    """
    statement = (
        "select results.run_id, runs.finished_at, results.rule_id, results.rule_name, results.entity, results.failing_rows, "
        "results.rows_checked from ops_rule_results as results join ops_runs as runs using (run_id) "
        "where results.run_id in (select run_id from ops_runs where status in ('succeeded', 'held') "
        "order by run_id desc limit ?) and (? is null or results.rule_name = ?) order by results.run_id, results.rule_id"
    )
    if "ops_rule_results" not in relation_names(connection):
        return pd.DataFrame(
            columns=[
                "run_id",
                "finished_at",
                "rule_id",
                "rule_name",
                "entity",
                "failing_rows",
                "rows_checked",
            ]
        )
    return pd.read_sql_query(statement, connection, params=(runs, rule_name, rule_name))


def ledger_trend(connection: Connection, runs: int = 30) -> pd.DataFrame:
    """The row ledger by entity of the last `runs` runs: columns run_id, entity, received, promoted,
    quarantined, ...
    """
    if "ops_ledger" not in relation_names(connection):
        return pd.DataFrame(columns=["run_id", "entity", "received", "promoted", "quarantined"])
    return pd.read_sql_query(
        "select * from ops_ledger where run_id in (select distinct run_id from ops_ledger order by run_id desc limit ?) "
        "order by run_id, entity",
        connection,
        params=(runs,),
    )


def row_counts(connection: Connection, run_id: str) -> pd.DataFrame:
    """Columns table_name, rows, previous_rows: what one run published, beside the run before it."""
    return pd.read_sql_query(
        "select now.table_name, now.rows, before.rows as previous_rows from ops_row_counts as now "
        "left join ops_row_counts as before on before.table_name = now.table_name and before.run_id = "
        "(select max(run_id) from ops_row_counts where run_id < now.run_id and table_name = now.table_name) "
        "where now.run_id = ? order by now.table_name",
        connection,
        params=(run_id,),
    )


def published_before(connection: Connection, run_id: str) -> str | None:
    """The newest run before this one that left row counts; None when there is none, or when this
    run left none itself.
    """
    earlier = connection.execute(
        "select max(run_id) from ops_row_counts where run_id < ?1 "
        "and exists (select 1 from ops_row_counts where run_id = ?1)",
        (run_id,),
    ).fetchone()
    return earlier[0]


def first_published_after(connection: Connection, moment: str) -> str | None:
    """The first run that built the landing zone and published after a moment (UTC)."""
    return connection.execute(
        "select min(run_id) from ops_runs where status in ('succeeded', 'held') and finished_at > ? "
        "and exists (select 1 from json_each(layers) where value = 'landing_zone')",
        (moment,),
    ).fetchone()[0]


def first_and_last_published(connection: Connection) -> tuple[str, str]:
    """The first and the newest run that left a ledger."""
    return connection.execute("select min(run_id), max(run_id) from ops_ledger").fetchone()


def quality_trend(connection: Connection, runs: int = 30) -> pd.DataFrame:
    """Columns run_id, quarantined, promoted_share, failing_rows: one row a run that published, the
    newest `runs` of them.
    """
    return pd.read_sql_query(
        "select run_id, sum(quarantined) as quarantined, 1.0 * sum(promoted) / sum(received) as promoted_share, "
        "(select coalesce(sum(failing_rows), 0) from ops_rule_results as rules where rules.run_id = ledger.run_id) as failing_rows "
        "from ops_ledger as ledger where run_id in (select distinct run_id from ops_ledger order by run_id desc limit ?) "
        "group by run_id having sum(received) > 0 order by run_id",
        connection,
        params=(runs,),
    )


def rule_results(connection: Connection, run_id: str) -> pd.DataFrame:
    """Columns rule_id, rule_name, entity, action, failing_rows, rows_checked, status, previous_rows
    (of the run before) of one run.
    """
    return pd.read_sql_query(
        "select now.rule_id, now.rule_name, now.entity, now.action, now.failing_rows, now.rows_checked, now.status, "
        "before.failing_rows as previous_rows from ops_rule_results as now left join ops_rule_results as before "
        "on before.rule_name = now.rule_name and before.entity = now.entity and before.run_id = "
        "(select max(run_id) from ops_rule_results where run_id < now.run_id) "
        "where now.run_id = ? order by now.failing_rows desc, now.rule_id, now.entity",
        connection,
        params=(run_id,),
    )


def node_durations(connection: Connection, runs: int = 50) -> pd.DataFrame:
    """Columns run_id, node, name, layer, seconds of the models of the last `runs` finished runs."""
    return pd.read_sql_query(
        "select run_id, node, name, layer, seconds from ops_run_nodes where kind = 'model' and seconds is not null "
        "and run_id in (select run_id from ops_runs where finished_at is not null order by run_id desc limit ?) "
        "order by run_id",
        connection,
        params=(runs,),
    )


def layer_builds(connection: Connection) -> list[tuple[str, str]]:
    """(layers as JSON or None for all, finished_at) of every run that published, newest first."""
    if "ops_runs" not in relation_names(connection):
        return []
    return connection.execute(
        "select layers, finished_at from ops_runs where status in ('succeeded', 'held') and verb <> 'ingest' "
        "order by run_id desc limit 200"
    ).fetchall()


def decisions_in_force(connection: Connection, as_of: str) -> set[str]:
    """Ids of the decisions neither reverted nor expired on `as_of` (ISO date)."""
    if "ops_decisions" not in relation_names(connection):
        return set()
    return {
        row[0]
        for row in connection.execute(
            "select decision_id from ops_decisions where reverted_at is null and (expires_on is null or expires_on >= ?)",
            (as_of,),
        )
    }


def last_run(connection: Connection) -> dict[str, Any] | None:
    """The newest run: run_id, verb, status, requested_at, started_at, finished_at, error; None
    before the first.
    """
    columns = ("run_id", "verb", "status", "requested_at", "started_at", "finished_at", "error")
    if "ops_runs" not in relation_names(connection):
        return None
    row = connection.execute(
        f"select {', '.join(columns)} from ops_runs order by run_id desc limit 1"
    ).fetchone()
    return dict(zip(columns, row, strict=True)) if row else None


def measured_runs(connection: Connection) -> list[str]:
    """Runs that kept rule results, newest first."""
    return [
        run_id
        for (run_id,) in connection.execute(
            "select distinct run_id from ops_rule_results order by run_id desc"
        )
    ]


def states_by_run(connection: Connection, runs: int = 30) -> pd.DataFrame:
    """Columns run_id, status, rules: how many checks ended in which state, over the last `runs`
    runs.
    """
    return pd.read_sql_query(
        "select run_id, status, count(*) as rules from ops_rule_results where run_id in "
        "(select distinct run_id from ops_rule_results order by run_id desc limit ?) group by 1, 2 order by 1, 2",
        connection,
        params=(runs,),
    )
