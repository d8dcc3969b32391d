"""An empty home, a folder that others write to, and connectors of it."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.config import Settings, load_settings
from pipeline.orchestrate.sync import Sync
from pipeline.services.upload import connectors
from pipeline.store.sqlite.database import open_warehouse
from tests.factories import write_delivery

#: Long enough ago that nobody writes to it any more.
EARLIER = 3600


@dataclass
class Place:
    """A home, and a source of it."""

    settings: Settings
    source: Path

    def put(self, name: str, content: bytes | str, age: float = EARLIER) -> Path:
        """A file at the source, written so many seconds ago."""
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        written = time.time() - age
        os.utime(path, (written, written))
        return path

    def add(self, address: str, secrets: dict[str, str] | None = None, **options: str) -> None:
        """The connector `source`."""
        connectors.add(self.settings, "source", address, options, secrets)

    def sync(self, **named: bool) -> Sync:
        """One sync of it."""
        return connectors.sync(self.settings, "source", **named)

    def states(self, done: Sync) -> dict[str, str]:
        """File -> what became of it."""
        return {file.file: file.state for file in done.files}

    def loads(self) -> list[tuple[str, str, int]]:
        """(source, file, rows) of each load in force, in order of arrival."""
        with open_warehouse(self.settings) as warehouse:
            return warehouse.execute(
                "select entity, source_file, accepted from ops_loads where status = 'loaded' order by load_seq"
            ).fetchall()

    def patients(self) -> list[str]:
        """The key of every delivered patient, repeated ones as often as they came."""
        with open_warehouse(self.settings) as warehouse:
            return sorted(
                key for (key,) in warehouse.execute("select patient_id from raw_patients")
            )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    source = tmp_path / "source"
    source.mkdir()
    return Place(load_settings(home=tmp_path / "home", wait_seconds=5), source)


def patients(first: int, last: int) -> str:
    """A file of patients by number."""
    rows = "".join(f"P{number:06d},female,1950-01-02\n" for number in range(first, last))
    return f"patient_id,gender,birth_date\n{rows}"


__all__ = ["Place", "patients", "write_delivery"]
