"""Which messages of a stream became which lines of a load.

A load that was drained from the inbox is the messages of its source with the numbers `first_seq` to
`last_seq` of that inbox. That is its identity, and it is written in the transaction of the load.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.sqlite.statements import has_relation, records

RANGES = """create table if not exists ops_load_ranges (
    load_id text primary key, inbox_id text not null, entity text not null, first_seq integer not null,
    last_seq integer not null)"""
POSITIONS = """create table if not exists ops_load_positions (
    load_id text not null, first_line integer not null, last_line integer not null, stream text not null,
    topic text not null, partition integer not null, first_position not null, last_position not null,
    primary key (load_id, first_line)) without rowid"""


@dataclass(frozen=True)
class Run:
    """Consecutive lines of a load that are consecutive messages of one partition; where positions
    are no numbers, a run is one line.
    """

    first_line: int
    last_line: int
    stream: str
    topic: str
    partition: int
    first_position: int | str
    last_position: int | str


@dataclass(frozen=True)
class Range:
    """The messages of an inbox that a load was made of, both ends included."""

    inbox_id: str
    entity: str
    first_seq: int
    last_seq: int


def create(connection: Connection) -> None:
    """Create the two tables where they are missing."""
    connection.execute(RANGES)
    connection.execute(POSITIONS)


def runs_of(places: Iterable[tuple[str, str, int, int | str]]) -> list[Run]:
    """The runs of messages that stand on the lines 1, 2, ...; each is (stream, topic, partition,
    position).
    """
    runs: list[Run] = []
    for line, (stream, topic, partition, position) in enumerate(places, start=1):
        last = runs[-1] if runs else None
        if (
            last is not None
            and isinstance(position, int)
            and isinstance(last.last_position, int)
            and (last.stream, last.topic, last.partition) == (stream, topic, partition)
            and position == last.last_position + 1
        ):
            runs[-1] = Run(
                last.first_line, line, stream, topic, partition, last.first_position, position
            )
        else:
            runs.append(Run(line, line, stream, topic, partition, position, position))
    return runs


def add(connection: Connection, load_id: str, origin: Range, runs: Iterable[Run]) -> None:
    """Record of what a load was made, inside the caller's transaction."""
    connection.execute(
        "insert into ops_load_ranges values (?, ?, ?, ?, ?)",
        (load_id, origin.inbox_id, origin.entity, origin.first_seq, origin.last_seq),
    )
    connection.executemany(
        "insert into ops_load_positions values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                load_id,
                run.first_line,
                run.last_line,
                run.stream,
                run.topic,
                run.partition,
                run.first_position,
                run.last_position,
            )
            for run in runs
        ),
    )


def drained(connection: Connection, inbox_id: str) -> dict[str, Range]:
    """Load -> the range of this inbox that it was made of."""
    rows = records(
        connection,
        "select load_id, inbox_id, entity, first_seq, last_seq from ops_load_ranges "
        "where inbox_id = ? order by first_seq",
        (inbox_id,),
    )
    return {row.pop("load_id"): Range(**row) for row in rows}


def range_of(connection: Connection, load_id: str) -> Range | None:
    """The range that a load was made of; None for a load of a file."""
    if not has_relation(connection, "ops_load_ranges"):
        return None
    rows = records(
        connection,
        "select inbox_id, entity, first_seq, last_seq from ops_load_ranges where load_id = ?",
        (load_id,),
    )
    return Range(**rows[0]) if rows else None


def runs(connection: Connection, load_id: str) -> list[Run]:
    """The messages of a load, line by line."""
    rows = records(
        connection,
        "select first_line, last_line, stream, topic, partition, first_position, last_position "
        "from ops_load_positions where load_id = ? order by first_line",
        (load_id,),
    )
    return [Run(**row) for row in rows]


def place_of(connection: Connection, load_id: str, line: int) -> str:
    """The message that a line of a load was, in words; '' for a line of a file."""
    if not has_relation(connection, "ops_load_positions"):
        return ""
    rows = records(
        connection,
        "select topic, partition, first_line, first_position from ops_load_positions "
        "where load_id = ? and first_line <= ? and last_line >= ? order by first_line desc limit 1",
        (load_id, line, line),
    )
    if not rows:
        return ""
    row = rows[0]
    if isinstance(row["first_position"], int):
        position = row["first_position"] + line - row["first_line"]
        return f"{row['topic']}, partition {row['partition']}, offset {position}"
    return f"{row['topic']}, message {row['first_position']}"


def newest_seq(connection: Connection, inbox_id: str) -> int:
    """The number of the newest message of an inbox that is in a load, 0 when none is."""
    return connection.execute(
        "select coalesce(max(last_seq), 0) from ops_load_ranges where inbox_id = ?", (inbox_id,)
    ).fetchone()[0]


def read_before(connection: Connection) -> dict[tuple[str, str, int], int]:
    """(stream, topic, partition) -> the position after its newest message that is in a load; for an
    inbox that was lost, or is an older copy.
    """
    rows = connection.execute(
        "select stream, topic, partition, max(last_position) + 1 from ops_load_positions "
        "where typeof(last_position) = 'integer' group by stream, topic, partition"
    )
    return {(stream, topic, partition): following for stream, topic, partition, following in rows}
