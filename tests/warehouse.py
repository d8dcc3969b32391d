"""Look at a warehouse from outside: what stands in it, and whether two are the same."""

import shutil
import sqlite3
from pathlib import Path

from pipeline.config import Settings, load_settings
from pipeline.declared.sources import source_names


def query(home: Path, sql: str, *parameters: object) -> list[tuple]:
    """Rows of a read-only query on the warehouse of a home."""
    connection = sqlite3.connect(f"file:{home / 'icon_health.db'}?mode=ro", uri=True)
    try:
        return connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()


def tables(home: Path, prefixes: tuple[str, ...] = ()) -> list[str]:
    """Names of the tables and views, control tables left out; optionally only those with one of the
    prefixes.
    """
    names = [
        name
        for (name,) in query(
            home, "select name from sqlite_master where type in ('table', 'view') order by name"
        )
    ]
    return [
        name
        for name in names
        if not name.startswith(("ops_", "sqlite_")) and (not prefixes or name.startswith(prefixes))
    ]


def contents(home: Path, prefixes: tuple[str, ...] = ()) -> dict[str, list[tuple]]:
    """Every row of every table, sorted, by table."""
    return {
        name: sorted(query(home, f'select * from "{name}"'), key=repr)
        for name in tables(home, prefixes)
    }


def differences(one: dict[str, list[tuple]], other: dict[str, list[tuple]]) -> list[str]:
    """What differs between two contents, in words, a line a table."""
    different_rows = []
    for name in sorted(one.keys() | other.keys()):
        if name not in one or name not in other:
            different_rows.append(f"{name} stands in only one of them")
        elif one[name] != other[name]:
            first = next(
                (pair for pair in zip(one[name], other[name], strict=False) if pair[0] != pair[1]),
                None,
            )
            different_rows.append(
                f"{name}: {len(one[name])} and {len(other[name])} rows; first difference {first}"
            )
    return different_rows


def copied(home: Path, to: Path) -> Settings:
    """Settings of a copy of a home."""
    shutil.copytree(home, to)
    return load_settings(home=to)


def silver_counts(home: Path) -> dict[str, int]:
    """Rows of the silver table of each source."""
    return {
        f"std_{source}": query(home, f"select count(*) from std_{source}")[0][0]
        for source in source_names()
    }


def open_quarantine(home: Path) -> dict[str, int]:
    """Open rows of each source that has any."""
    counts = {
        name.removeprefix("quarantine_"): query(home, f"select count(*) from {name}")[0][0]
        for name in tables(home, ("quarantine_",))
    }
    return {entity: count for entity, count in counts.items() if count}
