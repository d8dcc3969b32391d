"""What anybody gets to see: every relation as the page Tables shows it, and every one that leaves
as a Safe Harbor export.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.services.tables import browse, export
from pipeline.store.browse.tables import MAX_PAGE_ROWS
from pipeline.store.sqlite.database import open_warehouse

SCREEN, EXPORT = "screen", "safe_harbor"
#: Bookkeeping that no page shows, and a list that everybody has.
NOT_LOOKED_AT = ("ops_", "sqlite_", "zip_centroid")


@dataclass(frozen=True)
class Result:
    """One attack: how many secrets it recovered, of how many it was after, and where the first was
    found.
    """

    attack: str
    recovered: int
    of: int
    where: str = ""


@dataclass(frozen=True)
class Published:
    """All rows of one relation as one reader gets them, every cell text as it is written."""

    reader: str
    table: str
    rows: pd.DataFrame

    @property
    def name(self) -> str:
        """Reader and table in one word or two."""
        return f"{self.reader} {self.table}"


def relations(settings: Settings) -> list[str]:
    """Tables and views of the warehouse that somebody may look at."""
    with open_warehouse(settings) as connection:
        names = connection.execute(
            "select name from sqlite_master where type in ('table', 'view') order by name"
        ).fetchall()
    return [name for (name,) in names if not name.startswith(NOT_LOOKED_AT)]


def everything(settings: Settings) -> list[Published]:
    """Every relation under every reader that shows it to somebody who may not see patients."""
    return [
        one
        for table in relations(settings)
        for one in (*_shown(settings, table), *_exported(settings, table))
    ]


def as_shown(settings: Settings, table: str) -> pd.DataFrame:
    """All rows of the page Tables, in its order."""
    pages = []
    while not pages or len(pages[-1]) == MAX_PAGE_ROWS:
        offset = len(pages) * MAX_PAGE_ROWS
        pages.append(
            browse.page(settings, table, limit=MAX_PAGE_ROWS, offset=offset, counts=False).rows
        )
    return pd.concat(pages, ignore_index=True)


def _shown(settings: Settings, table: str) -> Iterator[Published]:
    yield Published(SCREEN, table, _text(as_shown(settings, table)))


def _exported(settings: Settings, table: str) -> Iterator[Published]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{table}.csv"
        try:
            export.export(settings, table, path, EXPORT)
        except InputRefused:
            return
        yield Published(EXPORT, table, pd.read_csv(path, dtype=str, keep_default_na=False))


def _text(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.astype(object).map(_written)


def _written(value: object) -> str:
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
