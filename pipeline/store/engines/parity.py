"""Compare every relation of the warehouse with a DuckDB file, row for row, in bounded memory.

Both engines sort by every column that is no float, then by the floats; the two streams are merged.
Texts and whole numbers must be the same, floats within `TOLERANCE` of each other. No value leaves
this module.
"""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.store.sqlite.database import open_snapshot
from pipeline.store.sqlite.statements import quoted

#: Relative difference up to which two floats are the same.
TOLERANCE = 1e-12
BATCH_ROWS = 20_000
FLOATS = ("DOUBLE", "FLOAT", "DECIMAL")
Sortable = tuple[tuple[Any, ...], ...]
Floats = tuple[float | None, ...]
#: Bookkeeping of each file itself, and what was copied as it is: not derived by a build.
NOT_DERIVED = ("ops_", "raw_", "sqlite_")


@dataclass(frozen=True)
class RelationParity:
    """One relation: rows here and there, rows without a counterpart, and the columns in which the
    two differ. `largest` is the largest relative difference of two floats that count as the same.
    """

    relation: str
    sqlite_rows: int
    duckdb_rows: int
    only_sqlite: int = 0
    only_duckdb: int = 0
    largest: float = 0.0
    columns: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether both engines hold the same rows."""
        return not (self.only_sqlite or self.only_duckdb or self.columns)


def compare_with_duckdb(settings: Settings, file: Path) -> list[RelationParity]:
    """Every table and view that dbt builds, by name, those that stand in one file only included."""
    import duckdb

    source = open_snapshot(settings)
    target = duckdb.connect(str(file), read_only=True)
    try:
        target.execute("set default_null_order = 'sqlite'")
        ours = _relations(
            source.execute("select name from sqlite_master where type in ('table', 'view')")
        )
        theirs = _relations(target.execute("select table_name from information_schema.tables"))
        return [_compared(source, target, name, ours, theirs) for name in sorted(ours | theirs)]
    finally:
        source.close()
        target.close()


def _relations(cursor: Any) -> set[str]:
    return {name for (name,) in cursor.fetchall() if not name.startswith(NOT_DERIVED)}


def _compared(
    source: sqlite3.Connection, target: Any, name: str, ours: set[str], theirs: set[str]
) -> RelationParity:
    if name not in theirs:
        count = source.execute(f"select count(*) from {quoted(name)}").fetchone()[0]
        return RelationParity(name, count, 0, only_sqlite=count, columns=("absent from DuckDB",))
    if name not in ours:
        count = target.execute(f"select count(*) from {quoted(name)}").fetchone()[0]
        return RelationParity(name, 0, count, only_duckdb=count, columns=("absent from SQLite",))
    types = {
        column: kind for column, kind, *_ in target.execute(f"describe {quoted(name)}").fetchall()
    }
    own = [column for _, column, *_ in source.execute(f"pragma table_info({quoted(name)})")]
    if own != list(types):
        return RelationParity(
            name, 0, 0, columns=tuple(sorted(set(own) ^ set(types))) or ("order of columns",)
        )
    result = _merged(source, target, name, types, list(types))
    if result.is_equal:
        return result
    differing = tuple(
        column for column in types if not _merged(source, target, name, types, [column]).is_equal
    )
    return RelationParity(
        name,
        result.sqlite_rows,
        result.duckdb_rows,
        result.only_sqlite,
        result.only_duckdb,
        result.largest,
        differing,
    )


def _merged(
    source: sqlite3.Connection,
    target: Any,
    name: str,
    types: dict[str, str],
    columns: Sequence[str],
) -> RelationParity:
    """The rows of these columns, of both engines, merged."""
    floats = [column for column in columns if types[column].startswith(FLOATS)]
    exact = [column for column in columns if column not in floats]
    order = ", ".join(map(quoted, [*exact, *floats]))
    size = len(exact)
    rows = [
        _stream(engine.execute(f"select {order} from {quoted(name)} order by {order}"), size)
        for engine in (source, target.cursor())
    ]
    counts, lonely, largest = [0, 0], [0, 0], 0.0
    heads = [next(stream, None) for stream in rows]

    def forward(side: int) -> None:
        counts[side] += 1
        heads[side] = next(rows[side], None)

    while heads[0] is not None or heads[1] is not None:
        left, right = heads
        if left is None or (right is not None and right[0] < left[0]):
            lonely[1] += 1
            forward(1)
        elif right is None or left[0] < right[0]:
            lonely[0] += 1
            forward(0)
        else:
            distance = max(map(_distance, left[1], right[1]), default=0.0)
            if distance <= TOLERANCE:
                largest = max(largest, distance)
            else:
                lonely = [lonely[0] + 1, lonely[1] + 1]
            forward(0)
            forward(1)
    return RelationParity(name, counts[0], counts[1], lonely[0], lonely[1], largest)


def _stream(cursor: Any, size: int) -> Iterator[tuple[Sortable, Floats]]:
    """(what must be the same, in an order that Python shares with both engines; floats) a row."""
    while batch := cursor.fetchmany(BATCH_ROWS):
        for row in batch:
            yield tuple(map(_sortable, row[:size])), tuple(row[size:])


def _sortable(value: object) -> tuple[Any, ...]:
    if value is None:
        return (0,)
    if isinstance(value, str):
        return (2, value)
    return (1, value)


def _distance(left: object, right: object) -> float:
    """Relative difference; infinite where only one of the two is a finite number."""
    if left == right:
        return 0.0
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        return math.inf
    if not (math.isfinite(left) and math.isfinite(right)):
        return math.inf
    return abs(left - right) / max(abs(left), abs(right))
