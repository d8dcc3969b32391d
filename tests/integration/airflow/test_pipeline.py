"""The DAG in a real Airflow, in an environment of its own (`make airflow`): what it is, a run that
is published, a run that is held, what is tried again, and what the workbench asks of its REST API.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR, python_path
from pipeline.orchestrate.airflow_api import PASSWORD, USER, Airflow, AirflowFailed
from pipeline.services.run import airflow as airflow_service
from pipeline.services.run import runs
from pipeline.services.upload import connectors
from tests.factories import small_world, write_delivery
from tests.receivers import free_port, http_server

AIRFLOW = PROJECT_DIR / ".venv-airflow" / "bin"
IN_AIRFLOW = Path(__file__).with_name("in_airflow.py")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The environment of an Airflow whose home has its tables."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_DIR / "dags"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "ICON_HEALTH_COMMAND": f"{sys.executable} -m pipeline",
        "PYTHONPATH": python_path(),
    }
    migrated = subprocess.run(
        [AIRFLOW / "airflow", "db", "migrate"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr[-2000:]
    return environment


@pytest.fixture(scope="module")
def airflow(environment):
    """Calls in_airflow.py."""

    def call(*words: str, **settings: str):
        done = subprocess.run(
            [AIRFLOW / "python", IN_AIRFLOW, *words],
            cwd=PROJECT_DIR,
            env=environment | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    return call


@pytest.fixture
def api(environment, tmp_path):
    """The address of an API server that knows the DAGs and two logins, and schedules nothing."""
    (tmp_path / "passwords.json").write_text(json.dumps({"operator": "right", "visitor": "right"}))
    own = environment | {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "operator:op,visitor:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(tmp_path / "passwords.json"),
    }
    port = str(free_port())
    words = ["api-server", "--host", "127.0.0.1", "--port", port, "--workers", "1"]
    log = tmp_path / "api.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [AIRFLOW / "airflow", *words], env=own, stdout=output, stderr=output
        )
    try:
        known = subprocess.run(
            [AIRFLOW / "airflow", "dags", "reserialize"], env=own, capture_output=True, check=False
        )
        assert known.returncode == 0, known.stderr[-2000:]
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while not _answers(address):
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.1)
        yield address
    finally:
        server.kill()
        server.wait(30)


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/api/v2/version", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture
def home(sample_home, tmp_path):
    copy = tmp_path / "home"
    shutil.copytree(sample_home, copy)
    return copy


def states(ended):
    return {task: state for task, index, state, _ in ended["tasks"] if index < 0}


def test_the_dags_load_and_say_what_they_are(airflow):
    found = airflow("bag")
    assert found["errors"] == {}
    pipeline, sync, push = (
        found["dags"][f"icon_health_{name}"] for name in ("pipeline", "sync", "push")
    )
    assert pipeline["tasks"] == {
        "delivery": ["ingest"],
        "ingest": ["build"],
        "build": ["features", "gate", "layer"],
        "layer": ["gate"],
        "gate": ["features"],
        "features": [],
    }
    assert pipeline["params"] == ["as_of", "full_refresh", "inbox"]
    assert {task: sync["tasks"][task] for task in ("sync", "new_loads", "sources")} == {
        "sync": ["new_loads", "sources"],
        "new_loads": ["build"],
        "sources": [],
    }
    assert sync["params"] == ["as_of", "connector", "full_refresh"]
    assert {dag["max_active_runs"] for dag in found["dags"].values()} == {1}
    assert pipeline["outlets"] == sync["outlets"] == push["assets"] == ["icon_health_features"]
    for dag in found["dags"].values():
        assert (dag["tell"], dag["silent"]) == (["tell"], [])


def test_a_task_that_failed_for_good_is_told_by_the_alerts_that_are_declared(airflow, tmp_path):
    home = {"ICON_HEALTH_HOME": str(tmp_path / "home")}
    airflow("tell", "push", **home)  # nothing is declared: nobody is told, and nothing breaks
    rules = tmp_path / "alerts.toml"
    with http_server() as hook:
        rules.write_text(
            'page = "https://workbench.example"\n[[channels]]\nkind = "webhook"\nname = "hook"\n'
            f'url = "http://127.0.0.1:{hook.port}"\nsecret_env = "HOOK_SECRET"\n'
        )
        alerts = {"ICON_HEALTH_ALERTS_FILE": str(rules), "HOOK_SECRET": "key", **home}
        airflow("tell", "push", **alerts)
        assert [alert["text"] for document in hook.documents for alert in document["alerts"]] == [
            "Task icon_health_push.push failed."
        ]
        hook.status = 500
        airflow("tell", "push", **alerts)


def test_only_a_busy_pipeline_and_a_killed_process_are_tried_again(airflow):
    again = {"75", "-9", "-15", "137", "143"}
    never = {"1", "2", "3", "4", "130"}
    ends = airflow("end", "0", *again, *never)
    assert {code for code, error in ends.items() if error == "AirflowException"} == again
    assert {code for code, error in ends.items() if error == "AirflowFailException"} == never
    assert ends["0"] == "none"


def test_a_delivery_is_loaded_built_once_and_told(airflow, home, tmp_path):
    inbox = write_delivery(tmp_path / "inbox", **small_world())
    for file in inbox.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    asked = json.dumps({"inbox": str(inbox)})
    ended = airflow("run", "pipeline", asked, ICON_HEALTH_HOME=str(home))
    assert ended["state"] == "success" and set(states(ended).values()) == {"success"}
    results = {task: result for task, index, _, result in ended["tasks"] if index < 0}
    assert {load["status"] for load in results["ingest"]} == {"loaded"}
    layers = [state for task, index, state, _ in ended["tasks"] if task == "layer"]
    assert layers == ["success"] * 4
    newest = runs.listed(load_settings(home=home), 1)[0]
    assert (newest.run_id, newest.status) == (results["build"]["run_id"], "succeeded")
    assert newest.request_id.startswith("airflow manual")


def test_a_held_load_is_a_state_with_a_message_and_nothing_follows(airflow, home, tmp_path):
    world = small_world()
    for row in world["patients"]:
        row["gender"] = "?"
    inbox = write_delivery(tmp_path / "inbox", patients=world["patients"])
    os.utime(inbox / "patients.csv", (1_700_000_000, 1_700_000_000))
    ended = airflow(
        "run", "pipeline", json.dumps({"inbox": str(inbox)}), ICON_HEALTH_HOME=str(home)
    )
    assert ended["state"] == "success"
    assert states(ended) | {"layer": "success"} == {
        "delivery": "success",
        "ingest": "success",
        "build": "success",
        "layer": "success",
        "gate": "skipped",
        "features": "skipped",
    }
    assert runs.listed(load_settings(home=home), 1)[0].status == "held"


def test_a_sync_builds_what_came_and_says_which_source_it_could_not_read(airflow, home, tmp_path):
    settings = load_settings(home=home)
    source = write_delivery(tmp_path / "source", **small_world())
    connectors.add(settings, "clinic", str(source), options={"settle_seconds": "0"})
    asked = json.dumps({"connector": "clinic"})
    came = airflow("run", "sync_sources", asked, ICON_HEALTH_HOME=str(home))
    assert came["state"] == "success" and set(states(came).values()) == {"success"}
    assert runs.listed(settings, 1)[0].request_id.startswith("airflow manual")

    shutil.rmtree(source)
    gone = airflow("run", "sync_sources", "{}", ICON_HEALTH_HOME=str(home))
    told = states(gone)
    assert gone["state"] == "failed"
    assert (told["sync"], told["sources"], told["build"]) == ("success", "failed", "skipped")


def test_the_workbench_sees_and_triggers_the_dag_by_the_rest_api(api, tmp_path, monkeypatch):
    settings = load_settings(home=tmp_path / "home", airflow_url=api)
    monkeypatch.setenv(USER, "operator")
    monkeypatch.setenv(PASSWORD, "wrong")
    with pytest.raises(AirflowFailed, match="does not know the login"):
        Airflow(api)
    monkeypatch.setenv(PASSWORD, "right")
    earlier, is_paused = Airflow(api).newest(50), Airflow(api).is_paused()
    assert is_paused

    dag_run_id = airflow_service.trigger(settings)
    run, *others = Airflow(api).newest(50)
    assert tuple(others) == earlier
    assert (run.dag_run_id, run.state, run.started_at) == (dag_run_id, "queued", None)
    with pytest.raises(AirflowFailed, match="has a run of this id already"):
        Airflow(api).trigger(dag_run_id, {})
    with urlopen(airflow_service.address_of(settings, run), timeout=10) as page:
        assert page.status == 200

    monkeypatch.setenv(USER, "visitor")
    assert Airflow(api).newest(1) == (run,)
    with pytest.raises(AirflowFailed, match="does not let this login"):
        airflow_service.trigger(settings)
