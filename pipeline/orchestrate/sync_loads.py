"""Load what syncs have fetched, and put on record what became of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.config import Settings
from pipeline.connect.staging import Staging, sha256_of
from pipeline.ingest import tray
from pipeline.ingest.delivery import chunks
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate.intake import ingest_brought
from pipeline.orchestrate.lock import hold_lock
from pipeline.orchestrate.sync_drift import drift_of
from pipeline.orchestrate.sync_files import SyncFile
from pipeline.store.control import connectors
from pipeline.store.control.connectors import Delivered
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import brought

#: The order in which the fates of the tables of one delivery decide what it is called.
OUTCOMES = ("loaded", "already_loaded", "refused", "left_out")


def load_fetched(settings: Settings, connector: str, staging: Staging, by: str) -> list[SyncFile]:
    """Load every delivery whose bytes lie in the home, each in a transaction of its own, and note
    each as soon as it is committed. Raises PipelineBusy when the home stays busy.
    """
    with open_control(settings) as control:
        waiting = {each.key: each for each in connectors.fetched(control, connector)}
    files = [file for each in list(waiting.values()) for file in _lost(settings, staging, each)]
    for file_key in [key for key, each in waiting.items() if not _is_here(staging, each)]:
        del waiting[file_key]
    if not waiting:
        return files
    paths = [(key, staging.place(key, each.deliver_as)) for key, each in waiting.items()]
    with hold_lock(settings, f"sync {connector}", settings.wait_seconds):
        for key, results in ingest_brought(settings, paths, by):
            file = _with_drift(settings, key, _fate(waiting[key], results))
            if file.state == "refused" and waiting[key].cursor is None:
                _leave_in_tray(settings, staging.place(key, waiting[key].deliver_as))
            with open_control(settings) as control:
                connectors.note_done(control, key, file.state, file.load_ids, file.reason)
            staging.drop(key)
            files.append(file)
    return files


def _is_here(staging: Staging, delivered: Delivered) -> bool:
    place = staging.place(delivered.key, delivered.deliver_as)
    return place.is_file() and sha256_of(place) == delivered.sha256


def _lost(settings: Settings, staging: Staging, delivered: Delivered) -> Iterator[SyncFile]:
    """A delivery whose bytes are no longer in the home, as after a restore: it is done when it
    became a load, and is forgotten, so that it is fetched again, when not.
    """
    if _is_here(staging, delivered):
        return
    staging.drop(delivered.key)
    load_ids: list[str] = []
    if warehouse_exists(settings):
        with open_warehouse(settings) as warehouse:
            if has_relation(warehouse, "ops_loads"):
                load_ids = brought.loads_of(warehouse, delivered.key)
    with open_control(settings) as control:
        if load_ids:
            connectors.note_done(control, delivered.key, "loaded", load_ids)
        else:
            connectors.forget(control, [delivered.key])
    if load_ids:
        yield SyncFile(
            delivered.file, "loaded", delivered.bytes, delivered.sha256, load_ids=tuple(load_ids)
        )


def _fate(delivered: Delivered, results: Sequence[LoadResult]) -> SyncFile:
    """What became of a delivery, which may hold several tables."""
    statuses = {result.status for result in results}
    state = next((each for each in OUTCOMES if each in statuses), "left_out")
    reasons = [result.reason for result in results if result.reason and result.status != "loaded"]
    mine = [each for each in results if each.load_id]
    return SyncFile(
        delivered.file,
        state,
        delivered.bytes,
        delivered.sha256,
        tuple(dict.fromkeys(each.entity for each in mine if each.entity)),
        tuple(each.load_id for each in mine if each.load_id),
        sum(each.accepted for each in results if each.status == "loaded"),
        "; ".join(reasons) or None,
        _decision(state, results),
    )


def _decision(state: str, results: Sequence[LoadResult]) -> str | None:
    if state == "loaded":
        return "take"
    if state != "refused":
        return None
    return "ask" if any(result.asks for result in results) else "hold"


def _with_drift(settings: Settings, key: str, file: SyncFile) -> SyncFile:
    """The file with what is different in the loads that this delivery became."""
    with open_warehouse(settings) as warehouse:
        drift = [
            sentence
            for load_id in brought.loads_of(warehouse, key)
            for sentence in drift_of(warehouse, settings, load_id)
        ]
    return replace(file, drift=tuple(dict.fromkeys(drift)))


def _leave_in_tray(settings: Settings, path: Path) -> None:
    """Put a refused file where a person can say how it is to be read."""
    with path.open("rb") as stream:
        tray.put(settings.tray_dir, path.name, chunks(stream))
