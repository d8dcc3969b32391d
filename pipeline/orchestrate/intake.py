"""Uploads, files of the tray, files and folders -> loads, one transaction a file.

What somebody decided by hand about a file that loads is remembered for its sender.
"""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.ingest import tray
from pipeline.ingest.batch import load_into
from pipeline.ingest.delivery import Delivery, Progress
from pipeline.ingest.header import shape
from pipeline.ingest.loader import load, read_header
from pipeline.ingest.reading import Reading
from pipeline.ingest.results import LoadResult
from pipeline.ingest.sender import sender_shapes
from pipeline.ingest.tray import Waiting
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.control import sender_memory
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import Database, open_warehouse

#: Longer than most files take to load, so that a build queues behind an upload.
LOCK_WAIT_SECONDS = 30.0


def prepare(settings: Settings) -> None:
    """Bring the warehouse of this home up to date with the contracts; call it under the pipeline
    lock.
    """
    prepare_warehouse(
        settings, {contract.raw_table: contract.delivered for contract in load_contracts().values()}
    )


def ingest_files(
    settings: Settings,
    deliveries: Iterable[Path | Delivery],
    progress: Callable[[str, int, int], None] | None = None,
    by: str = "",
    reading: Reading | None = None,
) -> tuple[LoadResult, ...]:
    """Load files, folders, files of the tray or bytes, one transaction a file; call it under the
    pipeline lock.

    `progress` hears (path, bytes done, bytes total), `by` is who asked, `reading` decides how
    files and folders are read. A refused file comes back as a result with its reason and does not
    stop the others.
    """
    prepare(settings)
    results: list[LoadResult] = []
    with open_warehouse(settings, write=True) as connection:
        for delivery in deliveries:
            heard = partial(progress, str(delivery)) if progress else None
            results += _load_one(settings, connection, delivery, heard, by, reading)
    return tuple(results)


def _load_one(
    settings: Settings,
    connection: Database,
    delivery: Path | Delivery,
    progress: Progress | None,
    by: str,
    reading: Reading | None,
) -> list[LoadResult]:
    """One upload, one file of the tray, or the tables of a path."""
    if isinstance(delivery, Delivery):
        return [
            load(
                connection,
                settings.delivered_dir,
                delivery,
                reading=reading,
                reject_threshold=settings.reject_threshold,
                progress=progress,
            )
        ]
    if delivery.parent.parent == settings.tray_dir:
        return [load_from_tray(settings, connection, delivery.parent.name, progress, by)]
    return load_into(
        connection,
        settings.delivered_dir,
        [delivery],
        reading=reading,
        reject_threshold=settings.reject_threshold,
        progress=(lambda name, done, total: progress(done, total)) if progress else None,
    )


def load_from_tray(
    settings: Settings,
    connection: Database,
    tray_id: str,
    progress: Progress | None = None,
    by: str = "",
) -> LoadResult:
    """Load one file of the tray as somebody wants it to be read; it leaves the tray unless it is
    refused.

    A mapping made by hand is remembered for files with that header, how it is read for files of
    that sender.
    """
    file = tray.get(settings.tray_dir, tray_id)
    result = load(
        connection,
        settings.delivered_dir,
        file.delivery,
        reading=file.reading,
        reject_threshold=settings.reject_threshold,
        progress=progress,
    )
    if result.status == "loaded" and result.load_id:
        _remember(settings, file, result.entity, result.load_id, by)
    if result.status != "refused":
        tray.take_out(settings.tray_dir, tray_id)
    return result


def _remember(settings: Settings, file: Waiting, entity: str | None, load_id: str, by: str) -> None:
    """Keep what was decided by hand about a loaded file; a recalled reading that somebody set back
    to inferred is forgotten.
    """
    reading, contracts = file.reading, load_contracts()
    with open_control(settings) as control:
        if reading.mapping is not None:
            header = shape(read_header(file.delivery, contracts, reading).header)
            sender_memory.remember(
                control,
                sender_memory.MAPPING,
                header,
                {"entity": entity, "mapping": dict(reading.mapping)},
                file.name,
                load_id,
                by,
            )
        shapes = (
            sender_shapes(file.delivery, contracts)
            if reading.is_shape or reading.recalled_from
            else None
        )
        if shapes is None:
            return
        memory_shape = (shapes[0] if reading.encoding else shapes[1]) if reading.is_shape else None
        for shape_of_sender in shapes:
            if shape_of_sender == memory_shape:
                sender_memory.remember(
                    control,
                    sender_memory.READING,
                    memory_shape,
                    reading.shape,
                    file.name,
                    load_id,
                    by,
                )
            else:
                sender_memory.forget_shape(control, sender_memory.READING, shape_of_sender, by)
