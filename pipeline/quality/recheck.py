"""Judge one row again with other values, before anybody decides: by the very SQL of the last build, in scratch tables.

Only the row, and the rows that share its key or family, are looked at; nothing is written to the warehouse. A rule is
written once: here its compiled statement runs, with the mapped rows, the decisions and the scope swapped for scratch.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from sqlite3 import Connection

from pipeline.errors import InputRefused
from pipeline.store.statements import quoted, records

#: Sorts after every decision id, so the values to try are the newest correction.
TRIED = "~"


def still_failing(connection: Connection, compiled_dir: Path, entity: str, row_id: str,
                  changes: Mapping[str, str | None]) -> list[str]:
    """Names of the rules that would still hold the row back with `changes` (mapped column -> value).

    `connection` reads the warehouse and may make temporary tables; `compiled_dir` holds the compiled landing zone.
    Raises InputRefused when there is no such row, or no build has left its statements.
    """
    scoped_sql = _statement(compiled_dir, entity, f"scoped_{entity}")
    scoped_sql = scoped_sql.replace(f'main."mapped_{entity}"', "temp.scratch_mapped")
    scoped_sql = scoped_sql.replace('main."ops_decisions"', "temp.scratch_decisions")
    judged_sql = _statement(compiled_dir, entity, f"judged_{entity}").replace(f'main."scoped_{entity}"', "temp.scratch_scope")
    connection.execute("create temp table scratch_decisions as select * from main.ops_decisions where entity = ?", (entity,))
    connection.executemany(
        "insert into scratch_decisions (decision_id, kind, entity, row_id, column_name, new_value) values (?, 'correct', ?, ?, ?, ?)",
        [(TRIED, entity, row_id, column, value) for column, value in changes.items()])
    connection.execute(f"create temp table scratch_mapped as select * from main.mapped_{entity} where _row_id = ?", (row_id,))
    alone = records(connection, f"select _key, _family from ({scoped_sql}) where _row_id = ?", (row_id,))
    if not alone:
        raise InputRefused("there is no such row in force", f"{entity} {row_id}")
    relatives = {"key": alone[0]["_key"], "family": alone[0]["_family"], "row_id": row_id}
    connection.execute(
        f"insert into scratch_mapped select * from main.mapped_{entity} where _row_id in ("
        f"select _row_id from main.checked_{entity} where (_key = :key or _family = :family) and _row_id <> :row_id)", relatives)
    connection.execute(f"create temp table scratch_scope as select * from ({scoped_sql}) where _key = :key or _family = :family", relatives)
    (judged,) = records(connection, f"select _failed from ({judged_sql}) where _row_id = ?", (row_id,))
    return [failed["name"] for failed in json.loads(judged["_failed"]) if failed["action"] == "quarantine"]


def mapped_values(connection: Connection, row_id: str, columns: Sequence[str]) -> dict[str, str | None]:
    """The mapped values of the row that `still_failing` judged on this connection, with the changes in place."""
    names = ", ".join(quoted(column) for column in columns)
    (row,) = records(connection, f"select {names} from scratch_scope where _row_id = ?", (row_id,))
    return row


def _statement(compiled_dir: Path, entity: str, model: str) -> str:
    path = compiled_dir / entity / f"{model}.sql"
    if not path.exists():
        raise InputRefused("no build has left its statements yet", entity, "build the landing zone first")
    return path.read_text(encoding="utf-8")
