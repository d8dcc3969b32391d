"""Statements that a person writes, on a connection that reads nothing but what Tables shows.

Each relation is a view of the columns that may be compared and counted (`masked_views`, with
`only`). What is not listed here is refused by SQLite's authorizer: no write, no other relation, no
pragma, no function beside the ones below, so none that touches a file, learns a name or makes the
code of an identifier. Sizes are bounded, so that no statement fills the memory with one cell.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.errors import InputRefused

#: Functions of values alone.
_NAMES = (
    "abs acos asin atan atan2 avg ceil ceiling char coalesce concat concat_ws cos count "
    "cume_dist date datetime degrees dense_rank exp first_value floor format glob "
    "group_concat ifnull iif instr julianday lag last_value lead length like ln log log10 "
    "log2 lower ltrim max min mod nth_value ntile nullif percent_rank pi pow power printf "
    "radians rank replace round row_number rtrim sign sin sqrt strftime string_agg substr "
    "substring sum tan time total trim trunc typeof unicode upper"
)
FUNCTIONS = frozenset(_NAMES.split())
MOST_ROWS, MOST_CHARACTERS = 5_000, 5_000_000
LONGEST_STATEMENT, LONGEST_CELL = 10_000, 100_000
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_CELL,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
#: Begin of the names of what describes the file, and of the keys of hidden cells.
NOT_COUNTED = ("sqlite_", "pragma_", "hidden_", "ops_", "json_")
_COMMENT = re.compile(r"\s+|--[^\n]*(?:\n|$)|/\*.*?(?:\*/|$)", re.S)
#: How a connection calls what it hides; no plan repeats it.
_MADE_UP = re.compile(r"_[0-9a-f]{32}(?:_base)?")
#: SQLite asks no authorizer about the columns that these compare, nor about their table.
_UNASKED = re.compile(r"\b(?:using|natural)\b", re.I)
_NAMED = re.compile(r"^no such (column|table|function): ([\w.]{1,80})$")
_NEAR = re.compile(r'^near "([A-Za-z_]{1,40})": syntax error$')


@dataclass(frozen=True)
class Answered:
    """The rows of an answer, whether there are more of them, and how SQLite found them."""

    rows: pd.DataFrame
    is_cut: bool
    plan: tuple[str, ...]


def named_in(statement: str, relations: Set[str]) -> list[str]:
    """The relations whose names stand in a statement, wherever they do."""
    words = set(re.findall(r"\w+", statement.lower()))
    return sorted(name for name in relations if name.lower() in words)


def guard(
    connection: sqlite3.Connection,
    shown: Mapping[str, Set[str]],
    hidden: Mapping[str, str],
    relations: Set[str],
) -> None:
    """Let this connection answer questions about `shown` (relation -> columns) from here on, and
    nothing else; `hidden` are the views behind them, `relations` all that the file holds.
    """
    behind = frozenset(hidden.values()) | frozenset(f"{name}_base" for name in hidden.values())
    for category, size in LIMITS.items():
        connection.setlimit(category, size)
    connection.text_factory = lambda cell: cell.decode("utf-8", "replace")
    connection.set_authorizer(_authorizer(shown, behind, relations - shown.keys()))


def _authorizer(
    shown: Mapping[str, Set[str]], behind: frozenset[str], closed: Set[str]
) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    """SQLite names a relation as the statement writes it, in small letters or large; where only the
    rows of a view are counted it names the table behind.
    """
    endings = tuple(f"_{name}" for name in behind)
    columns_of = {name.lower(): columns for name, columns in shown.items()}
    closed_names = {name.lower() for name in closed}

    def may(
        action: int, first: str | None, second: str | None, database: str | None, inner: str | None
    ) -> int:
        name, within = (first or "").lower(), (inner or "").lower()
        is_behind = within in behind or within.endswith(endings)
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            is_open = is_behind or (second or "").lower() in FUNCTIONS
        elif action == sqlite3.SQLITE_READ:
            is_open = (
                is_behind
                or name in behind
                and within in columns_of
                or database == "temp"
                and second in columns_of.get(name, ())
                or second == ""  # rows of which no column is read
                and name not in closed_names
                and not name.startswith(NOT_COUNTED)
            )
        else:
            is_open = False
        return sqlite3.SQLITE_OK if is_open else sqlite3.SQLITE_DENY

    return may


def answered(connection: sqlite3.Connection, statement: str, most: int = MOST_ROWS) -> Answered:
    """At most so many rows of the answer, and the plan. Raises InputRefused in words of ours, which
    hold no cell: what SQLite says of a statement that runs may quote one.
    """
    check(statement)
    try:
        plan = connection.execute(f"explain query plan {statement}").fetchall()
    except (sqlite3.Error, sqlite3.Warning) as refused:
        raise _refused(str(refused)) from None
    try:
        rows, columns, is_cut = _rows(connection, statement, most)
    except (sqlite3.Error, sqlite3.Warning) as stopped:
        if getattr(stopped, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            raise
        raise InputRefused(
            "cannot be answered: a function met a value that it does not take, or an answer "
            "too large for a cell",
            "the question",
            "ask for fewer columns, or test the value first",
        ) from None
    frame = pd.DataFrame(rows, columns=columns)
    return Answered(frame, is_cut, _steps(plan))


def check(statement: str) -> None:
    """Raise InputRefused for what is no question of one statement that only reads."""
    if len(statement) > LONGEST_STATEMENT:
        raise InputRefused(
            f"has more than {LONGEST_STATEMENT:,} characters", "the question", "ask for less"
        )
    if any(not letter.isprintable() and letter not in "\n\r\t" for letter in statement):
        raise InputRefused(
            "holds a character that cannot be shown", "the question", "write it as plain text"
        )
    place = 0
    while gap := _COMMENT.match(statement, place):
        place = gap.end()
    if not re.match(r"(?:select|with|values)\b", statement[place:], re.I):
        raise InputRefused(
            "only reads: it begins with SELECT or WITH", "the question", "write one such statement"
        )
    if _UNASKED.search(statement):
        raise InputRefused(
            "holds the word USING or NATURAL, which no question may",
            "the question",
            "join with ON, as in: on a.npi = b.npi",
        )


def _rows(
    connection: sqlite3.Connection, statement: str, most: int
) -> tuple[list[tuple[Any, ...]], list[str], bool]:
    cursor = connection.execute(statement)
    rows: list[tuple[Any, ...]] = []
    characters = 0
    for row in cursor:
        characters += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
        if len(rows) == most or characters > MOST_CHARACTERS:
            return rows, _columns(cursor), True
        rows.append(tuple("(bytes)" if isinstance(cell, bytes) else cell for cell in row))
    return rows, _columns(cursor), False


def _columns(cursor: sqlite3.Cursor) -> list[str]:
    """The names of an answer's columns, each once."""
    names: list[str] = []
    for name, *_ in cursor.description:
        number, free = 1, name
        while free in names:
            number += 1
            free = f"{name}_{number}"
        names.append(free)
    return names


def _steps(plan: list[tuple[Any, ...]]) -> tuple[str, ...]:
    """The lines of a plan, indented by what they are a part of."""
    depth: dict[int, int] = {0: -1}
    lines = []
    for number, parent, _, detail in plan:
        depth[number] = depth.get(parent, -1) + 1
        lines.append("  " * depth[number] + _MADE_UP.sub("", detail))
    return tuple(lines)


def _refused(said: str) -> InputRefused:
    """What SQLite says of a statement that it does not run, in our words. It can only repeat names
    of the statement, and of these we repeat plain ones.
    """
    if named := _NAMED.match(said):
        kind, name = named.groups()
        if not _MADE_UP.search(name):
            return InputRefused(f"there is no {kind} {name} to ask", "the question", HINT)
    if near := _NEAR.match(said):
        return InputRefused(f"is not understood near {near[1]}", "the question", HINT)
    if "not authorized" in said or "prohibited" in said:
        return InputRefused("asks for what no question may read or do", "the question", HINT)
    if "one statement" in said:
        return InputRefused("is more than one statement", "the question", "ask one at a time")
    return InputRefused("is not understood", "the question", HINT)


HINT = "the tables, columns and functions that can be asked stand below the question"
