"""Training sets under a name and a version (`ops_feature_sets` in the control file)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records


@dataclass(frozen=True)
class FeatureSet:
    """One version of a set: the references of its features in their order, whether its rows are of
    mature labels alone; `saved_at` is UTC.
    """

    name: str
    version: int
    features: tuple[str, ...]
    mature_only: bool
    author: str
    saved_at: str

    @property
    def title(self) -> str:
        """What a link calls it: `baseline v2`."""
        return f"{self.name} v{self.version}"


def all_sets(connection: Connection) -> list[FeatureSet]:
    """Every version of every set, by name, the newest first."""
    found = records(connection, "select * from ops_feature_sets order by name, version desc")
    return [
        FeatureSet(
            row["name"],
            row["version"],
            tuple(json.loads(row["features"])),
            bool(row["mature_only"]),
            row["author"],
            row["saved_at"],
        )
        for row in found
    ]


def add(
    connection: Connection, name: str, features: Sequence[str], mature_only: bool, author: str
) -> FeatureSet:
    """Keep the next version of a set; earlier ones stay."""
    (newest,) = connection.execute(
        "select coalesce(max(version), 0) from ops_feature_sets where name = ?", (name,)
    ).fetchone()
    added = FeatureSet(name, newest + 1, tuple(features), mature_only, author, utc_now())
    connection.execute(
        "insert into ops_feature_sets values (?, ?, ?, ?, ?, ?)",
        (
            name,
            added.version,
            json.dumps(added.features),
            int(mature_only),
            author,
            added.saved_at,
        ),
    )
    return added
