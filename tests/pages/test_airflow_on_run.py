"""The page Run beside an Airflow: its last runs and a button, or nothing."""

import pytest

from pipeline.config import load_settings
from pipeline.orchestrate.airflow_api import PASSWORD, USER
from pipeline.services.access import audit
from pipeline.services.run import airflow
from tests.pages.screen import page_text
from tests.receivers import airflow_server
from tests.unit.run.test_airflow import RUN

BUTTON = "trigger_dag"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr("pages.run.airflow.FIRST_WAIT", 5.0)
    monkeypatch.setenv(USER, "icon")
    monkeypatch.setenv(PASSWORD, "secret")
    with airflow_server() as running:
        monkeypatch.setenv("ICON_HEALTH_AIRFLOW_URL", running.url)
        yield running


def buttons(app):
    return {button.key: button for button in app.button}


def test_without_an_airflow_the_page_says_nothing_of_it(open_page, empty_home):
    app = open_page("run", empty_home)
    assert BUTTON not in buttons(app) and "Airflow" not in page_text(app)


def listed(app):
    """The table of runs in Airflow."""
    (table,) = (frame.value for frame in app.dataframe if "run in Airflow" in frame.value)
    return table


def test_the_last_runs_are_shown_and_one_is_triggered(open_page, empty_home, server):
    hostile = "[x](javascript:alert(1)) :red[x]"
    server.dag_runs = [RUN, RUN | {"dag_run_id": hostile, "state": "failed"}]
    server.is_paused = True
    app = open_page("run", empty_home)
    table = listed(app)
    assert table["run in Airflow"].tolist() == ["manual__1", hostile]
    assert table["took"].tolist()[0] == "1 min 00 s"
    assert table["open"].tolist()[0].endswith("/runs/manual__1")
    assert "is paused" in page_text(app)

    app = buttons(app)[BUTTON].click().run()
    assert listed(app)["run in Airflow"].tolist()[0].startswith("workbench__")
    assert "in its queue" in page_text(app)
    record = audit.newest(load_settings(home=empty_home), 1)[0]
    assert (record.action, record.target) == ("trigger", airflow.DAG)


def test_an_airflow_that_refuses_is_told_and_nothing_can_be_triggered(
    open_page, empty_home, server
):
    server.refuses = 403
    app = open_page("run", empty_home)
    assert any("does not let this login" in warning.value for warning in app.warning)
    assert buttons(app)[BUTTON].disabled
