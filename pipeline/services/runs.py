"""Start, follow and cancel runs."""

import getpass
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import InputRefused, PipelineBusy
from pipeline.orchestrate import queue, runner
from pipeline.orchestrate.results import RunResult
from pipeline.store import run_nodes
from pipeline.store import runs as run_records
from pipeline.store.clock import seconds_between, utc_now
from pipeline.store.database import open_control
from pipeline.store.runs import Run
from pipeline.transform.records import NodeResult


def person() -> str:
    """The name that decisions and runs are recorded under when nobody gives one."""
    return os.environ.get("ICON_HEALTH_USER") or getpass.getuser()


def run_now(settings: Settings, *, verb: str = "build", layers: Sequence[str] | None = None, full_refresh: bool = False,
            as_of: str | None = None, paths: Sequence[str | Path] = (),
            on_event: Callable[[NodeResult], None] | None = None) -> RunResult:
    """Run in this process and wait for the end; `on_event` hears of each node as it starts and ends.

    `verb` is run or build (both ingest `paths` first, then build `layers`) or ingest. Raises PipelineBusy when a run is
    active, InputRefused, RunFailed or RunCancelled; each leaves the published tables as they were.
    """
    run, is_new = queue.request(settings, verb, layers, full_refresh, as_of, paths, person())
    if not is_new:
        raise PipelineBusy(f"run {run.run_id} ({run.status}) is active", "run", "wait for it, or cancel it")
    return runner.execute(settings, run, on_event)
