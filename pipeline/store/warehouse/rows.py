"""Single rows of the judged sources, by row id."""

import json
from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.statements import has_relation, quoted, records

#: SQLite binds many thousand values; this many keep a statement short.
CHUNK = 500


def current_values(
    connection: Connection, entity: str, row_ids: Sequence[str], columns: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Row id -> the mapped values of `columns` as the last build judged them; rows that do not
    exist are left out.
    """
    if not has_relation(connection, f"row_verdicts_{entity}"):
        return {}
    names = ", ".join(["_row_id", *(quoted(column) for column in columns)])
    values = {}
    for start in range(0, len(row_ids), CHUNK):
        chunk = list(row_ids[start : start + CHUNK])
        marks = ", ".join("?" * len(chunk))
        for row in records(
            connection,
            f"select {names} from row_verdicts_{entity} where _row_id in ({marks})",
            chunk,
        ):
            values[row.pop("_row_id")] = row
    return values


def unwaivable(
    connection: Connection, entity: str, row_ids: Sequence[str], rule_id: str | None
) -> list[tuple[str, str]]:
    """(row id, rule id) of failures that no waiver may lift, because silver could not hold the
    row: of the rows, or of every open row where none is named; of one rule, or of all.
    """
    if not has_relation(connection, f"row_verdicts_{entity}"):
        return []
    condition = "checked._status = 'quarantined'"
    if row_ids:
        condition = "checked._row_id in (select value from json_each(:rows))"
    statement = (
        "select checked._row_id, json_extract(failed.value, '$.rule') as rule "
        f"from row_verdicts_{entity} as checked cross join json_each(checked._failed) as failed "
        f"where {condition} and json_extract(failed.value, '$.firm') = 1 "
        "and (:rule is null or json_extract(failed.value, '$.rule') = :rule) order by 1, 2"
    )
    values = {"rows": json.dumps(list(row_ids)), "rule": rule_id}
    return [tuple(row) for row in connection.execute(statement, values)]
