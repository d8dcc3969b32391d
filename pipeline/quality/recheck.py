"""Judge one row again with other values, before anybody decides: by the very SQL of the last build, in scratch tables.

Only the row, and the rows that share its key or family, are looked at; nothing is written to the warehouse. A rule is
written once: here its compiled statement is run, with the raw row, the decisions and the scope swapped for scratch.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from sqlite3 import Connection

from pipeline.errors import InputRefused
from pipeline.store.statements import quoted, records


def still_failing(connection: Connection, compiled_dir: Path, entity: str, row_id: str,
                  changes: Mapping[str, str | None]) -> list[str]:
    """Names of the rules that would still hold the row back with `changes` (mapped column -> value).

    `connection` reads the warehouse and may make temporary tables; `compiled_dir` holds the compiled landing zone.
    Raises InputRefused when there is no such row, or no build has left its statements.
    """
    mapped_sql = _statement(compiled_dir, entity, f"mapped_{entity}")
    judged_sql = _statement(compiled_dir, entity, f"judged_{entity}")
    raw = _raw_row_id(entity, row_id)
    connection.execute(f"create temp table scratch_raw as select * from main.raw_{entity} where _row_id = ?", (raw,))
    connection.execute("create temp table scratch_decisions as select * from main.ops_decisions where entity = ? and row_id = ?",
                       (entity, row_id))
    connection.executemany(
        "insert into scratch_decisions (decision_id, kind, entity, row_id, column_name, new_value) values ('~', 'correct', ?, ?, ?, ?)",
        [(entity, row_id, column, value) for column, value in changes.items()])
    mapped_sql = mapped_sql.replace(f'main."raw_{entity}"', "temp.scratch_raw").replace('main."ops_decisions"', "temp.scratch_decisions")
    connection.execute("create temp table scratch_scope as select *, cast(null as text) as _previous_status, "
                       f"cast(null as text) as _previous_key, 0 as _is_withdrawn from ({mapped_sql}) where _row_id = ?", (row_id,))
    if not connection.execute("select count(*) from scratch_scope").fetchone()[0]:
        raise InputRefused("there is no such row in force", f"{entity} {row_id}")
    _add_relatives(connection, entity, row_id)
    judged_sql = judged_sql.replace(f'main."scoped_{entity}"', "temp.scratch_scope")
    (found,) = records(connection, f"select _failed, _status from ({judged_sql}) where _row_id = ?", (row_id,))
    return [failed["name"] for failed in json.loads(found["_failed"]) if failed["action"] == "quarantine"]


def _statement(compiled_dir: Path, entity: str, model: str) -> str:
    path = compiled_dir / entity / f"{model}.sql"
    if not path.exists():
        raise InputRefused("no build has left its statements yet", entity, "build the landing zone first")
    return path.read_text(encoding="utf-8")


def _raw_row_id(entity: str, row_id: str) -> str:
    """A network's rows are entries of a delivered list: `L00006-2-16` is the 16th of the raw row `L00006-2`."""
    return row_id.rsplit("-", 1)[0] if entity == "employer_networks" else row_id


def _add_relatives(connection: Connection, entity: str, row_id: str) -> None:
    columns = [name for (name,) in connection.execute("select name from pragma_table_info('scratch_scope')")]
    stored = [name for name in columns if name not in ("_previous_status", "_previous_key", "_is_withdrawn")]
    names = ", ".join(quoted(name) for name in stored)
    connection.execute(
        f"insert into scratch_scope ({names}, _previous_status, _previous_key, _is_withdrawn) "
        f"select {names}, _status, _key, 0 from main.checked_{entity} where _row_id <> ? and (_key in (select _key from scratch_scope) "
        "or _family in (select _family from scratch_scope)) and _load_id in (select load_id from main.ops_loads where status = 'loaded')",
        (row_id,))
