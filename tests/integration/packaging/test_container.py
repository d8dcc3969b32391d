"""What the container files run, run outside of a container: with their environment, and with /data
as the only place that is written to.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from pipeline.config.project import PROJECT_DIR
from pipeline.services.access.one_time_token import LOCAL_ADDRESS
from tests.warehouse import copied

CONTAINERFILE = (PROJECT_DIR / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = yaml.safe_load((PROJECT_DIR / "compose.yml").read_text(encoding="utf-8"))
LAST_STAGE = CONTAINERFILE[CONTAINERFILE.rindex("FROM ") :]


def instruction(name: str) -> str:
    """The last instruction of this name in the stage that runs."""
    return re.findall(rf"^{name} (.*)$", LAST_STAGE, re.MULTILINE)[-1]


def words_of(name: str) -> list[str]:
    return json.loads(re.search(r"\[.*\]", instruction(name))[0])


def environment(data: Path) -> dict[str, str]:
    """The environment of the container, with another folder for /data."""
    declared = dict(each.split("=", 1) for each in shlex.split(instruction("ENV")))
    declared.pop("PATH")
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG") if name in os.environ}
    moved = {name: value.replace("/data", str(data)) for name, value in declared.items()}
    return {**kept, **moved, "PYTHONPATH": str(PROJECT_DIR)}


def command(words: list[str]) -> list[str]:
    """A command of the container in this environment of Python."""
    entry = words_of("ENTRYPOINT")
    assert entry == ["icon-health"]
    return [sys.executable, "-m", "pipeline", *words]


@pytest.fixture
def data(sample_home, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    copied(sample_home, folder / "home")
    return folder


@pytest.fixture
def free_port():
    with socket.create_server((LOCAL_ADDRESS, 0)) as listener:
        return listener.getsockname()[1]


def written_since(moment: float) -> list[str]:
    """Files of the program's tree that were written after a moment of the clock of files."""
    return [
        str(path.relative_to(PROJECT_DIR))
        for room in ("pipeline", "pages", "icon_health", "icon_dbt/models", "icon_dbt/macros")
        for path in (PROJECT_DIR / room).rglob("*")
        if path.is_file() and path.stat().st_mtime > moment
    ]


def test_it_runs_as_nobody_in_particular_and_writes_to_its_volume_only():
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", instruction("USER"))
    assert words_of("VOLUME") == ["/data"]
    for service in COMPOSE["services"].values():
        assert service["read_only"] is True and service["tmpfs"] == ["/tmp"]
        assert service["cap_drop"] == ["ALL"] and service["user"] == instruction("USER")
        assert service["volumes"] == ["data:/data"]
    published = [port for each in COMPOSE["services"].values() for port in each.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_workbench_starts_is_healthy_and_leaves_the_program_alone(data, free_port):
    began = time.time()
    assert words_of("CMD") == COMPOSE["services"]["app"]["command"] == ["serve"]
    check = words_of("HEALTHCHECK")
    assert check[0] == "icon-health"
    server = subprocess.Popen(
        [*command(words_of("CMD")), "--port", str(free_port)],
        cwd=data,
        env=environment(data),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert f"http://{LOCAL_ADDRESS}:{free_port}" in server.stdout.readline()
        healthy = subprocess.run(command(check[1:]), cwd=data, env=environment(data), check=False)
        assert healthy.returncode == 0
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        server.stdout.close()
    assert written_since(began) == []


def test_the_health_check_fails_without_a_home(tmp_path):
    empty = tmp_path / "data"
    empty.mkdir()
    check = command(words_of("HEALTHCHECK")[1:])
    assert subprocess.run(check, cwd=empty, env=environment(empty), check=False).returncode == 1


def test_the_monitor_and_the_alerts_of_compose_start(data, free_port):
    service = COMPOSE["services"]["monitor"]
    words = [str(free_port) if word == "9464" else word for word in service["command"]]
    words = [LOCAL_ADDRESS if word == "0.0.0.0" else word for word in words]
    secrets = dict.fromkeys(service["environment"], "secret")
    monitor = subprocess.Popen(
        command(words), cwd=data, env=environment(data) | secrets, stderr=subprocess.PIPE, text=True
    )
    try:
        assert str(free_port) in monitor.stderr.readline()
    finally:
        monitor.send_signal(signal.SIGTERM)
        assert monitor.wait(30) == 0
        monitor.stderr.close()
    alerts = COMPOSE["services"]["alerts"]
    named = {name: path.replace("/data", str(data)) for name, path in alerts["environment"].items()}
    (data / "alerts.toml").write_text(
        'page = "https://workbench.example"\n[[channels]]\nkind = "slack"\nname = "chat"\nurl_env = "NONE"\n'
    )
    done = subprocess.run(
        command(alerts["command"]), cwd=data, env=environment(data) | named, check=False
    )
    assert done.returncode == 0


def has_compose() -> bool:
    docker = shutil.which("docker")
    asked = [docker, "compose", "version"]
    return docker is not None and subprocess.run(asked, capture_output=True).returncode == 0


@pytest.mark.skipif(not has_compose(), reason="no Docker Compose here")
def test_docker_understands_compose():
    subprocess.run(
        ["docker", "compose", "--file", "compose.yml", "config", "--quiet"],
        cwd=PROJECT_DIR,
        env=os.environ | {"ICON_MONITOR_TOKEN": "x"},
        check=True,
    )
