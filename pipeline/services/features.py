"""The feature store for readers: registry, newest values, values as known at a moment, export to Parquet."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from io import BytesIO
from pathlib import Path

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.features.registry import TIES, TIME, FeatureTable, read_registry
from pipeline.store import feature_rows
from pipeline.store.clock import FORMAT
from pipeline.store.database import open_warehouse, warehouse_exists
from pipeline.store.tables import relation_names

#: A screen or a JSON answer holds at most this many keys; an export holds all.
MAX_ROWS = 50_000
ALL_ROWS = -1


def registry() -> tuple[FeatureTable, ...]:
    """Every declared feature table with its features, whether built or not."""
    return read_registry()


def built(settings: Settings) -> tuple[str, ...]:
    """Names of the feature tables that exist in the warehouse."""
    if not warehouse_exists(settings):
        return ()
    with open_warehouse(settings) as connection:
        known = set(relation_names(connection))
    return tuple(table.name for table in read_registry() if table.name in known)


def latest(settings: Settings, table: str, key: Sequence[str] | None = None, limit: int = MAX_ROWS) -> pd.DataFrame:
    """The newest row of every key, or of one key (its values in the order of the entity key).

    Raises InputRefused when there is no such feature table.
    """
    found = _named(table)
    with open_warehouse(settings) as connection:
        return feature_rows.latest(connection, found.latest, found.key, _values(found, key), limit)


def history(settings: Settings, table: str, key: Sequence[str] | None = None, as_known_at: str | None = None,
            limit: int = MAX_ROWS) -> pd.DataFrame:
    """With `as_known_at` (ISO UTC): per key the row known then. Without: every version of one key, oldest first.

    Raises InputRefused when there is no such feature table or moment, or when neither key nor moment is given.
    """
    found = _named(table)
    moment = None if as_known_at is None else _moment(as_known_at)
    with open_warehouse(settings) as connection:
        if moment is not None:
            return feature_rows.as_known_at(connection, found.name, found.key, moment, TIME, TIES, _values(found, key), limit)
        if key is None:
            raise InputRefused("every version of every key is too much to show", table, "give a key or a moment")
        return feature_rows.all_versions(connection, found.name, found.key, _values(found, key), TIME)


def moments(settings: Settings, table: str) -> list[str]:
    """The moments (ISO UTC) at which rows of a feature table became known, oldest first."""
    found = _named(table)
    with open_warehouse(settings) as connection:
        return feature_rows.moments(connection, found.name, TIME)


def export(settings: Settings, path: Path, table: str, as_known_at: str | None = None) -> int:
    """Write a feature table (newest rows, or the rows as known at a moment) to a Parquet file; the number of rows."""
    rows = _chosen(settings, table, as_known_at)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_parquet(path, index=False)
    return len(rows)


def parquet(settings: Settings, table: str, as_known_at: str | None = None) -> bytes:
    """The bytes of the file that `export` would write."""
    buffer = BytesIO()
    _chosen(settings, table, as_known_at).to_parquet(buffer, index=False)
    return buffer.getvalue()


def _chosen(settings: Settings, table: str, as_known_at: str | None) -> pd.DataFrame:
    if as_known_at is None:
        return latest(settings, table, limit=ALL_ROWS)
    return history(settings, table, as_known_at=as_known_at, limit=ALL_ROWS)


def _named(table: str) -> FeatureTable:
    for found in read_registry():
        if table in (found.name, found.latest, found.name.removeprefix("feat_")):
            return found
    known = ", ".join(found.name for found in read_registry()) or "none is declared"
    raise InputRefused("there is no such feature table", table, f"choose one of: {known}")


def _moment(text: str) -> str:
    """A moment as it is stored; a day means its last second, another time zone is turned into UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputRefused(f"{text!r} is no moment", "as known at", "write it as YYYY-MM-DDTHH:MM:SSZ") from None
    if len(text) == len("YYYY-MM-DD"):
        moment = datetime.combine(moment, time(23, 59, 59))
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).strftime(FORMAT)


def _values(table: FeatureTable, key: Sequence[str] | None) -> list[str] | None:
    if key is None:
        return None
    if len(key) != len(table.key):
        raise InputRefused(f"the key has {len(table.key)} part(s): {', '.join(table.key)}", table.name, "give one value a part")
    return list(key)
