"""The warehouse as it may be read by what shows how a build stands: its own bookkeeping, public
lists, the names of relations and numbers of rows, and no cell of a delivered file.
"""

from functools import lru_cache

from pipeline.config import Settings
from pipeline.declared.classes import load_classes
from pipeline.store.browse.masked_views import authorize
from pipeline.store.sqlite.database import Database, open_warehouse

#: Bookkeeping of the build.
INTERNAL = "ops_"
OPEN_CLASSES = frozenset(("technical", "public", "count", "share"))
#: Classes of the columns of tables that hold no cell; the numbers of lines are not opened.
NO_CELL = OPEN_CLASSES | {"line_reference"}


def open_bookkeeping(settings: Settings) -> Database:
    """A read-only connection on which SQLite refuses every column that may hold a delivered cell,
    whatever statement asks (`sqlite3.DatabaseError`).
    """
    connection = open_warehouse(settings)
    authorize(connection, {}, columns())
    return connection


@lru_cache(maxsize=1)
def columns() -> frozenset[tuple[str, str]]:
    """(table, column) without a cell of a delivered file: of the build's own tables, and of tables
    that hold nothing else but numbers of rows.
    """
    return frozenset(
        (table, column)
        for table, classes in load_classes().items()
        if table.startswith(INTERNAL) or set(classes.values()) <= NO_CELL
        for column, told in classes.items()
        if told in OPEN_CLASSES
    )
