"""What words in a delivered file mean: stated by a person for a load, told by whom, and taken back.

The words of a load in force are read by its next mapping (`ops_load_words`); a statement that ends
stays in the table. `words` of `ops_loads` is a digest of those in force, by which a build notices
that they changed. Delivered text is never changed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from sqlite3 import Connection

from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.delivered_text import lower_ascii, stripped
from pipeline.store.sqlite.statements import has_relation, quoted

#: (column of the source, word as delivered, value that it means); words are `folded`.
Words = tuple[tuple[str, str, str], ...]

WORDS = """create table if not exists {schema}.ops_load_words (
    load_id text not null, column_name text not null, delivered text not null, value text not null,
    reason text not null, author text not null, stated_at text not null, ended_at text)"""
INDEX = (
    "create unique index if not exists ux_ops_load_words__in_force on ops_load_words "
    "(load_id, column_name, delivered) where ended_at is null"
)


def create(connection: Connection) -> None:
    """The table of words, where it is missing."""
    create_empty(connection, "main")
    connection.execute(INDEX)


def create_empty(connection: Connection, schema: str) -> None:
    """The table without its index in a schema, where it is missing."""
    connection.execute(WORDS.format(schema=schema))


def folded(word: str) -> str:
    """A word as it is compared: without blanks around it, A to Z made small; empty for what stands
    for no value.
    """
    return lower_ascii(stripped(word) or "")


def state(connection: Connection, load_id: str, words: Words, reason: str, by: str) -> None:
    """Put exactly these words in force for a load; call it in a transaction."""
    connection.execute(
        "update ops_load_words set ended_at = ? where load_id = ? and ended_at is null",
        (utc_now(), load_id),
    )
    put(connection, load_id, words, reason, by)
    connection.execute("update ops_loads set words = ? where load_id = ?", (digest(words), load_id))


def put(
    connection: Connection, load_id: str, words: Words, reason: str, by: str, schema: str = "main"
) -> None:
    """Add words to the table."""
    now = utc_now()
    connection.executemany(
        f"insert into {schema}.ops_load_words values (?, ?, ?, ?, ?, ?, ?, null)",
        [(load_id, column, word, value, reason, by, now) for column, word, value in words],
    )


def in_short(words: Words) -> str:
    """`männlich → male, weiblich → female`."""
    return ", ".join(f"{word} → {value}" for _, word, value in words)


def in_columns(words: Words) -> str:
    """`2 words of gender`, for whoever may not read the words of a file."""
    counts = Counter(column for column, _, _ in words)
    return ", ".join(
        f"{count} word{'s' if count != 1 else ''} of {column}" for column, count in counts.items()
    )


def digest(words: Words) -> str | None:
    """Twelve hex digits that are the same for the same words; None for none."""
    if not words:
        return None
    return hashlib.sha256(json.dumps(sorted(words)).encode()).hexdigest()[:12]


def in_force(connection: Connection, load_id: str) -> Words:
    """The words that are stated for a load."""
    return tuple(
        connection.execute(
            "select column_name, delivered, value from ops_load_words "
            "where load_id = ? and ended_at is null order by column_name, delivered",
            (load_id,),
        )
    )


def count(connection: Connection, raw: str, delivered: str, load_id: str, words: Iterable[str]) -> int:  # fmt: skip
    """Cells of a delivered column of a load that hold one of these words."""
    return _count(connection, raw, delivered, load_id, words)


def waiting(connection: Connection, entity: str, column: str, load_id: str, words: Iterable[str]) -> int:  # fmt: skip
    """Rows of a load that wait and hold one of these words in a column, as last judged."""
    verdicts = f"row_verdicts_{entity}"
    if not has_relation(connection, verdicts):
        return 0
    return _count(connection, verdicts, column, load_id, words, "and _status = 'quarantined'")


def _count(connection: Connection, table: str, column: str, load_id: str, words: Iterable[str], condition: str = "") -> int:  # fmt: skip
    chosen = frozenset(words)
    cells = connection.execute(
        f"select {quoted(column)}, count(*) from {quoted(table)} where _load_id = ? "
        f"and {quoted(column)} is not null {condition} group by 1",
        (load_id,),
    )
    return sum(number for cell, number in cells if folded(cell) in chosen)
