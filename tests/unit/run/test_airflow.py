"""The client of Airflow's REST API: who it says it is, what it makes of each answer."""

import time

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.orchestrate.airflow_api import (
    MEANINGS,
    PASSWORD,
    TOKEN,
    USER,
    Airflow,
    AirflowFailed,
    address_of,
)
from pipeline.services.access import audit
from pipeline.services.access.roles import NotAllowed
from pipeline.services.run import airflow
from pipeline.store.control.actor import Actor, acting_as
from tests.receivers import airflow_server, http_server

RUN = {
    "dag_run_id": "manual__1",
    "state": "success",
    "run_after": "2026-11-29T23:39:39.435906Z",
    "start_date": "2026-11-29T23:39:40Z",
    "end_date": "2026-11-29T23:40:40Z",
    "duration": 60.0,
}
SECRET = "s3cret-of-airflow"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv(TOKEN, raising=False)
    monkeypatch.setenv(USER, "icon")
    monkeypatch.setenv(PASSWORD, SECRET)
    with airflow_server() as running:
        yield running


@pytest.fixture
def settings(tmp_path, server):
    return load_settings(home=tmp_path / "home", airflow_url=server.url)


def answered(settings):
    look, deadline = None, time.monotonic() + 5
    while look is None and time.monotonic() < deadline:
        look = airflow.newest(settings, 1.0)
    return look


def test_a_user_is_let_in_with_a_token_that_airflow_gives(server):
    server.dag_runs.append(RUN)
    (run,) = Airflow(server.url).newest(5)
    assert (run.dag_run_id, run.state, run.seconds) == ("manual__1", "success", 60.0)
    assert run.started_at == "2026-11-29T23:39:40+00:00"
    (_, _, first, body), (_, path, second, _) = server.requests
    assert (first, body) == (None, {"username": "icon", "password": SECRET})
    assert second == "Bearer token of icon" and path.endswith("order_by=-run_after&limit=5")


def test_a_token_of_the_environment_needs_no_password(server, monkeypatch):
    monkeypatch.setenv(TOKEN, "given")
    assert Airflow(server.url).is_paused() is False
    assert [login for _, _, login, _ in server.requests] == ["Bearer given"]


def test_without_a_login_nothing_is_sent(server, monkeypatch):
    monkeypatch.delenv(PASSWORD)
    with pytest.raises(AirflowFailed, match="has no login"):
        Airflow(server.url)
    assert server.requests == []


@pytest.mark.parametrize("status", [*MEANINGS, 500])
def test_a_refusal_is_told_in_our_words_and_quotes_nothing(server, status):
    server.refuses, server.says = status, f"you sent {SECRET}".encode()
    with pytest.raises(AirflowFailed) as caught:
        Airflow(server.url)
    assert MEANINGS.get(status, ("answers 500",))[0] in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("says", [b"<html>", b"[]", b"null", b"{}", b'{"access_token"', b"\xff"])
def test_what_is_not_airflow_is_told_as_such(server, says):
    server.says = says
    with pytest.raises(AirflowFailed, match="not that of Airflow"):
        Airflow(server.url)


@pytest.mark.parametrize("field", list(RUN))
def test_a_run_without_one_of_its_fields_or_with_another_kind_of_value_is_not_shown(server, field):
    client = Airflow(server.url)
    server.dag_runs = [{name: value for name, value in RUN.items() if name != field}]
    with pytest.raises(AirflowFailed, match="not that of Airflow"):
        client.newest(5)
    if field not in ("dag_run_id", "state"):
        server.dag_runs = [RUN | {field: "soon"}]
        with pytest.raises(AirflowFailed, match="not that of Airflow"):
            client.newest(5)


def test_a_redirect_takes_the_password_nowhere(server):
    with http_server() as elsewhere:
        server.refuses, server.location = 307, f"http://127.0.0.1:{elsewhere.port}/auth/token"
        with pytest.raises(AirflowFailed, match="answers 307"):
            Airflow(server.url)
        assert elsewhere.requests == []


def test_nobody_there_is_an_error_that_says_so(settings):
    with pytest.raises(AirflowFailed, match="cannot be reached"):
        Airflow("http://127.0.0.1:9")


def test_no_id_of_a_run_leads_out_of_its_address():
    address = address_of("https://a.example", "../../x?y#z")
    assert address == "https://a.example/dags/icon_health_pipeline/runs/..%2F..%2Fx%3Fy%23z"


def test_what_airflow_answered_is_kept_for_a_moment_and_asked_again_after_a_trigger(
    settings, server
):
    assert answered(settings).dag_runs == ()
    asked = len(server.requests)
    assert airflow.newest(settings).dag_runs == () and len(server.requests) == asked
    dag_run_id = airflow.trigger(settings)
    assert [run.dag_run_id for run in answered(settings).dag_runs] == [dag_run_id]
    record = audit.newest(settings, 1)[0]
    assert (record.action, record.target) == ("trigger", airflow.DAG)
    assert record.facts == {"dag_run_id": dag_run_id}


def test_an_airflow_that_does_not_answer_holds_up_nobody(settings, monkeypatch):
    def slow(address):
        time.sleep(1)
        raise AirflowFailed("cannot be reached", address)

    monkeypatch.setattr(airflow, "Airflow", slow)
    began = time.monotonic()
    assert airflow.newest(settings) is None and airflow.newest(settings) is None
    assert time.monotonic() - began < 0.5
    assert "cannot be reached" in str(answered(settings).error)


def test_a_viewer_looks_and_does_not_trigger(settings, server):
    with acting_as(Actor("somebody", ("viewer",))):
        assert answered(settings).error is None
        with pytest.raises(NotAllowed):
            airflow.trigger(settings)
    assert {method for method, path, _, _ in server.requests if "dags" in path} == {"GET"}


def test_without_an_address_nothing_is_triggered(settings, tmp_path):
    with pytest.raises(InputRefused, match="airflow_url"):
        airflow.trigger(load_settings(home=tmp_path / "home"))
