"""A warehouse in a temporary home and a way to load text or bytes into it."""

from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

import pytest

from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.loader import load
from pipeline.ingest.results import LoadResult
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import records


@dataclass
class Home:
    """A prepared home with an open warehouse."""

    connection: Connection
    delivered: Path

    def load(self, name: str, content: str | bytes, **options) -> LoadResult:
        data = content.encode() if isinstance(content, str) else content
        return load(self.connection, self.delivered, Delivery(name, data), **options)

    def rows(self, table: str, columns: str = "*") -> list[dict]:
        return records(self.connection, f"select {columns} from {table} order by rowid")

    def state(self) -> tuple:
        """Everything a load may change: row counts and kept files."""
        tables = [
            *(contract.raw_table for contract in load_contracts().values()),
            "raw_rejects",
            "ops_loads",
            "ops_load_findings",
        ]
        counts = tuple(
            self.connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in tables
        )
        stored = (
            sorted(path.name for path in self.delivered.glob("*"))
            if self.delivered.exists()
            else []
        )
        return counts, stored


@pytest.fixture
def home(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    prepare_warehouse(
        settings, {contract.raw_table: contract.delivered for contract in load_contracts().values()}
    )
    with open_warehouse(settings, write=True) as connection:
        yield Home(connection, settings.delivered_dir)
