"""What can be to blame when a build fails: the loads and decisions that it reads; and the same
warehouse without some of them, inside a transaction that is rolled back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.statements import has_relation, quoted, records
from pipeline.store.warehouse.raw_tables import table_of

OF_LOAD = "_load = (select load_seq from ops_loads where load_id = ?)"


@dataclass(frozen=True)
class Suspect:
    """A load or a decision (`kind`) in force; `is_new` says that no published build has read it.

    `table` is the raw table of a load; of a decision `row_id` and `column` say what it is about.
    """

    kind: str
    name: str
    entity: str
    is_new: bool
    source_file: str | None = None
    table: str = ""
    row_id: str | None = None
    column: str | None = None


@dataclass(frozen=True)
class Cell:
    """Another value for one column of one delivered line."""

    table: str
    load_id: str
    line: int
    column: str
    value: str | None


@dataclass(frozen=True)
class Change:
    """What a build is tried without: whole loads and decisions by name, the lines of one load
    (`lines`: table, load, first and last line), or with another value in a cell.
    """

    without: frozenset[str] = frozenset()
    lines: tuple[str, str, int, int] | None = None
    cell: Cell | None = None

    @property
    def changes_rows(self) -> bool:
        """Whether delivered rows differ, which a build only sees when it maps them anew."""
        return self.lines is not None or self.cell is not None


def in_force(
    connection: Connection,
    raw_tables: Mapping[str, str],
    decisions: Sequence[Mapping[str, Any]],
) -> list[Suspect]:
    """Decisions and loads in force, newest first; `raw_tables` is source -> raw table, `decisions`
    are those of the control file.
    """
    judged_decisions = _names(connection, "ops_judged_decisions", "decision_id")
    judged_loads = _names(connection, "ops_judged_loads", "load_id || status || gate")
    suspects = [
        Suspect(
            "decision",
            decision["decision_id"],
            decision["entity"],
            decision["decision_id"] not in judged_decisions,
            row_id=decision["row_id"],
            column=decision["column_name"],
        )
        for decision in sorted(decisions, key=lambda one: one["decision_id"], reverse=True)
    ]
    return suspects + [
        Suspect(
            "load",
            load["load_id"],
            load["entity"],
            f"{load['load_id']}loaded{load['gate']}" not in judged_loads,
            load["source_file"],
            raw_tables[load["entity"]],
        )
        for load in records(
            connection,
            "select load_id, entity, gate, source_file from ops_loads where status = 'loaded' "
            "order by load_seq desc",
        )
        if load["entity"] in raw_tables
    ]


def _names(connection: Connection, table: str, expression: str) -> set[str]:
    if not has_relation(connection, table):
        return set()
    return {name for (name,) in connection.execute(f"select {expression} from {table}")}


def apply(connection: Connection, change: Change) -> None:
    """Make a change in the open transaction, which must be rolled back: raw is append-only."""
    for name in change.without:
        connection.execute("update ops_loads set status = 'undone' where load_id = ?", (name,))
        connection.execute("delete from ops_decisions where decision_id = ?", (name,))
    if change.lines:
        raw, load_id, first, last = change.lines
        gone = connection.execute(
            f"delete from {quoted(table_of(raw))} where {OF_LOAD} and _line between ? and ?",
            (load_id, first, last),
        ).rowcount
        connection.execute(
            "update ops_loads set received = received - ?1, accepted = accepted - ?1 "
            "where load_id = ?2",
            (gone, load_id),
        )
    if change.cell:
        cell = change.cell
        connection.execute(
            f"update {quoted(table_of(cell.table))} set {quoted(cell.column)} = ? "
            f"where {OF_LOAD} and _line = ?",
            (cell.value, cell.load_id, cell.line),
        )


def lines_of(connection: Connection, table: str, load_id: str) -> list[int]:
    """The lines of a load that are rows, last first."""
    return [
        line
        for (line,) in connection.execute(
            f"select _source_row_number from {quoted(table)} where _load_id = ? "
            "order by _source_row_number desc",
            (load_id,),
        )
    ]


def place_of(connection: Connection, table: str, row_id: str) -> tuple[str, str, int] | None:
    """Load, file and line of a delivered row by its id; None when there is none."""
    row = connection.execute(
        f"select _load_id, _source_file, _source_row_number from {quoted(table)} "
        "where _row_id = ?1 or substr(?1, 1, length(_row_id) + 1) = _row_id || '-' limit 1",
        (row_id,),
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def usual_value(
    connection: Connection, table: str, load_id: str, line: int, column: str
) -> str | None:
    """The commonest other value of a column, in the load itself where it has one; None without
    one.
    """
    name = quoted(column)
    row = connection.execute(
        f"select {name} from {quoted(table)} where trim({name}) <> '' and {name} is not ("
        f"select {name} from {quoted(table)} where _load_id = :load and _source_row_number = :line) "
        f"group by {name} order by max(_load_id = :load) desc, count(*) desc, max(rowid) desc limit 1",
        {"load": load_id, "line": line},
    ).fetchone()
    return row[0] if row else None
