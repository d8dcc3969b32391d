"""Dropped files that wait in the tray: keep them, look at them, read them otherwise, load them or
take them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused, of_the_machine
from pipeline.ingest import preview, tray
from pipeline.ingest.delivery import Delivery, chunks
from pipeline.ingest.header import looks_like_data
from pipeline.ingest.inspection import Inspection, inspect
from pipeline.ingest.limits import Limits
from pipeline.ingest.questions import Question
from pipeline.ingest.reading import DELIMITERS, ENCODINGS, MAX_HEADER_ROWS, Reading
from pipeline.ingest.recognition import entity_of_name
from pipeline.ingest.results import LoadResult, Preview
from pipeline.ingest.tray import Waiting
from pipeline.orchestrate import senders
from pipeline.services.access.roles import OPERATE, SEE, needs
from pipeline.services.run import runs
from pipeline.services.upload.masked_cells import masked_rows
from pipeline.store.control.runs import Run
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "MAX_HEADER_ROWS",
    "Look",
    "Question",
    "Reading",
    "Waiting",
    "keep",
    "load",
    "look",
    "read_as",
    "submit",
    "take_out",
    "waiting",
]

#: Files up to this many bytes in all are loaded at once; more by the worker process, which the page
#: only watches.
AT_ONCE_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Look:
    """How a file of the tray is read: what was inferred or chosen (`readings`, as `explained`), its
    first rows with their physical line (masked; while the source is unknown, only the shape of each
    cell), why it would be refused, what it asks, and which load holds its bytes already.
    `names_are_data` says that the header was inferred to be a row of data; `named` is the source
    that the file's name names;
    `sheets` are those of a workbook, or the lists of a JSON document.
    """

    entity: str | None
    encoding: str | None
    delimiter: str | None
    quotechar: str | None
    line_ending: str | None
    header_line: int
    header: dict
    header_cells: tuple[str, ...]
    rows: pd.DataFrame
    readings: tuple[dict, ...]
    rejects: tuple[tuple[int, str], ...]
    refused: str | None
    already_loaded: str | None
    is_json: bool
    shape: str | None
    question: Question | None = None
    names_are_data: bool = False
    named: str | None = None
    sheets: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether it can be loaded."""
        return self.refused is None and self.already_loaded is None

    @property
    def why(self) -> dict[str, str]:
        """Field of the reading -> why it is read so."""
        return {reading["what"]: reading["why"] for reading in self.readings if reading["why"]}


@needs(OPERATE)
def keep(
    settings: Settings,
    name: str,
    stream: BinaryIO,
    on_left_out: Callable[[str], None] = lambda why: None,
) -> str:
    """Put a dropped file into the tray, in pieces, or the files in it when it is an archive.
    Returns its id, or that of the last file in it. What was decided for a sender is recalled.
    `on_left_out` hears of each file of an archive that is no delivery, with why.
    """
    limits = Limits.of(settings)
    tray_id = tray.put(settings.tray_dir, name, chunks(stream))
    tray_ids = tray.take_apart(settings.tray_dir, tray_id, limits, load_contracts(), on_left_out)
    for tray_id in tray_ids:
        file = tray.get(settings.tray_dir, tray_id, limits)
        if file.reading == Reading():
            tray.read_as(settings.tray_dir, tray_id, recalled(settings, file))
    return tray_id


@needs(SEE)
def recalled(settings: Settings, file: Waiting, is_shape_open: bool = True) -> Reading:
    """The reading of a file, with what was decided for earlier files of its sender; without
    `is_shape_open` only the mapping made for an earlier file with its header.
    """
    try:
        inspection = inspected(file)
    except InputRefused:
        return file.reading
    recall = senders.recalled if is_shape_open else senders.with_mapping
    return recall(settings, file.delivery, file.reading, inspection)


def waiting(settings: Settings) -> tuple[Waiting, ...]:
    """The files in the tray, in order of arrival."""
    return tuple(tray.waiting(settings.tray_dir, Limits.of(settings)))


@needs(OPERATE)
def take_out(settings: Settings, tray_ids: Iterable[str]) -> None:
    """Take files out of the tray; nothing of them stays."""
    for tray_id in tray_ids:
        tray.take_out(settings.tray_dir, tray_id)


@needs(OPERATE)
def read_as(settings: Settings, tray_id: str, **choices: Any) -> None:
    """Decide by hand how a file is read (fields of `Reading`, None: as inferred); raises
    InputRefused when it has gone.
    """
    file = tray.get(settings.tray_dir, tray_id, Limits.of(settings))
    reading = replace(
        file.reading,
        **choices,
        recalled=tuple(name for name in file.reading.recalled if name not in choices),
    )
    if reading.mapping is not None and reading.is_remembered and "mapping" not in choices:
        reading = replace(reading, mapping=None, entity=None, is_remembered=False)
    file = replace(file, reading=reading)
    tray.read_as(settings.tray_dir, tray_id, recalled(settings, file, is_shape_open=False))


@needs(OPERATE)
def look(settings: Settings, file: Waiting) -> Look:
    """Look at a file of the tray; a bad file is a look that says what is wrong. Only its first
    lines are read again.
    """
    import pandas as pd

    reading = _found(settings, file)
    rows = pd.DataFrame(
        [list(row) for row in reading.rows], columns=list(reading.columns), dtype=object
    )
    rows = masked_rows(rows, reading.entity)
    names_are_data = file.reading.header_line is None and looks_like_data(reading.header_cells)
    if names_are_data:
        rows.columns = [f"column {at}" for at, _ in enumerate(rows.columns, start=1)]
    rows.insert(0, "line", list(reading.numbers))
    return Look(
        reading.entity,
        reading.encoding,
        reading.delimiter,
        reading.quotechar,
        reading.line_ending,
        reading.header_line,
        reading.header,
        reading.header_cells,
        rows,
        reading.readings,
        reading.rejects,
        reading.refused,
        reading.already_loaded,
        reading.format == "json",
        reading.shape,
        reading.question,
        names_are_data,
        entity_of_name(file.name, load_contracts()),
        reading.sheets,
    )


@needs(OPERATE)
def load(settings: Settings, tray_ids: Sequence[str]) -> list[LoadResult]:
    """Load files of the tray in this process, parents before children; what is loaded leaves the
    tray.

    Raises PipelineBusy when a build runs and does not end in time.
    """
    from pipeline.orchestrate.intake import ingest_files
    from pipeline.orchestrate.lock import hold_lock

    with hold_lock(settings, "ingest", settings.wait_seconds):
        return list(ingest_files(settings, _in_order(settings, tray_ids), by=runs.person()))


@needs(OPERATE)
def submit(settings: Settings, tray_ids: Sequence[str], is_built: bool = False) -> Run:
    """Have the worker load files of the tray, and build all layers with them if `is_built`; an
    active run is returned instead of a second one.
    """
    verb = "run" if is_built else "ingest"
    return runs.submit(settings, verb=verb, paths=_in_order(settings, tray_ids))


def is_large(files: Iterable[Waiting]) -> bool:
    """Whether files are better loaded by the worker than while somebody waits."""
    return sum(file.size for file in files) > AT_ONCE_BYTES


def inspected(file: Waiting) -> Inspection:
    """Hash and encoding of a file, worked out once. Raises InputRefused for bytes that are no
    text.
    """
    return _inspected(file.delivery, file.size, file.arrived)


@lru_cache(maxsize=64)
def _inspected(delivery: Delivery, size: int, arrived: float) -> Inspection:
    return inspect(delivery)


def _found(settings: Settings, file: Waiting) -> Preview:
    """The preview of one file. A file on which the reader itself stumbles is a refused file, so
    that it never hides the others.
    """
    try:
        return _preview(settings, file)
    except Exception as error:
        if of_the_machine(error):
            raise
        # the words of a stranger's exception can quote a value
        why = f"{file.name}: the reader stumbles over it ({type(error).__name__}); take it out"
        return Preview(
            file=file.name,
            entity=None,
            encoding=None,
            delimiter=None,
            quotechar=None,
            line_ending=None,
            header={},
            header_cells=(),
            shape=None,
            columns=(),
            rows=(),
            rejects=(),
            already_loaded=None,
            refused=why,
        )


def _preview(settings: Settings, file: Waiting) -> Preview:
    try:
        inspection = inspected(file)
    except InputRefused:
        inspection = None
    if not warehouse_exists(settings):
        return preview.preview(file.delivery, reading=file.reading, inspection=inspection)
    with open_warehouse(settings) as connection:
        if not has_relation(connection, "ops_loads"):
            return preview.preview(file.delivery, reading=file.reading, inspection=inspection)
        return preview.preview(
            file.delivery, connection=connection, reading=file.reading, inspection=inspection
        )


def _in_order(settings: Settings, tray_ids: Sequence[str]) -> list[Path]:
    """Paths of files in the tray, parents before children."""
    order = list(load_contracts())
    limits = Limits.of(settings)
    files = [tray.get(settings.tray_dir, tray_id, limits) for tray_id in tray_ids]

    def rank(file: Waiting) -> int:
        entity = _found(settings, file).entity
        return order.index(entity) if entity else len(order)

    return [file.path for file in sorted(files, key=rank)]
