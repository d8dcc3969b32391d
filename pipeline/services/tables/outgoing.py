"""The one place where rows become a file that may leave: under a privacy profile, with a manifest
of what was done to each column, and with a record in the audit trail before anybody has the file.

Exports, feature tables, training sets and pushes to Feast come here, what a screen shows goes
through `screen_downloads`;
tests/architecture/test_outgoing.py finds whoever writes a table elsewhere.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.privacy.column_meaning import ALL_ROWS, holds_gated_cells, meaning
from pipeline.privacy.export_profiles import PROFILES, Profile
from pipeline.privacy.misplaced_values import name_shape
from pipeline.privacy.released_rows import ReleasedRows
from pipeline.privacy.shown_rows import ShownRows
from pipeline.services.access.roles import EXPORT, needs
from pipeline.services.tables.export_files import (
    csv_bytes,
    parquet_bytes,
    typed_parquet,
    whole,
    write_rows,
)
from pipeline.services.tables.release_records import (
    MANIFEST,
    Request,
    as_they_are,
    manifest_of,
    record,
)

FORMATS = (".csv", ".parquet")


def refusal(table: str, profile: str) -> str | None:
    """Why a table does not leave under a profile; None when it does."""
    if profile == "internal":
        return None
    if not holds_gated_cells(table):
        return "holds cells as delivered, which no profile covers"
    if meaning(table).cells == ALL_ROWS:
        return "holds almost only small cells, which no profile covers"
    return None


def check_ending(path: Path) -> None:
    """Raise InputRefused for a file that is neither CSV nor Parquet by its name."""
    if path.suffix not in FORMATS:
        raise InputRefused("is neither .csv nor .parquet", path.name, "name the file accordingly")


def check(request: Request) -> None:
    """Raise InputRefused for an unknown profile, or a table that does not leave under it."""
    if request.profile not in PROFILES:
        raise InputRefused(
            "unknown privacy profile", request.profile, f"choose one of {', '.join(PROFILES)}"
        )
    if why := refusal(request.subject, request.profile):
        raise InputRefused(
            why, request.subject, "export a table made from it, or use the profile internal"
        )


@needs(EXPORT)
def to_file(
    settings: Settings,
    path: Path,
    frames: Iterable[pd.DataFrame],
    types: Mapping[str, str],
    request: Request,
) -> dict[str, Any]:
    """Write rows of the table `request.subject` to `path`, CSV or Parquet by its ending, and their
    manifest beside it; returns the manifest.

    `types` are the types of the columns as they stand. The file appears whole, and after its
    record; one that is stopped leaves nothing. Raises InputRefused as `check` does, for another
    ending, and for rows of too few people.
    """
    check_ending(path)
    check(request)
    released = _released(frames, types, request)
    with whole(path) as partial:
        written = write_rows(partial, path.suffix, released.pieces(), released.types_kept)
        manifest = manifest_of(settings, request, written, _fingerprint(partial)) | _treated(
            released
        )
        record(settings, request, manifest, path.name)
    return _with_manifest_file(path, manifest)


@needs(EXPORT)
def rows(
    settings: Settings, frame: pd.DataFrame, types: Mapping[str, str], request: Request
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Rows that are printed instead of written: treated and recorded all the same, with their
    manifest.
    """
    check(request)
    released = _released([frame], types, request)
    treated = pd.concat(released.pieces(), ignore_index=True)
    digest = hashlib.sha256(csv_bytes(treated)).hexdigest()
    manifest = manifest_of(settings, request, len(treated), digest) | _treated(released)
    record(settings, request, manifest, request.subject)
    return treated, manifest


@needs(EXPORT)
def table_bytes(
    settings: Settings,
    ending: str,
    frames: Iterable[pd.DataFrame],
    types: Mapping[str, str],
    request: Request,
) -> bytes:
    """The same as `to_file`, as the bytes of a download; the record holds the manifest."""
    return table_in_memory(settings, ending, frames, types, request)[0]


@needs(EXPORT)
def table_in_memory(
    settings: Settings,
    ending: str,
    frames: Iterable[pd.DataFrame],
    types: Mapping[str, str],
    request: Request,
) -> tuple[bytes, dict[str, Any]]:
    """The same as `to_file`, as the bytes of a download, and the manifest."""
    with tempfile.TemporaryDirectory(dir=settings.home) as folder:
        path = Path(folder) / f"{request.subject}{ending}"
        manifest = to_file(settings, path, frames, types, request)
        return path.read_bytes(), _without_places(manifest)


@needs(EXPORT)
def made_to_file(path: Path, content: bytes) -> None:
    """Write what was made, and recorded, here to a file: whole or not at all."""
    with whole(path) as partial:
        partial.write_bytes(content)


@needs(EXPORT)
def joined_to_file(
    settings: Settings, path: Path, frame: pd.DataFrame, request: Request
) -> dict[str, Any]:
    """Features joined to the rows of somebody's own file, in their order, to CSV or Parquet; under
    another profile than internal the caller has left out what does not leave, and texts must have
    an allowed shape.
    """
    with whole(path) as partial:
        content, manifest = joined_in_memory(settings, path.suffix, frame, request, path.name)
        partial.write_bytes(content)
    return _with_manifest_file(path, manifest)


@needs(EXPORT)
def joined_in_memory(
    settings: Settings, ending: str, frame: pd.DataFrame, request: Request, name: str = ""
) -> tuple[bytes, dict[str, Any]]:
    """The same as the bytes of a download, and the manifest; nothing of it touches the disk."""
    released = ShownRows(frame, frame.columns) if request.profile != "internal" else None
    kept = frame if released is None else released.frame
    content = csv_bytes(kept) if ending == ".csv" else parquet_bytes(kept)
    digest = hashlib.sha256(content).hexdigest()
    manifest = manifest_of(settings, request, len(kept), digest) | {
        "columns": released.column_records() if released else as_they_are(frame)
    }
    record(settings, request, manifest, name or f"{request.subject}{ending}")
    return content, manifest


@needs(EXPORT)
def pushed(settings: Settings, path: Path, frame: pd.DataFrame, request: Request) -> dict[str, Any]:
    """A frame with the types that it has to a Parquet file for a feature store, which looks rows up
    by key: what `request.profile` keeps here was left out before.
    """
    with whole(path) as partial:
        typed_parquet(partial, frame)
        manifest = manifest_of(settings, request, len(frame), _fingerprint(partial)) | {
            "columns": as_they_are(frame)
        }
        record(settings, request, manifest, path.name)
    return _with_manifest_file(path, manifest)


def _released(
    frames: Iterable[pd.DataFrame], types: Mapping[str, str], request: Request
) -> ReleasedRows:
    profile = Profile(request.profile, request.subject, request.as_of)
    return ReleasedRows(request.subject, profile, frames, types)


def _treated(released: ReleasedRows) -> dict[str, Any]:
    return {"columns": released.column_records(), "anonymity": released.anonymity or None}


def _with_manifest_file(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    beside = path.with_name(path.name + MANIFEST)
    with whole(beside) as partial:
        document = {"file": name_shape(path.name, manifest["table"]), **manifest}
        partial.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return {"file": str(path), **manifest, "manifest": str(beside)}


def _without_places(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest without the paths of this machine."""
    return {name: value for name, value in manifest.items() if name not in ("file", "manifest")}


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
