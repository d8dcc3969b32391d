"""What a screen shows as a file: masked as the screen is, or whole under the profile internal.

Cells that may not leave are left out; each download is in the audit trail before anybody has it.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config import Settings
from pipeline.privacy.column_meaning import meaning
from pipeline.privacy.equivalence_classes import SMALLEST_CLASS
from pipeline.privacy.masking import is_hidden
from pipeline.privacy.released_rows import rows_are_people
from pipeline.privacy.shown_rows import ShownRows
from pipeline.privacy.small_counts import leaves_out_few
from pipeline.services.access.roles import EXPORT, SEE, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.tables.export_files import (
    Annotated,
    csv_bytes,
    json_bytes,
    printable_bytes,
    workbook_bytes,
)
from pipeline.services.tables.outgoing import refusal, table_bytes
from pipeline.services.tables.release_records import (
    DEFAULT_PROFILE,
    MANIFEST,
    Request,
    as_they_are,
    manifest_of,
    record,
)
from pipeline.services.tables.visible import without_hidden_cells

SCREEN = "screen"
QUESTION = "question"


@needs(SEE)
def page_bytes(settings: Settings, table: str, page: pd.DataFrame, author: str) -> bytes:
    """A page of a table as the CSV of a download: what an export under safe_harbor would hold of
    it, hidden cells empty as there, without the columns that the screen masks.
    """
    emptied = without_hidden_cells(settings, page, table, for_export=True)
    kept = emptied[[name for name in page.columns if not is_hidden(table, name)]]
    return table_bytes(
        settings, ".csv", [kept], {}, Request(table, DEFAULT_PROFILE, author, action="download")
    )


def page_refusal(table: str, page: pd.DataFrame) -> str | None:
    """Why a page of a table is not offered as a file; None when it is."""
    if why := refusal(table, DEFAULT_PROFILE):
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
        {
            *of_nobody,
            *(column for column in own if not leaves_out_few(told[column], DEFAULT_PROFILE)),
        },
    )
    content = written(released.frame)
    request = Request(name, SCREEN, author, "download")
    digest = hashlib.sha256(content).hexdigest()
    manifest = manifest_of(settings, request, len(frame), digest)
    record(settings, request, manifest | {"columns": released.column_records()}, name)
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
    request = Request(QUESTION, DEFAULT_PROFILE, author, "download", filters=told, stamp=stamp)
    released = ShownRows(frame, frame.columns)
    content = (json_bytes if ending == ".json" else csv_bytes)(released.frame)
    digest = hashlib.sha256(content).hexdigest()
    record(
        settings,
        request,
        manifest_of(settings, request, len(frame), digest) | {"columns": released.column_records()},
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
    manifest = manifest_of(settings, request, len(frame), digest) | {"columns": as_they_are(frame)}
    record(settings, request, manifest, name)
    return content


@needs(EXPORT)
def annotated(settings: Settings, content: Annotated, name: str, author: str, note: str) -> bytes:
    """Rows as they were delivered, as the workbook of a download for their sender: the profile is
    internal, and the record says so.
    """
    request = Request(name, "internal", author, "download", note)
    book = workbook_bytes(content)
    digest = hashlib.sha256(book).hexdigest()
    manifest = manifest_of(settings, request, len(content.rows), digest) | {
        "columns": as_they_are(content.rows)
    }
    record(settings, request, manifest, name)
    return book


@needs(SEE)
def file_again(settings: Settings, path: Path, author: str) -> bytes:
    """A file that was exported before, for a download; recorded with its manifest's profile."""
    content = path.read_bytes()
    manifest = json.loads(path.with_name(path.name + MANIFEST).read_text(encoding="utf-8"))
    request = Request(manifest["table"], manifest["profile"], author, "download", manifest["note"])
    digest = hashlib.sha256(content).hexdigest()
    record(settings, request, manifest_of(settings, request, manifest["rows"], digest), path.name)
    return content
