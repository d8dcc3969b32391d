"""A connection that reads a table only through a view in which cells are masked or emptied.

A temporary view of the same name stands before the table and passes its row numbers on; the file is
not touched. An authorizer lets nothing else of the file be read: a filter, an order, a group or a
sum sees no more than a page does, whatever statement asks. What reads the file is a view whose name
is made up for each connection, because SQLite's authorizer takes a common table expression for a
view of the same name.
"""

import re
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence, Set

from pipeline.store.browse.emptied_cells import Emptying, conditions
from pipeline.store.browse.tables import has_rowid
from pipeline.store.sqlite.statements import column_types, quoted

CREATE_VIEW = re.compile(
    r"^.*?\bcreate\s+(?:temp\w*\s+)?view\s+(?:if\s+not\s+exists\s+)?"
    r"(?:\"[^\"]+\"|\w+)(?:\s*\.\s*(?:\"[^\"]+\"|\w+))?\s+as\s",
    re.I | re.S,
)
COMMON_TABLE = re.compile(
    r"(?:\bwith|\bwith\s+recursive|,)\s*(\w+)\s+as\s+(?:(?:not\s+)?materialized\s+)?\(", re.I
)
#: Bookkeeping of a build without a cell of a delivered file: which build it is, numbers of rows.
OPEN_TABLES = frozenset(("ops_build", "ops_table_rows", "ops_table_sums", "ops_published_runs"))
#: What describes relations, and takes lists apart.
OPEN_PREFIXES = ("pragma_", "json_", "sqlite_")
PRAGMAS = frozenset(
    ("table_info", "table_xinfo", "index_list", "index_info", "table_list", "schema_version")
)
#: The table-valued functions of a connection that may be asked.
CATALOGUES = (*(f"pragma_{name}" for name in sorted(PRAGMAS)), "json_each", "json_tree")
ON_TEMPORARY = frozenset(
    (
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_DELETE,
        sqlite3.SQLITE_CREATE_TEMP_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_INDEX,
        sqlite3.SQLITE_DROP_TEMP_TABLE,
    )
)
ALWAYS = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION))


def mask_table(
    connection: sqlite3.Connection,
    table: str,
    emptyings: Sequence[Emptying],
    expressions: Mapping[str, str],
    hidden: str,
    only: Sequence[str] | None = None,
) -> None:
    """From here on this connection (`open_scratch`) reads `table` through a view.

    `expressions` are column -> SQL of what is shown of it ({0} is the column); the view that reads
    the file is called `hidden`. With `only` these columns can be read and no other, nor the numbers
    of rows, and no index that holds another column, or one with emptied cells, orders the rows.
    """
    numbered = has_rowid(connection, table)
    emptied = conditions(connection, table, emptyings, numbered)
    shown = []
    for name in column_types(connection, table):
        cell = expressions.get(name, "{0}").replace("{0}", quoted(name))
        if name in emptied:
            cell = f"case when not coalesce({emptied[name]}, 0) then {cell} end"
        shown.append(cell if cell == quoted(name) else f"{cell} as {quoted(name)}")
    shown += ["rowid as rowid"] if numbered else []
    base = _base(connection, table, hidden)
    if (
        only is not None
        and base.startswith("main.")
        and _is_ordered_by(
            connection,
            table,
            lambda column: column not in only or column in emptied or column in expressions,
        )
    ):
        base += " not indexed"
    connection.execute(
        f"create temporary view {quoted(hidden)} as select {', '.join(shown)} from {base}"
    )
    readable = "*" if only is None else ", ".join(quoted(column) for column in only)
    connection.execute(
        f"create temporary view {quoted(table)} as select {readable} from temp.{quoted(hidden)}"
    )


def _is_ordered_by(
    connection: sqlite3.Connection, table: str, is_secret: Callable[[str], bool]
) -> bool:
    """Whether an index of a table holds a column of which nothing may be told, not even the order;
    an index on an expression counts as one.
    """
    columns = connection.execute(
        "select info.name from pragma_index_list(?, 'main') as listed, "
        "pragma_index_info(listed.name, 'main') as info",
        (table,),
    ).fetchall()
    return any(column is None or is_secret(column) for (column,) in columns)


def _base(connection: sqlite3.Connection, table: str, hidden: str) -> str:
    """What the hidden view reads: the table, or a copy of the view under a name of its own."""
    kind, statement = connection.execute(
        "select type, sql from main.sqlite_master where name = ?", (table,)
    ).fetchone()
    if kind == "table":
        return f"main.{quoted(table)}"
    copy = f"{hidden}_base"
    body = _renamed(CREATE_VIEW.sub("", statement, count=1), copy)
    connection.execute(f"create temporary view {quoted(copy)} as {body}")
    return f"temp.{quoted(copy)}"


def _renamed(select: str, suffix: str) -> str:
    """A select whose common table expressions have names that nobody knows, for the authorizer
    hears these, too.
    """
    for name in dict.fromkeys(COMMON_TABLE.findall(select)):
        select = re.sub(rf"(?<![.\w]){name}(?!\w)", f"{name}_{suffix}", select)
    return select


def hidden_name(table: str) -> str:
    """A name for the view that reads the file, which nobody can guess."""
    return f"{table}_{secrets.token_hex(16)}"


def authorize(
    connection: sqlite3.Connection, hidden: Mapping[str, str], bookkeeping: Set[tuple[str, str]]
) -> None:
    """Let this connection read nothing of the file but what `hidden` (table -> its hidden view)
    shows, and `bookkeeping` (table, column). What comes after is asked, too.

    A table-valued function is declared when a connection first names it, and SQLite asks for that
    as for a change of its schema: each is named once while nobody is asked.
    """
    for name in CATALOGUES:
        connection.execute(f"select 1 from {name} limit 0")
    behind = frozenset(hidden.values()) | frozenset(f"{name}_base" for name in hidden.values())
    connection.set_authorizer(_authorizer(behind, hidden, bookkeeping))


def _authorizer(
    behind: frozenset[str], hidden: Mapping[str, str], bookkeeping: Set[tuple[str, str]]
) -> Callable[..., int]:
    endings = tuple(f"_{name}" for name in behind)

    def may(
        action: int, first: str | None, second: str | None, database: str | None, inner: str | None
    ) -> int:
        if action in ALWAYS or action == sqlite3.SQLITE_FUNCTION and second != "load_extension":
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA:
            return sqlite3.SQLITE_OK if first in PRAGMAS else sqlite3.SQLITE_DENY
        if action in ON_TEMPORARY:
            is_temporary = database == "temp" or (first or "").startswith("sqlite_temp")
            return sqlite3.SQLITE_OK if is_temporary else sqlite3.SQLITE_DENY
        if action != sqlite3.SQLITE_READ:
            return sqlite3.SQLITE_DENY
        name = first or ""
        is_open = (
            database != "main"
            or inner in behind
            or (inner or "").endswith(endings)
            or second == ""  # the number of rows
            or name in OPEN_TABLES
            or (name, second) in bookkeeping
            or name.startswith(OPEN_PREFIXES)
        )
        if name in behind:
            is_open = inner in behind or inner in hidden
        return sqlite3.SQLITE_OK if is_open else sqlite3.SQLITE_DENY

    return may
