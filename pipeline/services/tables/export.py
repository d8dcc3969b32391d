"""Write a table to a file under a privacy profile, with a manifest of what was done to each
column.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeline.config import Settings, project_version
from pipeline.errors import InputRefused
from pipeline.privacy.column_meaning import ALL_ROWS, meaning
from pipeline.privacy.export_profiles import PROFILES, Profile
from pipeline.privacy.masking import sensitive_columns
from pipeline.services.tables.export_files import whole, write
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse.chunks import chunks
from pipeline.store.browse.filters import Filter
from pipeline.store.browse.tables import row_count
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import column_types
from pipeline.store.warehouse import builds

__all__ = [
    "FORMATS",
    "NEEDS_NOTE",
    "PROFILES",
    "export",
    "into_home",
    "manifests",
    "refusal",
    "treatments",
]

#: Copies of what senders delivered, with every patient value in them: not for export under any
#: profile but internal.
AS_DELIVERED = ("raw_", "stg_", "ops_")
FORMATS = (".csv", ".parquet")
FOLDER = "exports"
NEEDS_NOTE = "limited_data_set"
OnProgress = Callable[[int, int], None]


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

    `profile` is safe_harbor, limited_data_set or internal; `told` hears rows written and rows in
    all. An export that is stopped leaves no file. Raises InputRefused for an unknown table, profile
    or ending.
    """
    if path.suffix not in FORMATS:
        raise InputRefused("is neither .csv nor .parquet", path.name, "name the file accordingly")
    if why := refusal(settings, table, profile):
        raise InputRefused(why, table, "export a table made from it, or use the profile internal")
    with open_visible(
        settings, *(() if profile == "internal" else (table,)), for_export=True
    ) as connection:
        stamp = builds.newest_stamp(connection) or {}
        treated = Profile(profile, table, stamp.get("as_of"))
        columns, pieces = chunks(connection, table, filters=filters)
        total = row_count(connection, table, filters) if on_progress else 0
        types = {
            name: declared
            for name, declared in column_types(connection, table).items()
            if treated.treatment(name) == "kept"
        }
        rows = write(
            path,
            _with_progress((treated.apply(piece) for piece in pieces), total, on_progress),
            types,
        )
    manifest = {
        "file": str(path),
        "table": table,
        "profile": profile,
        "rows": rows,
        "made_at": utc_now(),
        **stamp,
        "project_version": project_version(),
        "sha256": _fingerprint(path),
        "made_by": author,
        "note": note,
        "filters": [_filter_record(table, condition) for condition in filters],
        "columns": [{"name": column, "treatment": treated.treatment(column)} for column in columns],
        "manifest": str(path.with_name(path.name + ".manifest.json")),
    }
    with whole(Path(manifest["manifest"])) as partial:
        partial.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


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


def manifests(settings: Settings) -> list[dict]:
    """Manifests of the exports that lie in the home, newest first."""
    manifests = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in (settings.home / FOLDER).glob("*.manifest.json")
    ]
    return sorted(
        (manifest for manifest in manifests if Path(manifest["file"]).exists()),
        key=lambda manifest: manifest["made_at"],
        reverse=True,
    )


def refusal(settings: Settings, table: str, profile: str) -> str | None:
    """Why a table does not leave under a profile; None when it does."""
    if profile == "internal":
        return None
    if table.startswith(AS_DELIVERED):
        return "holds cells as delivered, which no profile covers"
    told = meaning(table)
    if told and told.cells == ALL_ROWS:
        return "holds almost only small cells, which no profile covers"
    return None


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
    hidden = condition.column in sensitive_columns(table)
    return {
        "column": condition.column,
        "operator": condition.operator,
        "value": "(not told)" if hidden else condition.value,
    }


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
