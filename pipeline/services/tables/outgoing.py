"""The one place where rows become a file that may leave: under a privacy profile, with a manifest
of what was done to each column, and with a record in the audit trail before anybody has the file.

Exports, feature tables, training sets, pushes to Feast and downloads of pages all come here;
tests/architecture/test_outgoing.py finds whoever writes a table elsewhere.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config import Settings
from pipeline.config.project import project_version
from pipeline.errors import InputRefused
from pipeline.privacy.column_meaning import ALL_ROWS, holds_gated_cells, meaning
from pipeline.privacy.equivalence_classes import SMALLEST_CLASS
from pipeline.privacy.export_profiles import PROFILES, Profile
from pipeline.privacy.masking import is_hidden
from pipeline.privacy.misplaced_values import name_shape
from pipeline.privacy.released_rows import ReleasedRows, rows_are_people
from pipeline.privacy.shown_rows import ShownRows
from pipeline.privacy.small_counts import leaves_out_few
from pipeline.services.access.roles import EXPORT, SEE, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.tables.export_files import (
    Annotated,
    csv_bytes,
    json_bytes,
    parquet_bytes,
    printable_bytes,
    typed_parquet,
    whole,
    workbook_bytes,
    write_rows,
)
from pipeline.services.tables.visible import without_hidden_cells
from pipeline.services.why import absent_sources
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import transaction

FORMATS = (".csv", ".parquet")
DEFAULT = "safe_harbor"
SCREEN = "screen"
QUESTION = "question"
MANIFEST = ".manifest.json"
FOLDER = "exports"


@dataclass(frozen=True)
class Request:
    """Who takes what along, under which profile, and why: `action` is export, download or push,
    `note` the reason, `stamp` the build that the rows are of, `filters` which rows.
    """

    subject: str
    profile: str = DEFAULT
    author: str = ""
    action: str = "export"
    note: str = ""
    filters: Sequence[Mapping[str, Any]] = ()
    stamp: Mapping[str, Any] = field(default_factory=dict)

    @property
    def as_of(self) -> str | None:
        """The day on which ages are counted."""
        return self.stamp.get("as_of")


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
        manifest = _manifest(settings, request, written, _fingerprint(partial)) | _treated(released)
        _record(settings, request, manifest, path.name)
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
    manifest = _manifest(settings, request, len(treated), digest) | _treated(released)
    _record(settings, request, manifest, request.subject)
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


@needs(SEE)
def page_bytes(settings: Settings, table: str, page: pd.DataFrame, author: str) -> bytes:
    """A page of a table as the CSV of a download: what an export under safe_harbor would hold of
    it, hidden cells empty as there, without the columns that the screen masks.
    """
    emptied = without_hidden_cells(settings, page, table, for_export=True)
    kept = emptied[[name for name in page.columns if not is_hidden(table, name)]]
    return table_bytes(
        settings, ".csv", [kept], {}, Request(table, DEFAULT, author, action="download")
    )


def page_refusal(table: str, page: pd.DataFrame) -> str | None:
    """Why a page of a table is not offered as a file; None when it is."""
    if why := refusal(table, DEFAULT):
        return why
    if rows_are_people(table, page.columns) and len(page) < SMALLEST_CLASS:
        return f"shows fewer than {SMALLEST_CLASS} people"
    return None


@needs(SEE)
def shown(
    settings: Settings,
    frame: pd.DataFrame,
    name: str,
    author: str,
    of_nobody: Collection[str] = (),
) -> bytes:
    """What a screen shows, as the CSV of a download: masked as the screen is; cells without an
    allowed shape are left out, and whole numbers from one to ten in columns that count people,
    which is every one that is not `of_nobody`. Rows of a table, with others joined to them, have
    the name of the table, and hidden cells empty as in an export.
    """
    return _from_screen(settings, frame, name, author, csv_bytes, of_nobody)


@needs(SEE)
def printed(
    settings: Settings,
    title: str,
    sentences: Sequence[str],
    frame: pd.DataFrame,
    headings: Mapping[str, str],
    name: str,
    author: str,
    of_nobody: Collection[str] = (),
) -> bytes:
    """What a screen says and shows, as a page to print (HTML): recorded, and cells left out as in
    `shown`. The sentences are taken as they are.
    """
    return _from_screen(
        settings,
        frame,
        name,
        author,
        lambda released: printable_bytes(title, sentences, released, headings),
        of_nobody,
    )


def _from_screen(
    settings: Settings,
    frame: pd.DataFrame,
    name: str,
    author: str,
    written: Callable[[pd.DataFrame], bytes],
    of_nobody: Collection[str],
) -> bytes:
    """What `written` makes of a frame without the cells that may not leave, recorded."""
    told = meaning(name).classes
    own = [column for column in frame.columns if column in told]
    emptied = without_hidden_cells(settings, frame[own], name, for_export=True)
    released = ShownRows(
        frame.assign(**{column: emptied[column] for column in own}),
        {*of_nobody, *(column for column in own if not leaves_out_few(told[column], DEFAULT))},
    )
    content = written(released.frame)
    request = Request(name, SCREEN, author, "download")
    digest = hashlib.sha256(content).hexdigest()
    manifest = _manifest(settings, request, len(frame), digest)
    _record(settings, request, manifest | {"columns": released.column_records()}, name)
    return content


@needs(EXPORT)
def answer(
    settings: Settings,
    frame: pd.DataFrame,
    ending: str,
    name: str,
    author: str,
    statement: str,
    tables: Sequence[str],
    stamp: Mapping[str, Any],
) -> bytes:
    """The answer to a question as the bytes of a download, CSV or JSON by `ending`; it was asked of
    what an export under safe_harbor holds of `tables`. Cells without an allowed shape are left out.
    The record keeps the question, so one that may hold an identifier is refused.
    """
    told = [{"question": audit_text.question(statement), "name": name, "tables": list(tables)}]
    request = Request(QUESTION, DEFAULT, author, "download", filters=told, stamp=stamp)
    released = ShownRows(frame, frame.columns)
    content = (json_bytes if ending == ".json" else csv_bytes)(released.frame)
    digest = hashlib.sha256(content).hexdigest()
    _record(
        settings,
        request,
        _manifest(settings, request, len(frame), digest) | {"columns": released.column_records()},
        f"{QUESTION}{ending}",
    )
    return content


@needs(EXPORT)
def unmasked(settings: Settings, frame: pd.DataFrame, name: str, author: str, note: str) -> bytes:
    """Rows as they are, as the CSV of a download, for work that needs every character: the profile
    is internal, and the record says so.
    """
    request = Request(name, "internal", author, "download", note)
    content = csv_bytes(frame)
    digest = hashlib.sha256(content).hexdigest()
    manifest = _manifest(settings, request, len(frame), digest) | {"columns": _as_it_is(frame)}
    _record(settings, request, manifest, name)
    return content


@needs(EXPORT)
def annotated(settings: Settings, content: Annotated, name: str, author: str, note: str) -> bytes:
    """Rows as they were delivered, as the workbook of a download for their sender: the profile is
    internal, and the record says so.
    """
    request = Request(name, "internal", author, "download", note)
    book = workbook_bytes(content)
    digest = hashlib.sha256(book).hexdigest()
    manifest = _manifest(settings, request, len(content.rows), digest) | {
        "columns": _as_it_is(content.rows)
    }
    _record(settings, request, manifest, name)
    return book


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
    manifest = _manifest(settings, request, len(kept), digest) | {
        "columns": released.column_records() if released else _as_it_is(frame)
    }
    _record(settings, request, manifest, name or f"{request.subject}{ending}")
    return content, manifest


@needs(EXPORT)
def pushed(settings: Settings, path: Path, frame: pd.DataFrame, request: Request) -> dict[str, Any]:
    """A frame with the types that it has to a Parquet file for a feature store, which looks rows up
    by key: what `request.profile` keeps here was left out before.
    """
    with whole(path) as partial:
        typed_parquet(partial, frame)
        manifest = _manifest(settings, request, len(frame), _fingerprint(partial)) | {
            "columns": _as_it_is(frame)
        }
        _record(settings, request, manifest, path.name)
    return _with_manifest_file(path, manifest)


def manifests(settings: Settings) -> list[dict[str, Any]]:
    """Manifests of the exports that lie in the home, newest first."""
    found = []
    for beside in (settings.home / FOLDER).glob(f"*{MANIFEST}"):
        path = beside.with_name(beside.name.removesuffix(MANIFEST))
        if path.exists():
            manifest = json.loads(beside.read_text(encoding="utf-8"))
            found.append({**manifest, "file": str(path), "manifest": str(beside)})
    return sorted(found, key=lambda manifest: manifest["made_at"], reverse=True)


@needs(SEE)
def file_again(settings: Settings, path: Path, author: str) -> bytes:
    """A file that was exported before, for a download; recorded with its manifest's profile."""
    content = path.read_bytes()
    manifest = json.loads(path.with_name(path.name + MANIFEST).read_text(encoding="utf-8"))
    request = Request(manifest["table"], manifest["profile"], author, "download", manifest["note"])
    digest = hashlib.sha256(content).hexdigest()
    _record(settings, request, _manifest(settings, request, manifest["rows"], digest), path.name)
    return content


def _released(
    frames: Iterable[pd.DataFrame], types: Mapping[str, str], request: Request
) -> ReleasedRows:
    profile = Profile(request.profile, request.subject, request.as_of)
    return ReleasedRows(request.subject, profile, frames, types)


def _treated(released: ReleasedRows) -> dict[str, Any]:
    return {"columns": released.column_records(), "anonymity": released.anonymity or None}


def _as_it_is(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{"name": str(name), "treatment": "kept"} for name in frame.columns]


def _manifest(settings: Settings, request: Request, written: int, digest: str) -> dict[str, Any]:
    absent = absent_sources.of_subject(settings, request.subject)
    return {
        "table": request.subject,
        "profile": request.profile,
        "rows": written,
        "made_at": utc_now(),
        **request.stamp,
        "project_version": project_version(),
        "sha256": digest,
        "made_by": request.author,
        "note": audit_text.words(request.note),
        "filters": list(request.filters),
        "absent_sources": {source.name: source.state for source in absent},
    }


def _record(settings: Settings, request: Request, manifest: dict[str, Any], name: str) -> None:
    facts = {"file": name_shape(name, request.subject), "author": request.author, **manifest}
    with open_control(settings) as control, transaction(control):
        audit.append(control, request.action, request.subject, facts)


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
