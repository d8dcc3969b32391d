"""Start, follow and cancel runs."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.layers import Layer
from pipeline.errors import InputRefused
from pipeline.orchestrate import queue
from pipeline.orchestrate.listener import RunListener
from pipeline.orchestrate.queue import RunRequest
from pipeline.orchestrate.results import RunResult
from pipeline.services.access.roles import OPERATE, SEE, needs
from pipeline.store.control import actor, publications, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.control.runs import Run

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.ingest.reading import Reading

SAMPLE_DIR = PROJECT_DIR / "data" / "sample"
#: A waiting run whose worker has not come up after this long gets another one.
WORKER_START_SECONDS = 15.0


def person() -> str:
    """The name that decisions and runs are recorded under when nobody gives one: that of the login,
    if it has one.
    """
    if name := actor.current().name:
        return name
    try:
        return os.environ.get("ICON_HEALTH_USER") or getpass.getuser()
    except (KeyError, OSError):
        # a container may run under a number that no user has
        return f"user {os.getuid()}"


@needs(OPERATE)
def submit(
    settings: Settings,
    *,
    verb: str = "build",
    layers: Sequence[str] | None = None,
    full_refresh: bool = False,
    as_of: str | None = None,
    paths: Sequence[str | Path] = (),
    requested_by: str = "",
    selection: Sequence[str] = (),
    request_id: str | None = None,
) -> Run:
    """Queue a run for the worker process and return at once; an active run is returned instead of a
    second one.

    `layers` are labels (None: all), `selection` builds only what these models need (`MODEL`, or
    `MODEL+` for all that is made from it too), `as_of` is an ISO day, `paths` files or folders to
    load first. Asked again under the same `request_id`, the same run answers, ended or not. Raises
    InputRefused.
    """
    from pipeline.orchestrate.worker import ensure_worker

    request = RunRequest.checked(
        verb,
        layers,
        full_refresh,
        as_of,
        paths,
        actor.current().name or requested_by or person(),
        selection,
        request_id,
    )
    run, _ = queue.record_request(settings, request)
    if run.status == "queued":
        ensure_worker(settings)
    return run


@needs(OPERATE)
def run_now(
    settings: Settings,
    *,
    verb: str = "build",
    layers: Sequence[str] | None = None,
    full_refresh: bool = False,
    as_of: str | None = None,
    paths: Sequence[str | Path] = (),
    requested_by: str = "",
    selection: Sequence[str] = (),
    listener: RunListener | None = None,
    reading: Reading | None = None,
    request_id: str | None = None,
) -> RunResult:
    """Run in this process and wait for the end; `listener` hears of each file and step as it
    starts and ends, `reading` decides how the files of `paths` are read.

    `verb` is run or build (both load `paths` first, then build `layers`) or ingest. Asked again
    under the same `request_id`, the run that answered it answers once more. Raises PipelineBusy
    when a run stays active for the setting `wait_seconds`, InputRefused, RunFailed or RunCancelled;
    each leaves the published tables as they were.
    """
    from pipeline.orchestrate.runner import run_here

    return run_here(
        settings,
        RunRequest.checked(
            verb,
            layers,
            full_refresh,
            as_of,
            paths,
            actor.current().name or requested_by or person(),
            selection,
            request_id,
        ),
        listener,
        reading,
    )


def sample_if_empty(settings: Settings) -> list[Path]:
    """The folder of the shipped sample when no load ever came into this home, else nothing. Raises
    PipelineError for a lost home.
    """
    return [] if queue.anything_loaded(settings) else [SAMPLE_DIR]


def failed_here(settings: Settings) -> dict | None:
    """run_id, status, loads and error of the newest run when it ran in this process and did not
    publish.
    """
    with open_control(settings) as control:
        newest = runs.recent(control, 1)
    if (
        not newest
        or newest[0].pid != os.getpid()
        or newest[0].status not in ("failed", "cancelled")
    ):
        return None
    return {**newest[0].result, "run_id": newest[0].run_id, "status": newest[0].status}


def built_layers(settings: Settings) -> list[str]:
    """Labels of the layers that a run has published on this home, in order."""
    with open_control(settings) as control:
        published = publications.built_at(control)
    return [layer.label for layer in Layer if layer.label in published]


@needs(SEE)
def active(settings: Settings) -> Run | None:
    """The run that waits or runs now; a waiting run that lost its worker gets a new one."""
    run = queue.active(settings)
    if (
        run is not None
        and run.status == "queued"
        and queue.waited_seconds(run) > WORKER_START_SECONDS
    ):
        from pipeline.orchestrate.worker import ensure_worker

        ensure_worker(settings)
    return run


@needs(SEE)
def get(settings: Settings, run_id: str) -> Run:
    """One run; raises InputRefused when there is none of this id."""
    queue.close_dead_runs(settings)
    with open_control(settings) as control:
        run = runs.get(control, run_id)
    if run is None:
        raise InputRefused("there is no such run", run_id, "see the run history for the ids")
    return run


@needs(SEE)
def recent(settings: Settings, limit: int = 50) -> pd.DataFrame:
    """The newest runs first, one row each, with `duration_seconds`; what a run published is left
    out.
    """
    import pandas as pd

    records = listed(settings, limit)
    columns = [*(name for name in Run.__dataclass_fields__ if name != "result"), "duration_seconds"]
    return pd.DataFrame(
        [{**asdict(run), "duration_seconds": run.duration_seconds} for run in records],
        columns=columns,
    )


@needs(SEE)
def listed(settings: Settings, limit: int = 50) -> list[Run]:
    """The newest runs first, each without what it came to."""
    queue.close_dead_runs(settings)
    with open_control(settings) as control:
        return runs.listed(control, limit)


@needs(SEE)
def wait(settings: Settings, run_id: str, timeout_seconds: float = 600.0) -> Run:
    """Wait until a run has ended, at most `timeout_seconds`; returns it as it is then."""
    deadline = time.monotonic() + timeout_seconds
    run = get(settings, run_id)
    while run.is_active and time.monotonic() < deadline:
        active(settings)
        time.sleep(0.1)
        run = get(settings, run_id)
    return run


@needs(OPERATE)
def cancel(settings: Settings, run_id: str) -> Run:
    """Cancel a run; one that has ended stays as it is. The published tables stay as they were
    before it.
    """
    return queue.cancel(settings, run_id)
