"""What somebody decided about a sender's files, to be done again by itself (`ops_intake_memory`),
and the record of it.

What is in force for a shape is the recipe of a sender. A row is never deleted: a newer decision for
the same shape and `forget` only close it, so each row is a version, which tells who decided what
when and why.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records, transaction

#: `reading`: encoding, delimiter and header line, by the shape of the sender; `mapping`: source and
#: columns, by the header.
READING, MAPPING = "reading", "mapping"


@dataclass(frozen=True)
class Memory:
    """One decision, in force or past: `values` is what was decided, `source_file` the file that
    it was decided for, `version` its place among those of its shape, `reason` why ('' where nobody
    said).
    """

    memory_id: int
    kind: str
    shape: str
    values: Mapping[str, Any] = field(hash=False)
    source_file: str
    load_id: str
    decided_by: str
    decided_at: str
    used: int
    used_at: str | None
    ended_at: str | None
    ended_by: str | None
    reason: str
    version: int


def remember(
    connection: Connection,
    kind: str,
    shape: str,
    values: Mapping[str, Any],
    source_file: str,
    load_id: str,
    by: str,
    reason: str = "",
) -> None:
    """Keep a decision for files of this shape; it replaces an earlier one, and the same again
    changes nothing.
    """
    with transaction(connection):
        earlier = recall(connection, kind, shape)
        if earlier is not None and earlier.values == dict(values):
            return
        _end(connection, kind, shape, by)
        connection.execute(
            "insert into ops_intake_memory (kind, shape, told, source_file, load_id, decided_by, decided_at, reason) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            (kind, shape, json.dumps(dict(values)), source_file, load_id, by, utc_now(), reason),
        )


def recall(connection: Connection, kind: str, shape: str) -> Memory | None:
    """What is in force for files of this shape."""
    memories = _read(connection, "kind = ? and shape = ? and ended_at is null", (kind, shape))
    return memories[0] if memories else None


def note_use(connection: Connection, memory_id: int) -> None:
    """A file was read as decided."""
    connection.execute(
        "update ops_intake_memory set used = used + 1, used_at = ? where memory_id = ?",
        (utc_now(), memory_id),
    )


def forget(connection: Connection, memory_id: int, by: str) -> None:
    """From now on files of that shape are read as inferred; nothing happens to one that has ended
    already.
    """
    connection.execute(
        "update ops_intake_memory set ended_at = ?, ended_by = ? where memory_id = ? and ended_at is null",
        (utc_now(), by, memory_id),
    )


def forget_shape(connection: Connection, kind: str, shape: str, by: str) -> None:
    """As `forget`, for whatever is in force for a shape."""
    _end(connection, kind, shape, by)


def all_memories(connection: Connection) -> list[Memory]:
    """All decisions, those in force first, then the newest first."""
    return _read(connection, "true", (), "order by ended_at is not null, memory_id desc")


def of_shapes(connection: Connection, kind: str, shapes: Sequence[str]) -> list[Memory]:
    """Every version of what was decided for files of these shapes, the newest first."""
    return _read(
        connection,
        "kind = ? and shape in (select value from json_each(?))",
        (kind, json.dumps(list(shapes))),
        "order by memory_id desc",
    )


def _end(connection: Connection, kind: str, shape: str, by: str) -> None:
    connection.execute(
        "update ops_intake_memory set ended_at = ?, ended_by = ? where kind = ? and shape = ? and ended_at is null",
        (utc_now(), by, kind, shape),
    )


def _read(
    connection: Connection, condition: str, parameters: tuple[Any, ...], order: str = ""
) -> list[Memory]:
    columns = (
        'memory_id, kind, shape, told as "values", source_file, load_id, decided_by, decided_at, '
        "used, used_at, ended_at, ended_by, reason"
    )
    version = (
        "(select count(*) from ops_intake_memory as earlier where earlier.kind = memory.kind "
        "and earlier.shape = memory.shape and earlier.memory_id <= memory.memory_id) as version"
    )
    return [
        Memory(**row | {"values": json.loads(row["values"])})
        for row in records(
            connection,
            f"select {columns}, {version} from ops_intake_memory as memory where {condition} {order}",
            parameters,
        )
    ]
