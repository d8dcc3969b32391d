"""Syncs that come by themselves: carried out by the worker when they are due, and built after."""

from contextlib import suppress
from datetime import timedelta
from sqlite3 import Connection

from pipeline.config import Settings
from pipeline.connect.schedule import next_time
from pipeline.errors import InputRefused, PipelineBusy, PipelineError, as_pipeline_error
from pipeline.orchestrate import alerting, queue
from pipeline.orchestrate.queue import RunRequest
from pipeline.orchestrate.sync import sync
from pipeline.store.control import connector_schedules, connectors, runs
from pipeline.store.control.connector_schedules import Schedule
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import FORMAT, now
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import brought

#: When the home is busy, the sync that was due is tried again after this time.
BUSY_SECONDS = 60
#: A schedule that says nothing on this machine (no such time zone) is looked at again after this.
UNREADABLE_SECONDS = 3600


def is_awaited(settings: Settings) -> bool:
    """Whether a sync will come by itself, so that somebody has to wait for it."""
    if not settings.control_path.exists():
        return False
    with open_control(settings) as control:
        return connector_schedules.is_any(control)


def carry_out_due(settings: Settings) -> str | None:
    """Carry out the sync that is due and ask for a build of what it brought; returns what to write
    into the log, None when none was due. A sync that fails is on record and waits for its next
    time; one that died is due again.
    """
    with open_control(settings) as control:
        _bring_back(control)
        due = connector_schedules.due(control)
    if due is None:
        return None
    by = due.asked_by or "schedule"
    if due.asked_by is None and (unreadable := _unreadable(due)):
        return _note_unreadable(settings, due, by, unreadable)
    try:
        done = sync(settings, due.name, by)
        said = f"sync {due.name}: {len(done.of_state('loaded'))} loaded"
    except PipelineBusy as busy:
        _note_end(settings, due, _later(BUSY_SECONDS))
        return f"sync {due.name}: {busy}"
    except Exception as caught:
        said = f"sync {due.name}: {as_pipeline_error(caught)}"
    _note_end(settings, due, due.next_at if _unreadable(due) else _next(due))
    _tell(settings)
    return f"{said}{_build(settings, due.name)}"


def _bring_back(control: Connection) -> None:
    """Bring syncs nearer that a clock which ran ahead has put off."""
    for each in connector_schedules.all_schedules(control).values():
        with suppress(InputRefused):
            told = _next(each)
            if told is not None and each.next_at is not None and each.next_at > told:
                connector_schedules.bring_back(control, each, told)


def _unreadable(due: Schedule) -> InputRefused | None:
    """Why a schedule says nothing on this machine; None for one that does."""
    try:
        _next(due)
    except InputRefused as error:
        return error
    return None


def _note_unreadable(settings: Settings, due: Schedule, by: str, error: InputRefused) -> str:
    """Put a schedule that cannot be read on record as a sync that failed."""
    with open_control(settings) as control:
        sync_id = connectors.begin_sync(control, due.name, by)
        connectors.end_sync(control, sync_id, "failed", {"error": error.one_line})
    _note_end(settings, due, _later(UNREADABLE_SECONDS))
    _tell(settings)
    return f"sync {due.name}: {error}"


def _later(seconds: int) -> str:
    return (now() + timedelta(seconds=seconds)).strftime(FORMAT)


def _tell(settings: Settings) -> None:
    """Look for alerts; one that cannot be raised or sent keeps no sync from coming."""
    with suppress(PipelineError):
        alerting.look(settings)


def _next(due: Schedule) -> str | None:
    if due.cron is None or due.is_paused:
        return None
    return next_time(due.cron, due.timezone, now())


def _note_end(settings: Settings, due: Schedule, next_at: str | None) -> None:
    with open_control(settings) as control:
        connector_schedules.note_end(control, due, next_at)


def _build(settings: Settings, connector: str) -> str:
    """Ask for a build when connectors have brought what no run has been asked to build since; also
    what a sync brought whose worker died before it could ask.
    """
    if not warehouse_exists(settings):
        return ""
    with open_warehouse(settings) as warehouse:
        if not has_relation(warehouse, "ops_loads"):
            return ""
        brought_at = brought.newest(warehouse)
    with open_control(settings) as control:
        newest = next(iter(runs.recent(control, 1)), None)
    if brought_at is None or (newest is not None and newest.requested_at > brought_at):
        return ""
    request = RunRequest.checked("build", None, False, None, (), f"sync {connector}")
    try:
        run, _ = queue.record_request(settings, request)
    except PipelineError as error:
        return f", no build: {error}"
    return f", {run.run_id} is {run.status}"
