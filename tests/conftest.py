"""Homes in the states that tests start from. Nothing here needs a file outside the project."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")

from pipeline.config import PROJECT_DIR, Settings, load_settings

# a busy machine makes no test fail
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

SAMPLE_DIR = PROJECT_DIR / "data" / "sample"
DELIVERIES_DIR = PROJECT_DIR / "data" / "deliveries"
SHARED_DIR = PROJECT_DIR.parent / "shared"


@pytest.fixture(scope="session")
def parsed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dbt's parse of the project, so that a test with a home of its own does not parse it again
    (about 4 s).
    """
    from pipeline.transform.dbt_project import DbtProject

    settings = load_settings(home=tmp_path_factory.mktemp("parsed"))
    DbtProject(settings, as_of=datetime.now(UTC).date().isoformat()).parse()
    return settings.dbt_dir / "target" / "partial_parse.msgpack"


@pytest.fixture
def settings(tmp_path: Path, parsed_project: Path) -> Settings:
    """Settings of an empty home."""
    settings = load_settings(home=tmp_path / "home")
    target = settings.dbt_dir / "target"
    target.mkdir(parents=True)
    shutil.copy(parsed_project, target)
    return settings


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the shipped sample was run through all layers. Read only: copy it before
    changing it.
    """
    from pipeline.services.run import runs

    home = tmp_path_factory.mktemp("sample") / "home"
    runs.run_now(load_settings(home=home), verb="run", paths=[SAMPLE_DIR])
    return home


@pytest.fixture(scope="session")
def deliveries_dir() -> Path:
    """The folder of the three shipped deliveries."""
    return DELIVERIES_DIR


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    """The reference delivery with its known answer; it lies beside the project on some machines
    only.
    """
    folder = SHARED_DIR / "reference_delivery"
    if not folder.is_dir():
        pytest.skip(
            "the reference delivery is not on this machine; test_shipped_* prove the same on shipped data"
        )
    return folder


@pytest.fixture(scope="session")
def example_deliveries_dir() -> Path:
    """Three deliveries with a known answer; they lie beside the project on some machines only."""
    folder = SHARED_DIR / "example_deliveries"
    if not folder.is_dir():
        pytest.skip(
            "the example deliveries are not on this machine; test_shipped_* prove the same on shipped data"
        )
    return folder
