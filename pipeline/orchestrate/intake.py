"""Uploads, files of the tray, files and folders -> loads, one transaction a file.

What somebody decided by hand about a file that loads is remembered for its sender.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from sqlite3 import Connection

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest import tray
from pipeline.ingest.batch import load_into
from pipeline.ingest.delivery import Delivery, Progress, remove_strays
from pipeline.ingest.inspection import inspect
from pipeline.ingest.limits import Limits
from pipeline.ingest.loader import load
from pipeline.ingest.reading import Reading
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate import senders
from pipeline.orchestrate.clock_check import refuse_a_leap, refuse_loads_from_the_future
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.sqlite.database import Database, open_warehouse
from pipeline.store.warehouse import brought, loads


@dataclass
class Together:
    """The loads of one call, which are one delivery: it is named by the first of them."""

    delivery_id: str | None = None

    def note(self, connection: Connection, load_id: str) -> None:
        """A load has come in; inside its transaction."""
        self.delivery_id = self.delivery_id or load_id
        brought.note_together(connection, load_id, self.delivery_id)


def prepare(settings: Settings) -> None:
    """Bring the warehouse of this home up to date with the contracts, and remove what a killed
    process left among the kept bytes; call it under the pipeline lock.

    A home that knows of no load keeps them: its warehouse may be the part that was lost.
    """
    prepare_warehouse(
        settings, {contract.raw_table: contract.delivered for contract in load_contracts().values()}
    )
    with open_warehouse(settings) as connection:
        known = loads.digests(connection)
    if known:
        remove_strays(settings.delivered_dir, known)


def ingest_files(
    settings: Settings,
    deliveries: Iterable[Path | Delivery],
    progress: Callable[[str, int, int], None] | None = None,
    by: str = "",
    reading: Reading | None = None,
) -> tuple[LoadResult, ...]:
    """Load files, folders, files of the tray or bytes, one transaction a file; call it under the
    pipeline lock. What one call loads is one delivery.

    `progress` hears (path, bytes done, bytes total), `by` is who asked, `reading` decides how
    files and folders are read. A refused file comes back as a result with its reason and does not
    stop the others. Raises InputRefused for all of them when the machine's clock is wrong.
    """
    results: list[LoadResult] = []
    together = Together()
    with _open_for_loads(settings) as connection:
        for delivery in deliveries:
            heard = partial(progress, str(delivery)) if progress else None
            results += _load_one(settings, connection, delivery, heard, by, reading, together)
    return tuple(results)


def ingest_brought(
    settings: Settings, fetched: Iterable[tuple[str, Path]], by: str = ""
) -> Iterator[tuple[str, list[LoadResult]]]:
    """Load what a connector brought, (key, path), and tell of each as soon as it is committed; call
    it under the pipeline lock. Raises as `ingest_files`.
    """
    together = Together()
    with _open_for_loads(settings) as connection:
        for key, path in fetched:
            yield key, _load_one(settings, connection, path, None, by, None, together, key)


def _open_for_loads(settings: Settings) -> Database:
    prepare(settings)
    connection = open_warehouse(settings, write=True)
    try:
        refuse_loads_from_the_future(connection)
        refuse_a_leap(connection, settings)
    except BaseException:
        connection.close()
        raise
    return connection


def _load_one(
    settings: Settings,
    connection: Database,
    delivery: Path | Delivery,
    progress: Progress | None,
    by: str,
    reading: Reading | None,
    together: Together,
    brought_as: str | None = None,
) -> list[LoadResult]:
    """One upload, one file of the tray, or the tables of a path."""
    if isinstance(delivery, Delivery):
        return [
            load(
                connection,
                settings.delivered_dir,
                replace(delivery, limits=Limits.of(settings)),
                reading=reading,
                reject_threshold=settings.reject_threshold,
                progress=progress,
                by=by,
                within=together.note,
            )
        ]
    if delivery.parent.parent == settings.tray_dir:
        return [load_from_tray(settings, connection, delivery.parent.name, together, progress, by)]
    return load_into(
        connection,
        settings.delivered_dir,
        [delivery],
        read=partial(
            _read_file, settings, connection, reading or Reading(), by, together, brought_as
        ),
        progress=(lambda name, done, total: progress(done, total)) if progress else None,
        limits=Limits.of(settings),
    )


def _read_file(
    settings: Settings,
    connection: Database,
    reading: Reading,
    by: str,
    together: Together,
    brought_as: str | None,
    delivery: Delivery,
    progress: Progress | None,
) -> LoadResult:
    """Load one file as was decided now, else as for earlier files of its sender; what is decided is
    remembered.
    """
    delivery = replace(delivery, brought_as=brought_as)
    inspection = None
    if senders.has_memory(settings):
        try:
            inspection = inspect(delivery)
            reading = senders.recalled(settings, delivery, reading, inspection)
        except InputRefused:
            inspection = None
    result = load(
        connection,
        settings.delivered_dir,
        delivery,
        reading=reading,
        reject_threshold=settings.reject_threshold,
        progress=progress,
        inspection=inspection,
        by=by,
        within=together.note,
    )
    if result.status == "loaded" and result.load_id and reading != Reading():
        senders.remember(settings, delivery, reading, result.entity, result.load_id, by)
    return result


def load_from_tray(
    settings: Settings,
    connection: Database,
    tray_id: str,
    together: Together,
    progress: Progress | None = None,
    by: str = "",
) -> LoadResult:
    """Load one file of the tray as somebody wants it to be read; it leaves the tray unless it is
    refused.

    A mapping made by hand is remembered for files with that header, how it is read for files of
    that sender.
    """
    file = tray.get(settings.tray_dir, tray_id, Limits.of(settings))
    result = load(
        connection,
        settings.delivered_dir,
        file.delivery,
        reading=file.reading,
        reject_threshold=settings.reject_threshold,
        progress=progress,
        by=by,
        within=together.note,
    )
    if result.status == "loaded" and result.load_id:
        senders.remember(settings, file.delivery, file.reading, result.entity, result.load_id, by)
    if result.status != "refused":
        tray.take_out(settings.tray_dir, tray_id)
    return result
