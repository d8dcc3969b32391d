"""`dbt source freshness`, called in the project's folder: how old the newest load in force of each
source is, compared with the days that its declaration gives it.
"""

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.sources import load_contracts
from pipeline.store.sqlite.clock import FORMAT
from tests.warehouse import copied, query


@pytest.fixture
def home(sample_home, tmp_path) -> Settings:
    return copied(sample_home, tmp_path / "home")


def freshness(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """Source -> what dbt says of it."""
    target = tmp_path / "target"
    subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), "source", "freshness", "--profiles-dir", "."),
            *("--target-path", target, "--log-path", tmp_path / "log"),
        ],
        cwd=PROJECT_DIR / "icon_dbt",
        env=os.environ | {"ICON_HEALTH_HOME": str(settings.home)},
        check=True,
        capture_output=True,
    )
    results = json.loads((target / "sources.json").read_text(encoding="utf-8"))["results"]
    return {each["unique_id"].rpartition(".raw_")[2]: each["status"] for each in results}


def load_came(settings: Settings, source: str, at: datetime) -> None:
    with sqlite3.connect(settings.warehouse_path) as connection:
        connection.execute(
            "update ops_loads set loaded_at = ? where entity = ?", (at.strftime(FORMAT), source)
        )


def test_each_source_is_compared_with_the_days_that_it_declares(home, tmp_path):
    declared = {
        name: contract.fresh_within_days
        for name, contract in load_contracts().items()
        if contract.fresh_within_days
    }
    now = datetime.now(UTC)
    for name in declared:
        load_came(home, name, now - timedelta(days=declared[name] - 1))
    old = sorted(declared)[::2]
    for name in old:
        load_came(home, name, now - timedelta(days=declared[name] + 1))
    before = query(home.home, "select sql from sqlite_master")
    judged = query(home.home, "select * from ops_judged_loads")
    assert freshness(home, tmp_path) == {
        name: "warn" if name in old else "pass" for name in declared
    }
    # a question changes nothing, not even what a build has noted
    assert query(home.home, "select sql from sqlite_master") == before
    assert query(home.home, "select * from ops_judged_loads") == judged


def test_a_load_that_was_taken_back_makes_nothing_fresh(home, tmp_path):
    with sqlite3.connect(home.warehouse_path) as connection:
        connection.execute("update ops_loads set status = 'undone' where entity = 'providers'")
    assert {name for name, status in freshness(home, tmp_path).items() if status == "warn"} == {
        "providers"
    }
