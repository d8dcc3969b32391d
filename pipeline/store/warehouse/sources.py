"""What the newest build knew of each source."""

from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.sqlite.statements import records, relation_names

TABLE = "std_source"


@dataclass(frozen=True)
class SourceState:
    """One source: whether a load of it is in force, and whether those of its parents are too.

    `state` is delivered, held, taken_back or never_delivered.
    """

    entity: str
    is_delivered: bool
    is_known: bool
    state: str


def states(connection: Connection) -> dict[str, SourceState]:
    """Source -> what the newest build knew of it; empty before the first build."""
    if TABLE not in relation_names(connection):
        return {}
    return {
        row["entity"]: SourceState(
            row["entity"], bool(row["is_delivered"]), bool(row["is_known"]), row["state"]
        )
        for row in records(connection, f"select entity, is_delivered, is_known, state from {TABLE}")
    }
