"""The worker: `python -m pipeline.orchestrate.worker --home HOME`, a process of its own that
carries out queued runs and syncs that are due.

It outlives browser tabs and the server that started it, keeps dbt imported between runs, and ends
by itself when nothing was asked of it for a while and no sync will come by itself. One worker a
home: it holds `worker.lock`.
SIGINT cancels the run it carries out.
"""

import argparse
import os
import signal
import subprocess
import sys
import time

from pipeline.config import Settings, load_settings, reloaded
from pipeline.config.project import PROJECT_DIR, python_path
from pipeline.errors import InputRefused, PipelineBusy, PipelineError, as_pipeline_error
from pipeline.orchestrate import scheduled
from pipeline.orchestrate.lock import hold_file, holder_of
from pipeline.orchestrate.queue import close_dead_runs
from pipeline.orchestrate.runner import run_queued
from pipeline.store.control import runs
from pipeline.store.control.control_file import open_control
from pipeline.store.control.runs import Run
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.home_files import FILE_MODE, prepare_home
from pipeline.transform.project import warm_up

IDLE_SECONDS = 15 * 60
LOOK_SECONDS = 0.2
#: A schedule has minutes; who asks for a sync now waits so long.
SYNC_LOOK_SECONDS = 2.0


def ensure_worker(settings: Settings, idle_seconds: int = IDLE_SECONDS) -> None:
    """Start a worker for this home unless one lives."""
    prepare_home(settings)
    if holder_of(_lock_path(settings)) is not None:
        return
    environment = {**settings.as_environment(), "PYTHONPATH": python_path()}
    log = os.open(settings.home / "worker.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY, FILE_MODE)
    try:
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pipeline.orchestrate.worker",
                "--idle-seconds",
                str(idle_seconds),
            ],
            cwd=PROJECT_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)


def worker_pid(settings: Settings) -> int | None:
    """Process id of the worker of this home, None when none lives."""
    holder = holder_of(_lock_path(settings))
    return holder.pid if holder else None


def _lock_path(settings: Settings):
    return settings.home / "worker.lock"


def work(settings: Settings, idle_seconds: float, is_foreground: bool = False) -> None:
    """Carry out queued runs until nothing was asked for `idle_seconds`, the home is gone or SIGTERM
    comes; in the foreground SIGINT between two runs ends it as well.
    """
    prepare_home(settings)
    signal.signal(signal.SIGINT, _end if is_foreground else signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    try:
        with hold_file(_lock_path(settings), "worker", patience_seconds=0.0):
            _say(f"worker {os.getpid()} started")
            warm_up(settings)
            _serve(settings, idle_seconds)
    except PipelineBusy:
        return
    # Who asked between our last look and the end of the lock saw a living worker: look once more.
    if not _is_ending() and settings.control_path.exists() and _next(settings) is not None:
        work(settings, idle_seconds, is_foreground)


def _serve(settings: Settings, idle_seconds: float) -> None:
    last_work = last_sync_look = time.monotonic()
    while (
        not _is_ending()
        and (time.monotonic() - last_work < idle_seconds or scheduled.is_awaited(settings))
        and settings.control_path.exists()
    ):
        run = _next(settings)
        settings = _as_set_by_now(settings)
        if run is not None:
            _carry_out(settings, run)
            last_work = time.monotonic()
        elif time.monotonic() - last_sync_look >= SYNC_LOOK_SECONDS:
            said = scheduled.carry_out_due(settings)
            if said is not None:
                _say(said)
                last_work = time.monotonic()
            last_sync_look = time.monotonic()
        else:
            time.sleep(LOOK_SECONDS)


def _as_set_by_now(settings: Settings) -> Settings:
    """The settings as the home sets them now; the ones before while the home's cannot be read."""
    try:
        return reloaded(settings)
    except InputRefused:
        return settings


def _next(settings: Settings) -> Run | None:
    close_dead_runs(settings)
    with open_control(settings) as control:
        run = runs.active(control)
    return run if run is not None and run.status == "queued" else None


def _carry_out(settings: Settings, run: Run) -> None:
    _say(f"{run.run_id} {run.verb} {' '.join(run.layers)}")
    between_runs = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        result = run_queued(settings, run)
        _say(f"{run.run_id} {result.status if result else 'cancelled before it started'}")
    except PipelineError as error:
        _say(f"{run.run_id} {error}")
    except KeyboardInterrupt:
        _say(f"{run.run_id} interrupted after its end")
    finally:
        signal.signal(signal.SIGINT, between_runs)


def _end(signal_number: int, frame: object) -> None:
    """SIGTERM: leave the run by an exception, so that it is rolled back and recorded."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + signal_number)


def _is_ending() -> bool:
    """Whether SIGTERM came, also when a run took the exception of `_end` for its own end."""
    return signal.getsignal(signal.SIGTERM) == signal.SIG_IGN


def _say(text: str) -> None:
    print(f"{utc_now()} {text}", flush=True)


def main() -> None:
    """Entry of the process; settings come from the environment that `ensure_worker` gives it."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.orchestrate.worker", description=__doc__
    )
    parser.add_argument("--home", help="folder of the warehouse (default: ICON_HEALTH_HOME)")
    parser.add_argument(
        "--idle-seconds", type=float, default=IDLE_SECONDS, help="end after this long without a run"
    )
    arguments = parser.parse_args()
    try:
        work(load_settings(home=arguments.home), arguments.idle_seconds)
    except Exception as caught:
        # its words without those of a stranger's exception, which can quote a value
        _say(f"the worker ends: {as_pipeline_error(caught)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
