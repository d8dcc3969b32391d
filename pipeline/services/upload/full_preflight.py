"""Judge every row of the files in the tray, in a process of its own: the page shows how far it is,
and can cancel it.

    python -m pipeline.services.upload.full_preflight TRAY_ID...

Progress and result stand in the tray, so a reload, a second tab or a closed browser changes
nothing. SQLite's temporary files lie in the home, like everything that holds patients' values, and
have no name: they go with their process, however it ends.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.config import Settings, load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.errors import PipelineError
from pipeline.orchestrate.lock import hold_file, holder_of
from pipeline.services.access.roles import OPERATE, SEE, needs
from pipeline.services.upload import preflight, releases, tray
from pipeline.services.upload.file_report import FileReport
from pipeline.services.upload.preflight import Preflight
from pipeline.services.upload.releases import Releases
from pipeline.services.upload.tray import Waiting
from pipeline.store.sqlite.home_files import FILE_MODE

LOCK, PROGRESS, RESULT = ".whole.lock", ".whole.progress", ".whole.json"
SCRATCH = ".scratch"
STARTING = "starting"
#: A process that has not begun after this long will not begin; one that was asked to end has ended
#: after this long.
START_SECONDS, END_SECONDS = 20.0, 5.0
LOOK_SECONDS = 0.02
#: Before this much is done, what has passed says little about what is left.
LEAST_SHARE_FOR_ESTIMATE = 0.03


@dataclass(frozen=True)
class Checking:
    """A check of whole files that is going on: the share done, what is being done, and since when
    (seconds of the clock).
    """

    share: float
    what: str
    pid: int
    since: float

    @property
    def seconds_left(self) -> float | None:
        """About how long it will take yet, None as long as that cannot be told."""
        passed = time.time() - self.since
        return (
            passed / self.share * (1 - self.share)
            if self.share >= LEAST_SHARE_FOR_ESTIMATE
            else None
        )


@needs(OPERATE)
def start(settings: Settings, files: Sequence[Waiting]) -> None:
    """Begin to judge whole files unless that is going on already."""
    if running(settings) is not None:
        return
    for name in (SCRATCH, ""):
        (settings.tray_dir / name).mkdir(mode=0o700, exist_ok=True)
    (settings.tray_dir / RESULT).unlink(missing_ok=True)
    scratch = str(settings.tray_dir / SCRATCH)
    environment = {**settings.as_environment(), "SQLITE_TMPDIR": scratch}
    log = os.open(settings.home / "worker.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY, FILE_MODE)
    ask(settings)
    try:
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pipeline.services.upload.full_preflight",
                *(file.tray_id for file in files),
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


@needs(SEE)
def ask(settings: Settings) -> None:
    """Say that a check is wanted, before there is a process."""
    _write(settings.tray_dir / PROGRESS, Checking(0.0, STARTING, 0, time.time()))


def running(settings: Settings) -> Checking | None:
    """The check that is going on, None when there is none."""
    progress = _read(settings.tray_dir / PROGRESS)
    if progress is None:
        return None
    checking = Checking(**progress)
    holder = holder_of(settings.tray_dir / LOCK)
    if holder is not None:
        return checking
    is_starting = checking.what == STARTING and time.time() - checking.since < START_SECONDS
    return checking if is_starting else None


@needs(OPERATE)
def cancel(settings: Settings) -> None:
    """End the check that is going on, and return when it has ended; nothing of it is kept."""
    checking = running(settings)
    if checking is not None and checking.pid:
        _end(checking.pid, settings.tray_dir / LOCK)
    for left in settings.tray_dir.glob(f"{PROGRESS}*"):
        left.unlink(missing_ok=True)


def result(settings: Settings, files: Sequence[Waiting]) -> Preflight | None:
    """The reports on these very files, read this very way, against the warehouse as it stands; None
    without them.

    A check that broke off says why, once more for as long as files and warehouse are the same.
    """
    record = _read(settings.tray_dir / RESULT)
    if record is None or record["of"] != _fingerprint(settings, files):
        return None
    return Preflight(
        {tray_id: FileReport(**report) for tray_id, report in record["reports"].items()},
        broke_off=record["broke_off"],
        releases=releases.read(record["releases"]),
    )


@needs(SEE)
def judge_whole(settings: Settings, tray_ids: Sequence[str]) -> None:
    """What the process does; it ends without a result when the progress, which is what asks for it,
    is taken away.
    """
    progress, answer = settings.tray_dir / PROGRESS, settings.tray_dir / RESULT
    with hold_file(settings.tray_dir / LOCK, "judging whole files"):
        files, since = (
            [file for file in tray.waiting(settings) if file.tray_id in tray_ids],
            time.time(),
        )
        record = {
            "of": _fingerprint(settings, files),
            "reports": {},
            "broke_off": "",
            "releases": releases.record(Releases()),
        }

        def on_progress(share: float, what: str) -> None:
            if not progress.exists():
                raise SystemExit("cancelled")
            _write(progress, Checking(round(share, 3), what, os.getpid(), since))

        try:
            judgement = preflight.check(settings, files, None, on_progress)
            _write(
                answer,
                record
                | {
                    "reports": {
                        tray_id: asdict(report) for tray_id, report in judgement.reports.items()
                    },
                    "releases": releases.record(judgement.releases),
                },
            )
        except Exception as error:
            why = (
                str(error)
                if isinstance(error, PipelineError)
                else f"{type(error).__name__}; worker.log says more"
            )
            _write(answer, record | {"broke_off": why})
            raise
        finally:
            progress.unlink(missing_ok=True)


def _end(pid: int, lock: Path) -> None:
    """Ask the process to end, then make it, and wait until it holds nothing."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            if holder_of(lock) is None:
                return
            time.sleep(LOOK_SECONDS)


def _fingerprint(settings: Settings, files: Sequence[Waiting]) -> str:
    """Files, how they are read, and the last commit to the warehouse; a log without content holds
    no commit, a first reader makes one.
    """
    log = settings.warehouse_path.with_name(settings.warehouse_path.name + "-wal")
    states = [path.stat() for path in (settings.warehouse_path, log) if path.exists()]
    stamps = [(state.st_mtime_ns, state.st_size) for state in states if state.st_size]
    readings = [
        (file.tray_id, asdict(file.reading))
        for file in sorted(files, key=lambda file: file.tray_id)
    ]
    return hashlib.sha256(json.dumps([stamps, readings]).encode()).hexdigest()


def _write(path: Path, record: dict | Checking) -> None:
    written = path.with_name(f"{path.name}.{os.getpid()}")
    written.write_text(
        json.dumps(record if isinstance(record, dict) else asdict(record)), encoding="utf-8"
    )
    os.replace(written, path)


def _read(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


if __name__ == "__main__":
    judge_whole(load_settings(), sys.argv[1:])
