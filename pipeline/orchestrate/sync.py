"""One sync of a connector: look what lies at the source, fetch what is new, load it, keep count.

Exactly once, whenever it is killed: bytes are noted as fetched when they lie whole in the home, and
as done after the commit of their load, which carries their key. What lies in between is finished
by the next sync before it looks at the source.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import PurePath

from pipeline.config import Settings
from pipeline.connect.connector import Fetched, RemoteFile
from pipeline.connect.definition import Definition
from pipeline.connect.failures import SourceFailed
from pipeline.connect.opening import Connection
from pipeline.connect.staging import Staging, leads_out, local_name, sha256_of
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused, PipelineError
from pipeline.ingest.folder import why_left_out
from pipeline.orchestrate.lock import hold_file
from pipeline.orchestrate.sync_files import SyncFile, arrival_order, is_wanted, settled
from pipeline.orchestrate.sync_loads import load_fetched
from pipeline.store.control import connectors
from pipeline.store.control.connectors import Delivered
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import now, utc_now

LOCK = "sync.lock"
MOST_FILES = 100_000
#: So many deliveries or bytes are loaded under one lock.
BATCH_FILES, BATCH_BYTES = 100, 1024**3
#: Files that are left out again and again do not fill the record of each sync.
KEPT_LEFT_OUT = 20
#: After so many failures in a row that may pass the other files wait for the next sync.
MOST_FAILURES = 3


@dataclass(frozen=True)
class Sync:
    """What a sync came to: files at the source (`seen`), how many of them were delivered before
    (`known`), every other one, and files that are `gone` there and stay here.
    """

    connector: str
    seen: int
    known: int
    files: tuple[SyncFile, ...]
    gone: tuple[str, ...] = ()
    sync_id: int | None = None
    started_at: str = ""
    finished_at: str = ""

    def of_state(self, *states: str) -> list[SyncFile]:
        """The files of some states."""
        return [file for file in self.files if file.state in states]


def definition_of(settings: Settings, name: str) -> Definition:
    """The definition of a connector on record; raises InputRefused when there is none."""
    with open_control(settings) as control:
        stored = connectors.get(control, name)
    return Definition(stored.name, stored.address, stored.options, stored.secrets)


def sync(
    settings: Settings,
    name: str,
    by: str = "",
    again: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Sync:
    """Fetch and load what is new at a connector; `again` also what was refused before.

    Raises InputRefused when there is no such connector, PipelineBusy while it is synced already or
    the home stays busy, SourceFailed when the source cannot be read.
    """
    definition_of(settings, name)
    staging = Staging.of(settings.home, name)
    staging.prepare()
    with hold_file(staging.folder / LOCK, f"sync {name}"):
        # who held the lock may have removed the connector
        definition = definition_of(settings, name)
        with open_control(settings) as control:
            sync_id = connectors.begin_sync(control, name, by)
        try:
            with Connection(definition, sleep) as connection:
                done = _Sync(settings, definition, staging, connection, by, sleep).run(again)
        except BaseException as error:
            what = error.one_line if isinstance(error, PipelineError) else type(error).__name__
            with open_control(settings) as control:
                connectors.end_sync(control, sync_id, "failed", {"error": what})
            raise
        done = replace(done, sync_id=sync_id, finished_at=utc_now())
        with open_control(settings) as control:
            status = "failed" if done.of_state("failed") else "done"
            connectors.end_sync(control, sync_id, status, as_document(done, KEPT_LEFT_OUT))
        return done


def as_document(done: Sync, most_left_out: int | None = None) -> dict:
    """A sync as plain data, for JSON; of files that are left out all, or so many."""
    left_out = done.of_state("left_out")
    hidden = {id(file) for file in left_out[most_left_out:]} if most_left_out is not None else ()
    return {
        "connector": done.connector,
        "sync_id": done.sync_id,
        "started_at": done.started_at,
        "finished_at": done.finished_at,
        "seen": done.seen,
        "known": done.known,
        "left_out": len(left_out),
        "files": [file.as_dict() for file in done.files if id(file) not in hidden],
        "gone": list(done.gone),
    }


class _Sync:
    def __init__(
        self,
        settings: Settings,
        definition: Definition,
        staging: Staging,
        connection: Connection,
        by: str,
        sleep: Callable[[float], None],
    ) -> None:
        self._settings, self._definition = settings, definition
        self._staging, self._connection = staging, connection
        self._by, self._sleep = by, sleep

    def run(self, again: bool) -> Sync:
        started, name = utc_now(), self._definition.name
        finished = load_fetched(self._settings, name, self._staging, self._by)
        with open_control(self._settings) as control:
            refused = connectors.refused(control, name)
            if again:
                connectors.forget(control, [each.key for each in refused])
                refused = []
            known = connectors.known_keys(control, name)
            cursor = connectors.get(control, name).cursor
        look = look_at(self._connection, self._definition, known, cursor, self._sleep)
        self._staging.keep_only({file.key(name) for file in look.new})
        loaded = self._fetch_and_load(look.new, cursor)
        with open_control(self._settings) as control:
            gone = []
            if self._definition.reader != "table":
                files = {file.shown for file in look.present}
                keys = {file.key(name) for file in look.present}
                unread = tuple(file.shown for file in look.present if file.unread)
                gone = connectors.note_presence(control, name, files, keys, unread)
        waiting = [
            SyncFile(each.file, "refused", each.bytes, reason=f"as before: {each.reason}")
            for each in refused
            if "cursor" in self._definition.options
        ]
        told = (*finished, *loaded, *look.others, *waiting)
        return Sync(name, len(look.present), look.known, told, tuple(gone), started_at=started)

    def _fetch_and_load(self, new: Sequence[RemoteFile], cursor: str | None) -> list[SyncFile]:
        files: list[SyncFile] = []
        failures = fetched = size = 0
        for file in new:
            if failures >= MOST_FAILURES:
                files.append(SyncFile(file.shown, "failed", reason="not tried after the others"))
                continue
            try:
                came = self._fetch(file, cursor)
            except SourceFailed as error:
                failures += error.is_passing
                files.append(SyncFile(file.shown, "failed", file.size or 0, reason=error.one_line))
                continue
            failures = 0
            if isinstance(came, SyncFile):
                files.append(came)
                continue
            fetched, size = fetched + 1, size + came.bytes
            if fetched >= BATCH_FILES or size >= BATCH_BYTES:
                files += self._load()
                fetched = size = 0
        return files + self._load()

    def _load(self) -> list[SyncFile]:
        return load_fetched(self._settings, self._definition.name, self._staging, self._by)

    def _fetch(self, file: RemoteFile, cursor: str | None) -> Delivered | SyncFile:
        """Bring the bytes of a file into the home, whole, and note that they are there; a SyncFile
        for one that is none yet.
        """
        key, name = file.key(self._definition.name), local_name(file)
        part = self._staging.part(key)
        came = self._connection.ask(lambda each: each.fetch(file, part, cursor))
        if came.rows == 0:
            self._staging.drop(key)
            return SyncFile(file.shown, "nothing_new")
        if self._connection.ask(lambda each: each.look(file)).version != file.version:
            self._staging.drop(key)
            return SyncFile(file.shown, "arriving", reason="changed while it was fetched")
        return self._note(file, came, key, name)

    def _note(self, file: RemoteFile, came: Fetched, key: str, name: str) -> Delivered:
        written = file.modified if file.modified is not None else now().timestamp()
        place = self._staging.arrived(key, name, written)
        delivered = Delivered(
            key,
            self._definition.name,
            file.shown,
            "fetched",
            sha256_of(place),
            place.stat().st_size,
            name,
            written,
            came.cursor,
        )
        with open_control(self._settings) as control:
            connectors.note_fetched(control, delivered)
        return delivered


@dataclass(frozen=True)
class Look:
    """What lies at a source: every file, those that are new and whole in the order in which they
    are loaded, how many were delivered before, and the others with why.
    """

    present: tuple[RemoteFile, ...]
    new: tuple[RemoteFile, ...]
    known: int
    others: tuple[SyncFile, ...]


def look_at(
    connection: Connection,
    definition: Definition,
    known: set[str],
    cursor: str | None,
    sleep: Callable[[float], None] = time.sleep,
) -> Look:
    """Look at a source; waits once for files that may still be written to."""
    most = int(definition.number("most_files", MOST_FILES))
    present = connection.ask(lambda each: tuple(islice(each.list(cursor), most + 1)))
    if len(present) > most:
        raise InputRefused(
            f"holds more than {most:,} files",
            definition.shown,
            "name a folder below it, or allow more with --option most_files=N",
        )
    contracts, others, new_files, count = load_contracts(), [], [], 0
    is_table = definition.reader == "table"
    for file in present:
        if file.key(definition.name) in known:
            count += 1
        elif file.left_out or file.unread:
            # of a folder that is left out nobody has to know that it cannot be read
            aside = why_left_out(PurePath(file.name, "x.csv"), contracts) if file.unread else None
            state = "failed" if file.unread and not aside else "left_out"
            others.append(SyncFile(file.shown, state, reason=aside or file.unread or file.left_out))
        elif is_table:
            new_files.append(file)
        elif leads_out(file):
            others.append(
                SyncFile(file.shown, "left_out", reason="its name leads out of the folder")
            )
        elif why := is_wanted(file, definition.options.get("match"), contracts, why_left_out):
            others.append(SyncFile(file.shown, "left_out", file.size or 0, reason=why))
        else:
            new_files.append(file)
    whole, arriving = connection.ask(
        partial(settled, files=new_files, definition=definition, sleep=sleep)
    )
    others += [
        SyncFile(file.shown, "arriving", file.size or 0, reason="is still written to")
        for file in arriving
    ]
    return Look(present, tuple(arrival_order(whole, contracts)), count, tuple(others))
