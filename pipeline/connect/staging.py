"""Where fetched bytes lie until they are loaded: `connect/<connector>/<key>/<name>` in the home.

No name of a source is a path here: of a name only the last part is kept, printable and short, in a
folder that is named by the key.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipeline.connect.connector import RemoteFile
from pipeline.errors import printable

FOLDER_MODE = 0o700
LONGEST_NAME = 200
UNNAMED = "file"
PART = ".part"
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Staging:
    """The folder of one connector."""

    folder: Path

    @classmethod
    def of(cls, home: Path, connector: str) -> "Staging":
        """The folder of a connector in a home."""
        return cls(home / "connect" / connector)

    def prepare(self) -> None:
        """Make the folder, for its owner only."""
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)

    def part(self, key: str) -> Path:
        """Where the bytes of a delivery arrive; a cut fetch goes on from what lies there."""
        return self.folder / f"{key}{PART}"

    def place(self, key: str, name: str) -> Path:
        """Where the whole bytes of a delivery lie, under its own name."""
        return self.folder / key / name

    def arrived(self, key: str, name: str, written: float) -> Path:
        """Move whole bytes to their place, with the time when they were written."""
        place = self.place(key, name)
        place.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
        os.utime(self.part(key), (written, written))
        os.replace(self.part(key), place)
        return place

    def drop(self, key: str) -> None:
        """Remove what lies here of a delivery."""
        self.part(key).unlink(missing_ok=True)
        shutil.rmtree(self.folder / key, ignore_errors=True)

    def keep_only(self, keys: Collection[str]) -> None:
        """Remove what lies here of other deliveries: no longer wanted, or of a killed sync."""
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if path.name.removesuffix(PART) not in keys and not path.name.endswith(".lock"):
                    self.drop(path.name.removesuffix(PART))


def local_name(file: RemoteFile) -> str:
    """The name that a delivery gets here: the last part of its path, printable and short."""
    last = re.split(r"[/\\]", file.deliver_as or file.name)[-1]
    name = printable(last).strip() or UNNAMED
    if name.strip(".") == "":
        name = UNNAMED
    while len(name.encode()) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[:-1]}.{ending}" if dot and len(ending) < 20 and stem else name[:-1]
    return name


def leads_out(file: RemoteFile) -> bool:
    """Whether the path of a file is none that stays below its address."""
    parts = file.name.split("/")
    return any(part in ("", ".", "..") for part in parts) or "\0" in file.name


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
