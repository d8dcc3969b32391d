"""The app in front of a home, without a browser."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from pipeline.config import PROJECT_DIR

PAGES = ("home/overview", "load/upload", "load/run_pipeline", "load/run_history", "review/data_quality", "review/quarantine",
         "explore/gold", "explore/providers", "explore/referrals", "explore/networks",
         "explore/features", "about/catalog", "about/settings")
#: Page -> the address parameter of its views, and the views. Only the open one is drawn.
VIEWS = {
    "load/run_history": ("about", ("Steps", "What changed", "Rule results", "Compare", "Each model over time")),
    "review/data_quality": ("part", ("Rules", "Grades", "Trend", "Row ledger")),
    "review/quarantine": ("list", ("Open rows", "Audit trail")),
    "explore/gold": ("view", ("Rows", "Chart", "Columns", "Export")),
    "explore/providers": ("beside", ("Funnel", "Estimates", "Cost", "Scorecard")),
    "explore/networks": ("shows", ("Coverage", "Map", "Roster", "Access", "Prices", "Volume", "Savings")),
    "explore/features": ("look", ("Registry", "Distribution", "Correlation", "Drift", "As known at")),
    "about/catalog": ("tab", ("Dictionary", "Lineage", "Rules")),
}
EVERY_VIEW = [(page, {key: view}) for page, (key, views) in VIEWS.items() for view in views]
Opener = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def fresh_session():
    """No answer kept from another test, and session state that may hold the functions that AppTest puts there."""
    config.get_config_options()
    config._set_option("runner.enforceSerializableSessionState", False, "tests")
    config._set_option("client.showErrorDetails", "full", "tests")
    st.cache_data.clear()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Open a page (`review/quarantine`) of the app on a home, with address parameters."""

    def opened(page: str, home: Path, /, **parameters: str) -> AppTest:
        monkeypatch.setenv("ICON_HEALTH_HOME", str(home))
        app = AppTest.from_file(str(PROJECT_DIR / "streamlit_app.py"), default_timeout=60).run()
        if page != "home/overview":
            app.switch_page(f"pages/{page}.py")
        for name, value in parameters.items():
            app.query_params[name] = value
        return app.run()

    return opened


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """A home in which nothing ever happened."""
    return tmp_path / "home"


@pytest.fixture
def own_sample_home(sample_home: Path, tmp_path: Path) -> Path:
    """A copy of the finished sample, to be changed."""
    return Path(shutil.copytree(sample_home, tmp_path / "sample"))
