"""What two runs left in the control file, side by side. A number that one of them has not is
empty.
"""

from sqlite3 import Connection

import pandas as pd

from pipeline.store.control.run_results import LEDGER_COLUMNS


def row_counts(connection: Connection, before: str, after: str) -> pd.DataFrame:
    """Columns table_name, before, after: rows of every table that either run published."""
    return _side_by_side(
        connection,
        ("table_name",),
        "select table_name, rows from ops_row_counts where run_id = ?",
        before,
        after,
    )


def ledger(connection: Connection, before: str, after: str) -> pd.DataFrame:
    """Columns entity, fate, before, after: the row ledger, one row a source and fate."""
    statement = " union all ".join(
        f"select entity, '{fate}', {fate} from ops_ledger where run_id = ?1"
        for fate in LEDGER_COLUMNS
    )
    return _side_by_side(connection, ("entity", "fate"), statement, before, after)


def failing_rows(connection: Connection, before: str, after: str) -> pd.DataFrame:
    """Columns rule_id, rule_name, entity, before, after: failing rows of every rule that either run
    judged.
    """
    return _side_by_side(
        connection,
        ("rule_id", "rule_name", "entity"),
        "select rule_id, rule_name, entity, failing_rows from ops_rule_results where run_id = ?",
        before,
        after,
    )


def seconds(connection: Connection, before: str, after: str) -> pd.DataFrame:
    """Columns name, layer, before, after: seconds of every model that either run built."""
    return _side_by_side(
        connection,
        ("name", "layer"),
        "select name, layer, seconds from ops_run_nodes "
        "where run_id = ? and kind = 'model' and seconds is not null",
        before,
        after,
    )


def _side_by_side(
    connection: Connection, keys: tuple[str, ...], statement: str, before: str, after: str
) -> pd.DataFrame:
    """The answers of one statement (keys, then a number) for two runs, joined by the keys."""
    one, other = (
        {tuple(row[:-1]): row[-1] for row in connection.execute(statement, (run_id,))}
        for run_id in (before, after)
    )
    rows = [
        (*place, one.get(place), other.get(place))
        for place in sorted(one.keys() | other.keys(), key=str)
    ]
    return pd.DataFrame(rows, columns=[*keys, "before", "after"]).astype(
        {"before": "float64", "after": "float64"}
    )
