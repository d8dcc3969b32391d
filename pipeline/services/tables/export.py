"""Write a table to a file under a privacy profile, with a manifest of what was done to each
column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.privacy.export_profiles import PROFILES, Profile
from pipeline.privacy.masking import is_hidden
from pipeline.services.access.roles import EXPORT, needs
from pipeline.services.tables import outgoing, screen_downloads
from pipeline.services.tables.outgoing import FORMATS, to_file
from pipeline.services.tables.release_records import FOLDER, Request, manifests
from pipeline.services.tables.visible import open_visible, refuse_masked
from pipeline.store.browse.chunks import chunks
from pipeline.store.browse.filters import Filter
from pipeline.store.browse.tables import row_count
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import column_types
from pipeline.store.warehouse import builds

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "FORMATS",
    "NEEDS_NOTE",
    "PROFILES",
    "export",
    "into_home",
    "manifests",
    "page_refusal",
    "refusal",
    "treatments",
]

NEEDS_NOTE = "limited_data_set"
OnProgress = Callable[[int, int], None]


@needs(EXPORT)
def export(
    settings: Settings,
    table: str,
    path: Path,
    profile: str = "safe_harbor",
    filters: Sequence[Filter] = (),
    note: str = "",
    author: str = "",
    on_progress: OnProgress | None = None,
) -> dict:
    """Write `table` (the rows that meet `filters`) as CSV or Parquet, by the ending of `path`, and
    a manifest beside it.

    `profile` is safe_harbor, limited_data_set or internal; `on_progress` hears rows read and rows
    in all. An export that is stopped leaves no file. Raises InputRefused for an unknown table,
    profile or ending, and under safe_harbor for rows of fewer than eleven people.
    """
    if profile != "internal":
        refuse_masked(table, (condition.column for condition in filters))
    with open_visible(
        settings, *(() if profile == "internal" else (table,)), for_export=True
    ) as connection:
        request = Request(
            table,
            profile,
            author,
            note=note,
            filters=[_filter_record(table, condition) for condition in filters],
            stamp=builds.newest_stamp(connection) or {},
        )
        _, pieces = chunks(connection, table, filters=filters)
        total = row_count(connection, table, filters) if on_progress else 0
        return to_file(
            settings,
            path,
            _with_progress(pieces, total, on_progress),
            column_types(connection, table),
            request,
        )


@needs(EXPORT)
def into_home(
    settings: Settings,
    table: str,
    ending: str,
    profile: str,
    filters: Sequence[Filter] = (),
    note: str = "",
    author: str = "",
    on_progress: OnProgress | None = None,
) -> dict:
    """The same into the folder `exports` of the home, under a name of its own. A limited data set
    needs a note.
    """
    if profile == NEEDS_NOTE and not note.strip():
        raise InputRefused(
            "needs a note on the data use agreement",
            profile,
            "say who receives it, and under which agreement",
        )
    moment = utc_now().translate(str.maketrans("", "", "-:"))
    path = settings.home / FOLDER / f"{table}_{profile}_{moment}{ending}"
    return export(settings, table, path, profile, filters, note.strip(), author, on_progress)


def refusal(settings: Settings, table: str, profile: str) -> str | None:
    """Why a table does not leave under a profile; None when it does."""
    return outgoing.refusal(table, profile)


def page_refusal(settings: Settings, table: str, page: pd.DataFrame) -> str | None:
    """Why a page of a table is not offered as a file; None when it is."""
    return screen_downloads.page_refusal(table, page)


def treatments(table: str, columns: Sequence[str], profile: str) -> dict[str, str]:
    """Column -> what a profile does to it: kept, left out, a random code, or made coarser."""
    treated = Profile(profile, table, None)
    return {column: treated.treatment(column) for column in columns}


def _with_progress(pieces: Iterable, total: int, on_progress: OnProgress | None) -> Iterable:
    rows = 0
    for piece in pieces:
        rows += len(piece)
        yield piece
        if on_progress:
            on_progress(rows, total)


def _filter_record(table: str, condition: Filter) -> dict:
    """A filter for the manifest; the value of a column of patients stays out of it."""
    hidden = is_hidden(table, condition.column)
    return {
        "column": condition.column,
        "operator": condition.operator,
        "value": "(not told)" if hidden else condition.value,
        **({"is_alternative": True} if condition.is_alternative else {}),
    }
