"""Edits of open rows that nobody has saved yet (`ops_drafts`), by their author: a reload or a
closed browser loses none.

A draft is no decision: it reaches no build, and saving or dropping it deletes it.
"""

import json
from collections.abc import Iterable, Mapping
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records, transaction


def of_author(connection: Connection, author: str, entity: str) -> list[dict[str, Any]]:
    """Edited cells of one source: row_id, column_name, new_value, since (the newest decision their
    author had seen), noted_at.
    """
    return records(
        connection,
        "select row_id, column_name, new_value, since, noted_at from ops_drafts where author = ? and entity = ? "
        "order by row_id, column_name",
        (author, entity),
    )


def save(
    connection: Connection,
    author: str,
    entity: str,
    edits: Mapping[str, Mapping[str, str | None]],
    since: str,
) -> None:
    """Keep edited cells (row id -> column -> value); a cell that is kept already gets the newer
    value.
    """
    with transaction(connection):
        connection.executemany(
            "insert or replace into ops_drafts values (?, ?, ?, ?, ?, ?, ?)",
            [
                (author, entity, row_id, column, value, since, utc_now())
                for row_id, cells in edits.items()
                for column, value in cells.items()
            ],
        )


def drop(
    connection: Connection, author: str, entity: str, cells: Iterable[tuple[str, str]]
) -> None:
    """Forget edited cells, named by row id and column."""
    connection.execute(
        "delete from ops_drafts where author = ? and entity = ? and (row_id, column_name) in "
        "(select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?))",
        (author, entity, json.dumps(list(cells))),
    )
