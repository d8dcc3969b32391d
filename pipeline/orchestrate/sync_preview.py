"""What a sync would do, without loading and without a trace in the home."""

from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.config import Settings
from pipeline.connect.connector import RemoteFile
from pipeline.connect.failures import SourceFailed
from pipeline.connect.opening import Connection
from pipeline.connect.staging import Staging, local_name, sha256_of
from pipeline.declared.sources import load_contracts
from pipeline.ingest.batch import deliveries
from pipeline.ingest.limits import Limits
from pipeline.ingest.preview import preview
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate.sync import Sync, definition_of, look_at
from pipeline.orchestrate.sync_files import SyncFile
from pipeline.store.control import connectors
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation


def dry_run(settings: Settings, name: str) -> Sync:
    """A look at a source that fetches what is new into a folder that goes away again, and tells
    what each file would be read as (`new`, or why it would be refused). Raises as `sync`.
    """
    definition, started = definition_of(settings, name), utc_now()
    with open_control(settings) as control:
        known = connectors.known_keys(control, name)
        cursor = connectors.get(control, name).cursor
    with Connection(definition) as connection, TemporaryDirectory() as scratch:
        staging = Staging(Path(scratch))
        look = look_at(connection, definition, known, cursor)
        new = [_looked_at(settings, connection, staging, file, name, cursor) for file in look.new]
    return Sync(
        name,
        len(look.present),
        look.known,
        (*new, *look.others),
        started_at=started,
        finished_at=utc_now(),
    )


def _looked_at(
    settings: Settings,
    connection: Connection,
    staging: Staging,
    file: RemoteFile,
    connector: str,
    cursor: str | None,
) -> SyncFile:
    key = file.key(connector)
    part = staging.part(key)
    try:
        came = connection.ask(lambda each: each.fetch(file, part, cursor))
    except SourceFailed as error:
        return SyncFile(file.shown, "failed", file.size or 0, reason=error.one_line)
    if came.rows == 0:
        return SyncFile(file.shown, "nothing_new")
    place = staging.arrived(key, local_name(file), file.modified or 0.0)
    try:
        return _judged(settings, file, place, staging.folder)
    finally:
        staging.drop(key)


def _judged(settings: Settings, file: RemoteFile, place: Path, scratch: Path) -> SyncFile:
    contracts, others = load_contracts(), list[LoadResult]()
    states, sources, reasons = [], [], []
    for delivery, _ in deliveries(place, contracts, others, scratch, Limits.of(settings)):
        if warehouse_exists(settings):
            with open_warehouse(settings) as warehouse:
                knows = has_relation(warehouse, "ops_loads")
                shown = preview(delivery, connection=warehouse if knows else None)
        else:
            shown = preview(delivery)
        state = "refused" if shown.refused else "already_loaded" if shown.already_loaded else "new"
        states.append(state)
        sources += [shown.entity] if shown.entity else []
        reasons += [shown.refused] if shown.refused else []
    states += [each.status for each in others]
    reasons += [each.reason for each in others if each.reason]
    order = ("new", "already_loaded", "refused", "left_out")
    return SyncFile(
        file.shown,
        next((each for each in order if each in states), "left_out"),
        place.stat().st_size,
        sha256_of(place),
        tuple(dict.fromkeys(sources)),
        reason="; ".join(reasons) or None,
    )
