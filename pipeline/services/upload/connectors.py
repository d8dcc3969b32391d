"""Connectors: where deliveries come from by themselves. Define them, try them, sync them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from pipeline.config import Settings
from pipeline.connect.definition import Definition, checked
from pipeline.connect.opening import Connection
from pipeline.connect.staging import Staging
from pipeline.orchestrate import sync as syncing
from pipeline.orchestrate.lock import hold_file
from pipeline.orchestrate.sync import Sync, as_document
from pipeline.orchestrate.sync_files import SyncFile
from pipeline.services.access.roles import ADMINISTER, OPERATE, SEE, needs
from pipeline.services.run.runs import person
from pipeline.store.control import connectors
from pipeline.store.control.control_file import open_control

__all__ = [
    "Connector",
    "Sync",
    "SyncFile",
    "Trial",
    "add",
    "as_document",
    "dry_run",
    "listed",
    "remove",
    "sync",
    "test",
]

#: Names that a trial shows.
SHOWN_NAMES = 10


@dataclass(frozen=True)
class Connector:
    """A connector as it is shown: the address without its user, names of the variables that hold
    secrets, and its last sync (None before the first).
    """

    name: str
    address: str
    options: dict[str, str]
    secrets: dict[str, str]
    added_at: str
    added_by: str
    last_sync_at: str | None = None
    last_status: str | None = None


@dataclass(frozen=True)
class Trial:
    """What a source showed: how many files (of a table none are counted), and the first names."""

    address: str
    files: int
    names: tuple[str, ...]


@needs(ADMINISTER)
def add(
    settings: Settings,
    name: str,
    address: str,
    options: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Connector:
    """Store a connector; `secrets` are field -> name of an environment variable. Nothing is asked
    of the source. Raises InputRefused for what cannot be stored.
    """
    definition = checked(name, address, options or {}, secrets or {})
    with open_control(settings) as control:
        connectors.add(
            control,
            definition.name,
            definition.address,
            dict(definition.options),
            dict(definition.secrets),
            person(),
        )
    return next(each for each in listed(settings) if each.name == name)


@needs(ADMINISTER)
def remove(settings: Settings, name: str) -> None:
    """Forget a connector and how far it was read; what it loaded stays. Raises InputRefused when
    there is none, PipelineBusy while it is synced.
    """
    syncing.definition_of(settings, name)
    staging = Staging.of(settings.home, name)
    staging.prepare()
    with hold_file(staging.folder / syncing.LOCK, f"remove {name}"):
        with open_control(settings) as control:
            connectors.remove(control, name)
        staging.keep_only(())


@needs(SEE)
def listed(settings: Settings) -> list[Connector]:
    """Every connector, by name."""
    if not settings.control_path.exists():
        return []
    with open_control(settings) as control:
        last = {each["connector"]: each for each in reversed(connectors.newest_syncs(control))}
        return [
            Connector(
                each.name,
                Definition(each.name, each.address).shown,
                each.options,
                each.secrets,
                each.added_at,
                each.added_by,
                last[each.name]["started_at"] if each.name in last else None,
                last[each.name]["status"] if each.name in last else None,
            )
            for each in connectors.all_connectors(control)
        ]


@needs(OPERATE)
def test(settings: Settings, name: str) -> Trial:
    """Look at the source of a connector and fetch nothing. Raises InputRefused and SourceFailed
    with what is wrong.
    """
    definition = syncing.definition_of(settings, name)
    most = int(definition.number("most_files", syncing.MOST_FILES))
    with open_control(settings) as control:
        cursor = connectors.get(control, name).cursor
    with Connection(definition) as connection:
        found = connection.ask(lambda each: tuple(islice(each.list(cursor), most)))
    return Trial(
        definition.shown,
        len(found) if definition.reader != "table" else 0,
        tuple(file.shown for file in found[:SHOWN_NAMES]),
    )


@needs(OPERATE)
def sync(settings: Settings, name: str, again: bool = False) -> Sync:
    """Fetch and load what is new at a connector, each delivery once; `again` also what was refused
    before. Raises InputRefused, SourceFailed, and PipelineBusy when it is synced already or the
    home stays busy.
    """
    return syncing.sync(settings, name, person(), again)


@needs(OPERATE)
def dry_run(settings: Settings, name: str) -> Sync:
    """What a sync would load and as what; nothing is stored. Raises as `sync`."""
    from pipeline.orchestrate import sync_preview

    return sync_preview.dry_run(settings, name)
