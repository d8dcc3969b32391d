"""Homes in the states that tests start from. Nothing here needs a file outside the project."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
# for this process and those that tests start; before dbt is imported
sys.path.insert(0, str(Path(__file__).parent / "lean_imports"))
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [sys.path[0], os.environ.get("PYTHONPATH")])
)

from pipeline.config import Settings, load_settings
from pipeline.config.project import PROJECT_DIR
from tests.fast import SECONDS_KEY
from tests.homes import HomeStore

# a busy machine makes no test fail
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

SAMPLE_DIR = PROJECT_DIR / "data" / "sample"
DELIVERIES_DIR = PROJECT_DIR / "data" / "deliveries"
SHARED_DIR = PROJECT_DIR.parent / "shared"


@pytest.fixture(scope="session")
def home_store(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> HomeStore:
    """Homes that are made once for all workers."""
    folder = shared = tmp_path_factory.getbasetemp()
    # the environment says of a pytest inside a test too that a worker runs it
    if hasattr(pytestconfig, "workerinput"):
        shared = folder.parent
    cache = getattr(pytestconfig, "cache", None)  # absent with -p no:cacheprovider
    # each worker has homes of its own: who copies a database file drops the locks that its process
    # holds on it, and reading a home writes to it too (its audit trail, the tour)
    return HomeStore(cache.mkdir("homes") if cache else shared / "kept", folder / "homes")


@pytest.fixture(scope="session")
def parsed_project(home_store: HomeStore) -> Path:
    """dbt's parse of the project, so that a process with a home of its own does not parse it again
    (about 4 s).
    """
    from pipeline.transform.dbt_project import DbtProject

    home = home_store.once("parsed", lambda home: DbtProject(load_settings(home=home)).parse())
    return load_settings(home=home).dbt_dir / "target" / "partial_parse.msgpack"


@pytest.fixture
def settings(tmp_path: Path, parsed_project: Path) -> Settings:
    """Settings of an empty home."""
    settings = load_settings(home=tmp_path / "home")
    target = settings.dbt_dir / "target"
    target.mkdir(parents=True)
    shutil.copy(parsed_project, target)
    return settings


@pytest.fixture(scope="session")
def sample_home(home_store: HomeStore) -> Path:
    """A home in which the shipped sample was run through all layers. Read only: copy it before
    changing it.
    """
    from pipeline.services.run import runs

    return home_store.once(
        "sample",
        lambda home: runs.run_now(load_settings(home=home), verb="run", paths=[SAMPLE_DIR]),
    )


@pytest.fixture(autouse=True)
def _sample_home_as_it_was(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that writes to the home that the tests of its worker share."""
    if "sample_home" not in request.fixturenames:
        yield
        return
    home = request.getfixturevalue("sample_home")
    before = _kept_by(home)
    yield
    assert _kept_by(home) == before, "this test wrote to the shared sample home; copy it first"


def _kept_by(home: Path) -> dict[str, object]:
    """What a home holds that only a person or a run changes."""
    with sqlite3.connect(f"file:{home / 'control.db'}?mode=ro", uri=True) as control:
        tables = [
            name
            for (name,) in control.execute("select name from sqlite_master where type = 'table'")
        ]
        counts = {
            name: control.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables
        }
    control.close()
    return {**counts, "files": sorted(path.name for path in home.glob("*/*"))}


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that take minutes begin first: at the end of a run one of them would run alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Leave the seconds of each test file that ran as a whole for `tests/fast.py`."""
    is_part = config.option.keyword or any("::" in argument for argument in config.args)
    if config.option.collectonly or is_part or not hasattr(config, "cache"):
        return
    seconds = config.cache.get(SECONDS_KEY, {})
    spent: dict[str, float] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "duration", None) is not None:
                name = report.nodeid.split("::")[0]
                spent[name] = spent.get(name, 0.0) + report.duration
    config.cache.set(SECONDS_KEY, seconds | {name: round(s, 2) for name, s in spent.items()})
