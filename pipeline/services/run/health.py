"""Whether a home can be used, for a probe: not only that a server answers, but that warehouse,
control file, disk and runs are as they should be.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.config.project import project_version
from pipeline.errors import as_pipeline_error
from pipeline.orchestrate import queue
from pipeline.orchestrate.worker import worker_pid
from pipeline.services.access.roles import SEE, needs
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.store.control import alerts, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import builds, judged_loads

#: From good to bad; a probe counts the first two as healthy.
PASS, WARN, FAIL = "pass", "warn", "fail"
#: A run that waits for longer has no worker.
LONGEST_WAIT_SECONDS = 60.0
MB = 1024 * 1024


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `status` is pass, warn or fail, `output` says why."""

    name: str
    status: str
    output: str


@dataclass(frozen=True)
class Health:
    """All that was looked at; `status` is that of the worst check."""

    status: str
    version: str
    checks: tuple[Check, ...]

    @property
    def is_usable(self) -> bool:
        """Whether the workbench can answer; a failed run leaves what was published."""
        return self.status != FAIL


@needs(SEE)
def health(settings: Settings) -> Health:
    """Look at the home, without changing or creating it."""
    checks = [_checked("home", _home, settings)]
    if checks[0].status != FAIL:
        looks = (
            ("control", _control),
            ("warehouse", _warehouse),
            ("last_run", _last_run),
            ("queue", _queue),
            ("alerts", _alerts),
        )
        checks += [_checked(name, look, settings) for name, look in looks]
    order = (PASS, WARN, FAIL)
    worst = max((check.status for check in checks), key=order.index)
    return Health(worst, project_version(), tuple(checks))


def _checked(name: str, look: Callable[[Settings], tuple[str, str]], settings: Settings) -> Check:
    """What a look says; one that cannot be finished fails."""
    try:
        return Check(name, *look(settings))
    except Exception as caught:
        # whatever keeps a look from its end is what a probe asks for
        return Check(name, FAIL, as_pipeline_error(caught).one_line)


def _home(settings: Settings) -> tuple[str, str]:
    if not settings.control_path.exists():
        return FAIL, "there is no home yet; load a delivery: icon-health run"
    if not os.access(settings.home, os.R_OK | os.W_OK | os.X_OK):
        return FAIL, "the home cannot be written"
    free = shutil.disk_usage(settings.home).free // MB
    if free < settings.min_free_mb:
        return WARN, f"{free:,} MB are free, nothing is loaded below {settings.min_free_mb:,}"
    return PASS, f"{free:,} MB are free"


def _control(settings: Settings) -> tuple[str, str]:
    with open_control(settings) as control:
        (said,) = control.execute("pragma quick_check(1)").fetchone()
    return (PASS, "can be read and written") if said == "ok" else (FAIL, "is damaged")


def _warehouse(settings: Settings) -> tuple[str, str]:
    if not warehouse_exists(settings):
        return FAIL, "there is none"
    with open_bookkeeping(settings) as warehouse:
        stamp = builds.newest_stamp(warehouse)
        if stamp is None:
            return FAIL, "nothing was built yet"
        held = judged_loads.held_loads(warehouse) if has_relation(warehouse, "ops_loads") else []
    said = f"build {stamp['build_id']} as of {stamp['as_of']}"
    return (WARN, f"{said}; {len(held)} loads wait at the gate") if held else (PASS, said)


def _last_run(settings: Settings) -> tuple[str, str]:
    queue.close_dead_runs(settings)
    with open_control(settings) as control:
        ended = next((run for run in runs.listed(control, 50) if run.finished_at), None)
    if ended is None:
        return WARN, "no run has ended yet"
    said = f"{ended.run_id} {ended.status} at {ended.finished_at}"
    return (WARN if ended.status == "failed" else PASS), said


def _queue(settings: Settings) -> tuple[str, str]:
    run = queue.active(settings)
    if run is None:
        return PASS, "nothing runs"
    waits = run.status == "queued" and queue.waited_seconds(run) > LONGEST_WAIT_SECONDS
    if waits and worker_pid(settings) is None:
        return WARN, f"{run.run_id} waits and there is no worker"
    return PASS, f"{run.run_id} is {run.status}"


def _alerts(settings: Settings) -> tuple[str, str]:
    with open_control(settings) as control:
        count = alerts.undelivered(control)
    return (WARN, f"{count} could not be sent") if count else (PASS, "none waits to be sent")
