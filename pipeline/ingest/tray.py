"""Files that were dropped and wait to be loaded: kept in the home, so that a reload or a second tab
finds them again.

Each lies under its own name in a folder of its own, beside `reading.json`, which says how somebody
wants it to be read.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from tempfile import mkdtemp

from pipeline.errors import InputRefused
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.reading import AS_INFERRED, Reading

READING = "reading.json"
BYTES = "bytes"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
UNNAMED = "file"


@dataclass(frozen=True)
class Waiting:
    """One file in the tray: its id, the name it came under, its size, when it came, how it is to be
    read.
    """

    tray_id: str
    name: str
    size: int
    arrived: float
    path: Path
    reading: Reading = AS_INFERRED

    @property
    def delivery(self) -> Delivery:
        """The file as a delivery."""
        return Delivery(self.name, self.path)


def put(folder: Path, name: str, chunks: Iterable[bytes]) -> str:
    """Keep a file in the tray, whole or not at all; returns its id. The same bytes under the same
    name are kept once.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    name = PurePath(name.replace("\\", "/")).name or UNNAMED
    digest = hashlib.sha256(name.encode() + b"\0")
    arriving = Path(mkdtemp(dir=folder, prefix=".arriving-"))
    try:
        with os.fdopen(
            os.open(arriving / BYTES, os.O_CREAT | os.O_WRONLY, FILE_MODE), "wb"
        ) as kept:
            for chunk in chunks:
                digest.update(chunk)
                kept.write(chunk)
        _write_reading(arriving, name, AS_INFERRED)
        tray_id = digest.hexdigest()[:16]
        if not (folder / tray_id).exists():
            os.replace(arriving, folder / tray_id)
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return tray_id


def waiting(folder: Path) -> list[Waiting]:
    """The files in the tray, in order of arrival."""
    found = (
        [_read(place) for place in folder.iterdir() if not place.name.startswith(".")]
        if folder.is_dir()
        else []
    )
    return sorted((each for each in found if each), key=lambda each: (each.arrived, each.name))


def get(folder: Path, tray_id: str) -> Waiting:
    """One file of the tray; raises InputRefused when it is there no more."""
    found = _read(folder / tray_id) if tray_id.isalnum() else None
    if found is None:
        raise InputRefused(
            "is no longer in the tray",
            tray_id,
            "it was loaded or taken out, perhaps in another tab",
        )
    return found


def read_as(folder: Path, tray_id: str, reading: Reading) -> None:
    """Keep how a file is to be read."""
    _write_reading(folder / tray_id, get(folder, tray_id).name, reading)


def take_out(folder: Path, tray_id: str) -> None:
    """Take a file out of the tray; one that is there no more is no error."""
    if tray_id.isalnum():
        shutil.rmtree(folder / tray_id, ignore_errors=True)


def _read(place: Path) -> Waiting | None:
    try:
        kept = json.loads((place / READING).read_text(encoding="utf-8"))
        found = (place / BYTES).stat()
    except FileNotFoundError:
        return None
    return Waiting(
        place.name,
        kept["name"],
        found.st_size,
        found.st_mtime,
        place / BYTES,
        Reading.from_dict(kept["reading"]),
    )


def _write_reading(place: Path, name: str, reading: Reading) -> None:
    written = place / f".{READING}"
    written.write_text(json.dumps({"name": name, "reading": asdict(reading)}), encoding="utf-8")
    os.replace(written, place / READING)
