"""Connectors: where deliveries come from by themselves. Define them, try them, sync them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pipeline.config import Settings
from pipeline.connect.definition import Definition, checked
from pipeline.connect.opening import Connection
from pipeline.connect.schedule import next_time
from pipeline.connect.staging import Staging
from pipeline.errors import InputRefused
from pipeline.orchestrate import scheduled
from pipeline.orchestrate import sync as syncing
from pipeline.orchestrate.lock import hold_file
from pipeline.orchestrate.sync import Sync
from pipeline.orchestrate.sync import as_document as as_document
from pipeline.orchestrate.worker import ensure_worker
from pipeline.services.access.roles import ADMINISTER, OPERATE, SEE, needs
from pipeline.services.run.runs import person
from pipeline.store.control import connector_schedules, connectors
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import now

#: Names that a trial shows.
SHOWN_NAMES = 10


@dataclass(frozen=True)
class Connector:
    """A connector as it is shown: the address without its user, names of the variables that hold
    secrets, its last sync (None before the first) and what kept it, and when the next one comes
    (UTC; None without a schedule and while it is paused).
    """

    name: str
    address: str
    options: dict[str, str]
    secrets: dict[str, str]
    added_at: str
    added_by: str
    last_sync_at: str | None = None
    last_status: str | None = None
    last_error: str | None = None
    cron: str | None = None
    timezone: str = "UTC"
    is_paused: bool = False
    next_at: str | None = None


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
    return _one(settings, name)


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
        last = connectors.newest_syncs(control)
        schedules = connector_schedules.all_schedules(control)
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
                _error_of(last[each.name]["document"]) if each.name in last else None,
                schedules[each.name].cron,
                schedules[each.name].timezone,
                schedules[each.name].is_paused,
                schedules[each.name].next_at,
            )
            for each in connectors.all_connectors(control)
        ]


@needs(SEE)
def sync_history(settings: Settings, limit: int = 50) -> list[dict[str, Any]]:
    """The newest syncs of all connectors first: connector, asked_by, started_at, finished_at,
    status (running, done, failed, died) and the `document` of what each file came to.
    """
    if not settings.control_path.exists():
        return []
    with open_control(settings) as control:
        return connectors.syncs(control, limit=limit)


def _error_of(document: dict[str, Any]) -> str | None:
    """Why a sync failed: as a whole, or the first of its files."""
    failed = (file["reason"] for file in document.get("files", ()) if file["state"] == "failed")
    return document.get("error") or next(failed, None)


@needs(ADMINISTER)
def schedule(settings: Settings, name: str, cron: str, timezone: str = "UTC") -> Connector:
    """Have a connector synced whenever the expression says so, by the worker, which is started.
    Raises InputRefused for an expression, a zone or a connector that is none.
    """
    next_at = next_time(cron, timezone, now())
    with open_control(settings) as control:
        connector_schedules.schedule(control, name, cron, timezone, next_at)
    ensure_worker(settings)
    return _one(settings, name)


@needs(ADMINISTER)
def unschedule(settings: Settings, name: str) -> Connector:
    """Let no sync come by itself any more; raises InputRefused when there is no such connector."""
    with open_control(settings) as control:
        connector_schedules.schedule(control, name, None, "UTC", None)
    return _one(settings, name)


@needs(OPERATE)
def pause(settings: Settings, name: str) -> Connector:
    """Let no sync come by itself until `resume`; raises as `unschedule`."""
    with open_control(settings) as control:
        connector_schedules.pause(control, name)
    return _one(settings, name)


@needs(OPERATE)
def resume(settings: Settings, name: str) -> Connector:
    """Go on with the schedule; what was missed meanwhile is one sync, the next. Raises as
    `unschedule`.
    """
    found = _one(settings, name)
    next_at = next_time(found.cron, found.timezone, now()) if found.cron else None
    with open_control(settings) as control:
        connector_schedules.resume(control, name, next_at)
    ensure_worker(settings)
    return _one(settings, name)


@needs(OPERATE)
def ask(settings: Settings, name: str) -> None:
    """Have the worker sync a connector now and build what it brings; raises as `unschedule`."""
    with open_control(settings) as control:
        connector_schedules.ask(control, name, person())
    ensure_worker(settings)


@needs(OPERATE)
def keep_schedules(settings: Settings) -> None:
    """Start the worker when a sync will come by itself; for whatever starts with the machine."""
    if scheduled.is_awaited(settings):
        ensure_worker(settings)


def _one(settings: Settings, name: str) -> Connector:
    found = [each for each in listed(settings) if each.name == name]
    if not found:
        raise InputRefused("there is no such connector", name, "see connectors list")
    return found[0]


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
