"""The app in front of a home, without a browser."""

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pages.widgets import menu
from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.store.control import run_nodes, runs
from pipeline.store.control.control_file import open_control

PAGES = tuple(entry.key for entry in menu.ENTRIES)
#: Page -> the address parameter of its views, and the views.
VIEWS = {
    "run_history": (
        "about",
        ("Steps", "What changed", "Rule results", "Compare", "Each model over time"),
    ),
    "deliveries": ("seen", ("Deliveries", "Senders")),
    "quality": ("part", ("Rules", "Grades", "Trend", "Row ledger")),
    "quarantine": ("list", ("Causes", "Open rows", "Audit trail")),
    "tables": ("view", ("Rows", "Groups", "Chart", "Columns", "Export", "SQL")),
    "providers": ("beside", ("Funnel", "Estimates", "Cost", "Scorecard", "Side by side")),
    "networks": (
        "shows",
        (
            "Coverage",
            "Map",
            "Roster",
            "Access",
            "Adequacy",
            "Prices",
            "Volume",
            "Savings",
            "What if",
        ),
    ),
    "features": (
        "look",
        ("Registry", "Training set", "Distribution", "Correlation", "Drift", "As known at"),
    ),
    "catalogue": ("tab", ("Dictionary", "Lineage", "Rules")),
    "methods": ("made", ("Formulas", "Measured", "In force here")),
}
EVERY_VIEW = [(page, {key: view}) for page, (key, views) in VIEWS.items() for view in views]
#: What dbt said of the step that failed in `failed_home`.
FAILED_STEP = "Runtime Error in model fct_encounter\n  no such column: paid\n  compiled code at models/fct_encounter.sql"
Opener = Callable[..., AppTest]
# each AppTest looks through all installed packages for components of Streamlit, which takes as long
# as a page does; they stay what they are while tests run
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True)
def fresh_session():
    """No answer kept from another test, and session state that may hold the functions that AppTest
    puts there.
    """
    config.get_config_options()
    config._set_option("runner.enforceSerializableSessionState", False, "tests")
    config._set_option("client.showErrorDetails", "full", "tests")
    st.cache_data.clear()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Open a page (`quarantine`) of the app on a home, with address parameters."""

    def opened(page: str, home: Path, /, **parameters: str) -> AppTest:
        monkeypatch.setenv("ICON_HEALTH_HOME", str(home))
        return opened_page(page, **parameters)

    return opened


def opened_page(page: str, /, **parameters: str) -> AppTest:
    """A page of the home that the environment names, as a link opens it: without the start page,
    which `switch_page` would need to be drawn.
    """
    app = AppTest.from_file(str(PROJECT_DIR / "streamlit_app.py"), default_timeout=60)
    app._page_hash = calc_hash("" if page == "overview" else menu.BY_KEY[page].url_path)
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def opened_without_browser(page: str, home: Path) -> AppTest:
    """A page of a home, for a program that is no test."""
    config.get_config_options()
    config._set_option("runner.enforceSerializableSessionState", False, "tests")
    os.environ["ICON_HEALTH_HOME"] = str(home)
    return opened_page(page)


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """A home in which nothing ever happened."""
    return tmp_path / "home"


@pytest.fixture
def own_sample_home(sample_home: Path, tmp_path: Path) -> Path:
    """A copy of the finished sample, to be changed."""
    return Path(shutil.copytree(sample_home, tmp_path / "sample"))


@pytest.fixture
def failed_home(own_sample_home: Path) -> Path:
    """The finished sample after a run in which a model failed."""
    with open_control(load_settings(home=own_sample_home)) as control:
        run, _ = runs.request(
            control, "build", ["enterprise_datasets"], None, False, [], "test", pid=1
        )
        run_nodes.upsert(
            control,
            run.run_id,
            "model.icon_dbt.fct_encounter",
            "fct_encounter",
            "enterprise_datasets",
            "model",
            "error",
            "2026-01-01T00:00:00Z",
            0.2,
            None,
            FAILED_STEP,
        )
        runs.finish(control, run.run_id, "failed", "fct_encounter: no such column: paid")
    return own_sample_home
