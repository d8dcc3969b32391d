"""Health and numbers of a home, for a probe and for Prometheus."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.cli.main import main
from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.services.run import health, metrics, status
from pipeline.store.control import runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import open_inbox, open_warehouse
from tests.warehouse import copied, query


@pytest.fixture
def settings(sample_home, tmp_path):
    return copied(sample_home, tmp_path / "home")


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_the_numbers_and_they_are_those_of_the_home(settings, capsys):
    assert main(["--home", str(settings.home), "metrics"]) == 0
    measured = samples(capsys.readouterr().out)
    state = status.status(settings)
    assert {
        dict(key[1:])["table"]: value
        for key, value in measured.items()
        if key[0] == "icon_health_table_rows"
    } == {table.name: table.rows for table in state.tables}
    assert {
        dict(key[1:])["source"]: value
        for key, value in measured.items()
        if key[0] == "icon_health_quarantined_rows"
    } == state.quarantine
    (rejected,) = query(
        settings.home, "select sum(rejected) from ops_loads where status = 'loaded'"
    )
    assert rejected[0] == sum(
        value for key, value in measured.items() if key[0] == "icon_health_rejected_lines"
    )
    assert measured[("icon_health_last_run_success",)] == 1
    assert measured[("icon_health_lock_held",)] == 0


def test_what_is_not_known_has_no_sample(tmp_path):
    settings = load_settings(home=tmp_path / "none")
    names = {name for name, *_ in samples(metrics.exposition(metrics.metrics(settings)))}
    assert names == {"icon_health_info"} and not settings.home.exists()
    with open_control(settings):
        pass
    names = {name for name, *_ in samples(metrics.exposition(metrics.metrics(settings)))}
    assert "icon_health_home_free_bytes" in names
    assert not names & {"icon_health_last_run_success", "icon_health_table_rows"}


def test_a_label_with_any_sign_is_read_as_it_is():
    text = 'a"b\\c\nd'
    metric = metrics.Metric("odd", "gauge", "Odd.", (({"of": text}, 1.5),))
    assert samples(metrics.exposition([metric])) == {("icon_health_odd", ("of", text)): 1.5}


def test_a_textfile_appears_whole(settings, tmp_path, capsys):
    file = tmp_path / "icon.prom"
    assert main(["--home", str(settings.home), "metrics", "--textfile", str(file)]) == 0
    assert capsys.readouterr().out == ""
    assert ("icon_health_run_active",) in samples(file.read_text())
    assert set(os.listdir(tmp_path)) == {"home", "icon.prom"}


def test_a_built_home_is_well_and_each_trouble_is_told(settings):
    def found():
        return {check.name: check.status for check in health.health(settings).checks}

    assert set(found().values()) == {"pass"}
    with open_control(settings) as control:
        run, _ = runs.request(control, "build", [], None, False, [], "test")
        assert found()["queue"] == "pass"
        control.execute(
            "update ops_runs set requested_at = '2020-01-01T00:00:00Z' where status = 'queued'"
        )
        assert found()["queue"] == "warn"
        runs.finish(control, run.run_id, "failed", "failed")
    assert found()["last_run"] == "warn"
    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute("update ops_loads set gate = 'held' where load_id = 'L00001'")
    assert found()["warehouse"] == "warn"
    assert health.health(settings).is_usable
    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute("delete from ops_build")
    assert found()["warehouse"] == "fail"
    settings.warehouse_path.write_bytes(b"no database at all" * 1000)
    assert found()["warehouse"] == "fail"
    assert not health.health(settings).is_usable


def test_exit_codes_are_for_a_probe(settings, tmp_path, capsys):
    home = str(settings.home)
    assert main(["--home", home, "health", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "pass"
    with open_control(settings) as control:
        run, _ = runs.request(control, "build", [], None, False, [], "test")
        runs.finish(control, run.run_id, "failed", "failed")
    assert main(["--home", home, "health"]) == 0
    assert main(["--home", home, "health", "--strict"]) == 1
    assert main(["--home", str(tmp_path / "none"), "health"]) == 1
    assert not (tmp_path / "none").exists()


@pytest.fixture
def monitor(settings):
    """Starts the server with these options; gives its port and what asks it."""
    started = []

    def start(*options, **environment):
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pipeline",
                "--home",
                str(settings.home),
                "monitor",
                "--port",
                "0",
                *options,
            ],
            cwd=PROJECT_DIR,
            env=os.environ | environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        port = int(re.search(r":(\d+)/", process.stderr.readline())[1])

        def ask(path, **headers):
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            try:
                with opener.open(request, timeout=30) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        ask.port, ask.process = port, process
        return ask

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_server_answers_probes_and_prometheus_and_no_other_site(monitor, settings):
    ask = monitor()
    code, text = ask("/health")
    assert code == 200 and json.loads(text)["status"] == "pass"
    code, text = ask("/metrics")
    assert code == 200 and ("icon_health_run_active",) in samples(text)
    assert ask("/metrics", Host="evil.example")[0] == 421
    assert ask("/metrics", Host=f"localhost:{ask.port}")[0] == 200
    assert ask("/etc/passwd")[0] == 404
    with socket.create_connection(("127.0.0.1", ask.port)) as silent:
        silent.sendall(b"GET /health HTTP/1.1\r\n")
        assert ask("/health")[0] == 200
    shutil.rmtree(settings.home)
    assert ask("/health")[0] == 503
    ask.process.send_signal(signal.SIGTERM)
    assert ask.process.wait(20) == 0


def test_with_a_token_only_the_status_is_for_everybody(monitor):
    ask = monitor("--token-env", "MONITOR", MONITOR="secret")
    assert json.loads(ask("/health")[1]) == {"status": "pass"}
    assert ask("/metrics")[0] == ask("/metrics", Authorization="Bearer wrong")[0] == 401
    assert ask("/metrics", Authorization="Bearer secret")[0] == 200
    assert "checks" in json.loads(ask("/health", Authorization="Bearer secret")[1])


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "localhost.example"])
def test_what_others_reach_takes_a_token(settings, address, capsys):
    assert main(["--home", str(settings.home), "monitor", "--address", address]) == 2
    assert "--token-env" in capsys.readouterr().err


def test_every_metric_is_documented_and_nothing_else(settings):
    text = (PROJECT_DIR / "docs" / "interfaces.md").read_text(encoding="utf-8")
    section = text.partition("### Metrics\n")[2].partition("\n### ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    with open_control(settings) as control:
        control.execute(
            "insert into ops_alerts (event, key, sentence, path, raised_at) values ('late', 'late', '', '', '')"
        )
    with open_inbox(settings) as inbox:  # a stream was read once
        inbox.execute(
            "insert into ops_stream_positions (stream, topic, partition, first_position, next_position, holes, high, "
            "looked_at, last_sent_at) values ('s', 't', 0, 0, 1, 0, 1, :at, :at)",
            {"at": utc_now()},
        )
    assert {metric.name for metric in metrics.metrics(settings)} == documented
