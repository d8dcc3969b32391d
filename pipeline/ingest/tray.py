"""Files that were dropped and wait to be loaded: kept in the home, so that a reload or a second tab
finds them again.

Each lies under its own name in a folder of its own, beside `reading.json`, which says how somebody
wants it to be read.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from tempfile import mkdtemp

from pipeline.declared.sources import SourceContract
from pipeline.errors import InputRefused, printable
from pipeline.ingest.archive import is_archive, members, unpacked_member
from pipeline.ingest.delivery import Delivery, chunks
from pipeline.ingest.limits import DEFAULT_LIMITS, Limits
from pipeline.ingest.reading import AS_INFERRED, Reading

READING = "reading.json"
BYTES = "bytes"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
UNNAMED = "file"
NO_DELIVERY = ("holds no file that is a delivery", "deliver the files themselves")


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
    refusal: tuple[str, str] | None = None
    limits: Limits = DEFAULT_LIMITS

    @property
    def delivery(self) -> Delivery:
        """The file as a delivery."""
        return Delivery(self.name, self.path, limits=self.limits, refusal=self.refusal)


def plain_name(name: str) -> str:
    """The name of a dropped file without folders, printable."""
    return printable(PurePath(name.replace("\\", "/")).name) or UNNAMED


def put(
    folder: Path,
    name: str,
    chunks: Iterable[bytes],
    refusal: tuple[str, str] | None = None,
    is_inner: bool = False,
) -> str:
    """Keep a file in the tray under a printable name, whole or not at all; returns its id. The same
    bytes under the same name are kept once. `refusal` says what is wrong, and what to do, with a
    file that is not taken in; `is_inner`: it comes out of an archive, and its name says from where.
    """
    name = printable(name) if is_inner else plain_name(name)
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    digest = hashlib.sha256(name.encode() + b"\0")
    arriving = Path(mkdtemp(dir=folder, prefix=".arriving-"))
    try:
        with os.fdopen(
            os.open(arriving / BYTES, os.O_CREAT | os.O_WRONLY, FILE_MODE), "wb"
        ) as kept:
            for chunk in chunks:
                digest.update(chunk)
                kept.write(chunk)
        _write_reading(arriving, name, AS_INFERRED, refusal)
        tray_id = digest.hexdigest()[:16]
        if not (folder / tray_id).exists():
            os.replace(arriving, folder / tray_id)
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return tray_id


def take_apart(
    folder: Path,
    tray_id: str,
    limits: Limits,
    contracts: Mapping[str, SourceContract],
    on_left_out: Callable[[str], None],
) -> list[str]:
    """Put the files of an archive into its place, each under the archive's name and its own; a file
    that is none stays as it is. Returns the ids; `on_left_out` hears why a file is no delivery.
    """
    whole = get(folder, tray_id, limits).delivery
    try:
        found = members(whole, contracts) if is_archive(whole) else None
    except InputRefused as error:
        take_out(folder, tray_id)
        return [put(folder, whole.name, (), (error.what, error.hint), True)]
    if found is None:
        return [tray_id]
    tray_ids = []
    for member in found:
        if member.left_out:
            on_left_out(f"{printable(member.name)}: {member.left_out}")
            continue
        with unpacked_member(whole, member, folder) as each:
            tray_ids.append(put(folder, each.name, _pieces(each), each.refusal, True))
    take_out(folder, tray_id)
    return tray_ids or [put(folder, whole.name, (), NO_DELIVERY, True)]


def _pieces(delivery: Delivery) -> Iterator[bytes]:
    if not delivery.refusal:
        with delivery.open() as stream:
            yield from chunks(stream)


def waiting(folder: Path, limits: Limits = DEFAULT_LIMITS) -> list[Waiting]:
    """The files in the tray, in order of arrival; `limits` say how large they may be."""
    found = (
        [_read(place, limits) for place in folder.iterdir() if not place.name.startswith(".")]
        if folder.is_dir()
        else []
    )
    return sorted((each for each in found if each), key=lambda each: (each.arrived, each.name))


def get(folder: Path, tray_id: str, limits: Limits = DEFAULT_LIMITS) -> Waiting:
    """One file of the tray; raises InputRefused when it is there no more."""
    found = _read(folder / tray_id, limits) if tray_id.isalnum() else None
    if found is None:
        raise InputRefused(
            "is no longer in the tray",
            tray_id,
            "it was loaded or taken out, perhaps in another tab",
        )
    return found


def read_as(folder: Path, tray_id: str, reading: Reading) -> None:
    """Keep how a file is to be read."""
    file = get(folder, tray_id)
    _write_reading(folder / tray_id, file.name, reading, file.refusal)


def take_out(folder: Path, tray_id: str) -> None:
    """Take a file out of the tray; one that is there no more is no error."""
    if tray_id.isalnum():
        shutil.rmtree(folder / tray_id, ignore_errors=True)


def _read(place: Path, limits: Limits) -> Waiting | None:
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
        tuple(kept["refusal"]) if kept.get("refusal") else None,
        limits,
    )


def _write_reading(
    place: Path, name: str, reading: Reading, refusal: tuple[str, str] | None
) -> None:
    written = place / f".{READING}"
    kept = {"name": name, "reading": asdict(reading), "refusal": refusal}
    written.write_text(json.dumps(kept), encoding="utf-8")
    os.replace(written, place / READING)
