"""Rows that wait in one source, in pages: filtered, counted and cut by the database, however many
there are.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.errors import InputRefused
from pipeline.store.sqlite.statements import has_relation, quoted, records

#: How a text is looked for in a cell; `?` is the text.
MATCHES = {
    "whole cell": "{column} = ?",
    "part of the cell": "instr(lower({column}), lower(?)) > 0",
    "empty cell": "({column} is null or {column} = '') and ? = ''",
}


@dataclass(frozen=True)
class RowSearch:
    """Which open rows: those that fail a rule, those in which `text` stands in `column` (`how`: a
    key of MATCHES), and those of some loads.
    """

    rule_id: str | None = None
    column: str | None = None
    text: str = ""
    how: str = "part of the cell"
    load_ids: tuple[str, ...] = ()


def page(
    connection: Connection,
    entity: str,
    columns: Sequence[str],
    search: RowSearch,
    limit: int,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """At most `limit` open rows in the order of their delivery, with lineage and `_failed`; raises
    InputRefused without a build.
    """
    condition, values = _condition(connection, entity, search)
    names = ", ".join(quoted(column) for column in columns)
    # which rows is read from an index alone, then only those rows from the table
    return records(
        connection,
        f"select {names}, _row_id, _source_file, _source_row_number, _failed from row_verdicts_{entity} where rowid in ("
        f"select rowid from row_verdicts_{entity} where {condition} "
        "order by _load_seq, _source_row_number, _position limit ? offset ?) "
        "order by _load_seq, _source_row_number, _position",
        (*values, limit, max(offset, 0)),
    )


def count(connection: Connection, entity: str, search: RowSearch) -> int:
    """How many open rows there are of that kind."""
    condition, values = _condition(connection, entity, search)
    return connection.execute(
        f"select count(*) from row_verdicts_{entity} as m where {condition}", values
    ).fetchone()[0]


def by_rule(connection: Connection, entity: str) -> dict[str, int]:
    """Rule id -> open rows of one source that it holds back, most first."""
    if not has_relation(connection, f"row_verdicts_{entity}"):
        return {}
    alike = connection.execute(
        f"select _failed, count(*) as rows from row_verdicts_{entity} where _status = 'quarantined' group by _failed"
    )
    return _summed(alike.fetchall())


def first_seen(
    connection: Connection, entity: str, row_ids: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Row id -> first_seen_at, last_seen_at and builds_open, of these rows only; on the control
    file.
    """
    rows = records(
        connection,
        "select row_id, first_seen_at, last_seen_at, builds_open from ops_first_seen where entity = ? "
        "and row_id in (select value from json_each(?))",
        (entity, json.dumps(list(row_ids))),
    )
    return {row.pop("row_id"): row for row in rows}


def _summed(alike: list[tuple[str, int]]) -> dict[str, int]:
    """Rows that fail the same rules are counted once a group: reading a hundred thousand lists
    would take seconds.
    """
    counts: dict[str, int] = {}
    for failed, rows in alike:
        for rule_id in {
            rule["rule"] for rule in json.loads(failed) if rule["action"] == "quarantine"
        }:
            counts[rule_id] = counts.get(rule_id, 0) + rows
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _condition(connection: Connection, entity: str, search: RowSearch) -> tuple[str, list[Any]]:
    if not has_relation(connection, f"row_verdicts_{entity}"):
        raise InputRefused("has no quarantine yet", entity, "build the landing zone first")
    parts, values = ["_status = 'quarantined'"], []
    if search.rule_id:
        parts.append(
            "instr(_failed, ?) > 0 and exists (select 1 from json_each(_failed) as failed "
            "where failed.value ->> 'rule' = ? and failed.value ->> 'action' = 'quarantine')"
        )
        values += [f'"rule":"{search.rule_id}"', search.rule_id]
    if search.load_ids:
        parts.append("_load_id in (select value from json_each(?))")
        values.append(json.dumps(search.load_ids))
    if search.column:
        if search.how not in MATCHES:
            raise InputRefused(
                f"{search.how!r} is no way to look", entity, f"choose one of {', '.join(MATCHES)}"
            )
        columns = {
            name
            for (name,) in connection.execute(
                "select name from pragma_table_info(?)", (f"row_verdicts_{entity}",)
            )
        }
        if search.column not in columns:
            raise InputRefused(
                "unknown column", f"{entity}.{search.column}", "choose a column of the grid"
            )
        parts.append(MATCHES[search.how].format(column=quoted(search.column)))
        values.append("" if search.how == "empty cell" else search.text)
    return " and ".join(parts), values
