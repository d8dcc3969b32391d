"""Judge rows again with other values, before anybody decides: by the very SQL of the last build, on
the scratch bench.

All rows that are tried together are judged together, with the rows that share a key or a family
with one of them; nothing is written to the warehouse.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from pipeline.errors import InputRefused
from pipeline.quality import rule_sandbox
from pipeline.store.sqlite.statements import quoted, records

#: Sorts after every decision id, so the values to try are the newest correction.
TRIED = "~"


def still_failing(
    connection: Connection,
    compiled_dir: Path,
    entity: str,
    repairs: Mapping[str, Mapping[str, str | None]],
) -> dict[str, list[dict[str, Any]]]:
    """Row id -> what would still hold that row back (rule, name, column) with `repairs` (row id ->
    mapped column -> value).

    `connection` reads the warehouse and may make temporary tables; `compiled_dir` holds the
    compiled landing zone. The bench is left as it is, for `mapped_values`. Raises InputRefused when
    there is no such row, or no build has left its statements.
    """
    rule_sandbox.clear(connection)
    rule_sandbox.lay_out(connection, compiled_dir, entity)
    connection.executemany(
        "insert into temp.ops_decisions (decision_id, kind, entity, row_id, column_name, new_value) values (?, 'correct', ?, ?, ?, ?)",
        [
            (TRIED, entity, row_id, column, value)
            for row_id, changes in repairs.items()
            for column, value in changes.items()
        ],
    )
    repair_list = rule_sandbox.as_list(repairs)
    rule_sandbox.add_mapped(
        connection, entity, "m._row_id in (select value from json_each(?))", (repair_list,)
    )
    rule_sandbox.scope(connection, compiled_dir, entity)
    present = {
        row_id
        for (row_id,) in connection.execute(
            f"select _row_id from temp.{quoted(f'int_{entity}_scope')}"
        )
    }
    missing = next((row_id for row_id in repairs if row_id not in present), None)
    if missing is not None:
        raise InputRefused("there is no such row in force", f"{entity} {missing}")
    rule_sandbox.add_relatives(connection, entity)
    rule_sandbox.scope(connection, compiled_dir, entity)
    rule_sandbox.judge(connection, compiled_dir, entity)
    judged = connection.execute(
        f"select _row_id, _failed from temp.{quoted(f'int_{entity}_verdicts')} "
        "where _row_id in (select value from json_each(?))",
        (repair_list,),
    )
    failed = {
        row_id: [failure for failure in json.loads(text) if failure["action"] == "quarantine"]
        for row_id, text in judged
    }
    return {row_id: failed[row_id] for row_id in repairs}


def mapped_values(
    connection: Connection, entity: str, row_ids: Sequence[str], columns: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Row id -> mapped values of rows that `still_failing` judged on this connection, with the
    changes in place.
    """
    names = ", ".join(quoted(column) for column in columns)
    values = records(
        connection,
        f"select _row_id, {names} from temp.{quoted(f'int_{entity}_scope')} "
        "where _row_id in (select value from json_each(?))",
        (rule_sandbox.as_list(row_ids),),
    )
    return {row.pop("_row_id"): row for row in values}
