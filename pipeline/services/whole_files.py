"""Judge every row of the files in the tray, in a process of its own: the page shows how far it is, and can cancel it.

    python -m pipeline.services.whole_files TRAY_ID...

Progress and result stand in the tray, so a reload, a second tab or a closed browser changes nothing. SQLite's temporary files
lie in the home, like everything that holds patients' values.
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

from pipeline.config import PROJECT_DIR, Settings, load_settings
from pipeline.orchestrate.lock import hold_file, holder_of
from pipeline.services import intake, preflight
from pipeline.services.intake import Waiting
from pipeline.services.preflight import FileReport, Preflight
from pipeline.store.database import FILE_MODE

LOCK, PROGRESS, RESULT = ".whole.lock", ".whole.progress", ".whole.json"
SCRATCH = ".scratch"
STARTING = "Starting"
#: A process that has not begun after this long does not come up any more.
START_SECONDS = 20.0


@dataclass(frozen=True)
class Checking:
    """A check of whole files that is going on: the share done and what is being done."""

    share: float
    what: str
    pid: int


def start(settings: Settings, files: Sequence[Waiting]) -> None:
    """Begin to judge whole files unless that is going on already."""
    if running(settings) is not None:
        return
    _write(settings.tray_dir / PROGRESS, {"share": 0.0, "what": STARTING, "since": time.time()})
    scratch = settings.tray_dir / SCRATCH
    scratch.mkdir(mode=0o700, exist_ok=True)
    environment = {**os.environ, "SQLITE_TMPDIR": str(scratch),
                   **{f"ICON_HEALTH_{name.upper()}": str(getattr(settings, name)) for name, _ in settings.origins}}
    log = os.open(settings.home / "worker.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY, FILE_MODE)
    try:
        subprocess.Popen([sys.executable, "-m", "pipeline.services.whole_files", *(each.tray_id for each in files)], cwd=PROJECT_DIR,
                         env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    finally:
        os.close(log)


def running(settings: Settings) -> Checking | None:
    """The check that is going on, None when there is none."""
    holder, kept = holder_of(settings.tray_dir / LOCK), _read(settings.tray_dir / PROGRESS)
    if holder is None:
        is_starting = kept is not None and kept["what"] == STARTING and time.time() - kept["since"] < START_SECONDS
        return Checking(0.0, STARTING, 0) if is_starting else None
    return Checking(kept["share"], kept["what"], holder.pid) if kept else Checking(0.0, STARTING, holder.pid)


def cancel(settings: Settings) -> None:
    """End the check that is going on; nothing of it is kept."""
    checking = running(settings)
    if checking is not None and checking.pid:
        os.kill(checking.pid, signal.SIGTERM)
    (settings.tray_dir / PROGRESS).unlink(missing_ok=True)


def result(settings: Settings, files: Sequence[Waiting]) -> Preflight | None:
    """The reports on these very files, read this very way, against the warehouse as it stands; None without them."""
    kept = _read(settings.tray_dir / RESULT)
    if kept is None or kept["of"] != _fingerprint(settings, files):
        return None
    return Preflight({tray_id: FileReport(**report) for tray_id, report in kept["reports"].items()})


def judge_whole(settings: Settings, tray_ids: Sequence[str]) -> None:
    """What the process does."""
    with hold_file(settings.tray_dir / LOCK, "judging whole files"):
        files = [each for each in intake.waiting(settings) if each.tray_id in tray_ids]
        found = preflight.check(settings, files, None, lambda share, what:
                                _write(settings.tray_dir / PROGRESS, {"share": round(share, 3), "what": what}))
        _write(settings.tray_dir / RESULT, {"of": _fingerprint(settings, files),
                                            "reports": {tray_id: asdict(report) for tray_id, report in found.reports.items()}})
        (settings.tray_dir / PROGRESS).unlink(missing_ok=True)


def _fingerprint(settings: Settings, files: Sequence[Waiting]) -> str:
    """Files, how they are read, and the last commit to the warehouse."""
    log = settings.warehouse_path.with_name(settings.warehouse_path.name + "-wal")
    stamps = [(path.stat().st_mtime_ns, path.stat().st_size) for path in (settings.warehouse_path, log) if path.exists()]
    told = [(each.tray_id, asdict(each.reading)) for each in sorted(files, key=lambda each: each.tray_id)]
    return hashlib.sha256(json.dumps([stamps, told]).encode()).hexdigest()


def _write(path: Path, kept: dict) -> None:
    written = path.with_name(f"{path.name}.{os.getpid()}")
    written.write_text(json.dumps(kept), encoding="utf-8")
    os.replace(written, path)


def _read(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


if __name__ == "__main__":
    judge_whole(load_settings(), sys.argv[1:])
