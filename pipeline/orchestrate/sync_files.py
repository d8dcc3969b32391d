"""The files of a sync: which are wanted, in which order they are loaded, what became of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any

from pipeline.connect.connector import Connector, RemoteFile
from pipeline.connect.definition import Definition
from pipeline.connect.failures import SourceFailed
from pipeline.declared.sources import SourceContract
from pipeline.ingest.name_order import name_order
from pipeline.ingest.recognition import entity_of_name
from pipeline.store.sqlite.clock import now

SETTLE_SECONDS = 5.0


@dataclass(frozen=True)
class SyncFile:
    """What a sync made of one file. `state`: loaded, already_loaded (the same bytes came before),
    refused, left_out, arriving (still written to), failed (could not be fetched), nothing_new (of
    a table), or new (of a look that loads nothing). `read_as` are the sources of its loads.

    `decision`: take, hold (`reason` says why it is no delivery) or ask (somebody has to decide how
    it is read), None where nothing was decided; `drift` says how it differs from the load of its
    source before.
    """

    file: str
    state: str
    bytes: int = 0
    sha256: str | None = None
    read_as: tuple[str, ...] = ()
    load_ids: tuple[str, ...] = ()
    rows: int = 0
    reason: str | None = None
    decision: str | None = None
    drift: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The file as plain data, for JSON."""
        return asdict(self)


def is_wanted(
    file: RemoteFile,
    match: str | None,
    contracts: Mapping[str, SourceContract],
    why_left_out: Callable[[PurePath, Mapping[str, SourceContract]], str | None],
) -> str | None:
    """Why a file is not loaded, None for one that is: by the pattern of its connector, and by what
    is no delivery in any folder.
    """
    if match is not None and not fnmatchcase(file.name, match):
        return "does not match the pattern of the connector"
    return why_left_out(PurePath(file.name), contracts)


def arrival_order(
    files: Sequence[RemoteFile], contracts: Mapping[str, SourceContract]
) -> list[RemoteFile]:
    """Files in the order in which they are loaded: parents before children, files of a source by
    what their names say, and by time where names do not tell.
    """
    places = list(contracts)
    groups: dict[int, list[RemoteFile]] = {}
    for file in files:
        entity = entity_of_name(PurePath(file.name).name, contracts)
        groups.setdefault(places.index(entity) if entity else len(places), []).append(file)
    ordered: list[RemoteFile] = []
    for _, group in sorted(groups.items()):
        told = name_order([file.name for file in group])

        def rank(file: RemoteFile, told: Any = told) -> tuple:
            time, name = file.modified or 0.0, told.keys[file.name]
            return (time, name, file.name) if told.doubt else (name, time, file.name)

        ordered += sorted(group, key=rank)
    return ordered


def settled(
    connector: Connector,
    files: Sequence[RemoteFile],
    definition: Definition,
    sleep: Callable[[float], None],
) -> tuple[list[RemoteFile], list[RemoteFile]]:
    """Files that are whole, and those that are still written to: what was written to lately, or
    nobody knows when, has to be the same in two looks.
    """
    seconds = definition.number("settle_seconds", SETTLE_SECONDS)
    if not connector.shows_half_files or seconds == 0:
        return list(files), []
    moment = now().timestamp()
    young = [file for file in files if file.modified is None or moment - file.modified < seconds]
    if young:
        sleep(seconds)
    moving = []
    for file in young:
        try:
            later = connector.look(file)
        except SourceFailed as error:
            if error.is_passing:
                raise
            moving.append(file)  # taken away meanwhile
            continue
        if later.version != file.version:
            moving.append(file)
    gone = {id(file) for file in moving}
    return [file for file in files if id(file) not in gone], moving
