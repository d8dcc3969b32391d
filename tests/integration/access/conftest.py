"""A server behind its gate, and clients that come from everywhere."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from pages.shell import warm_up
from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.services.access import one_time_token

START_SECONDS = 60


@dataclass
class Answer:
    """An answer over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Served:
    """A server of a home on a port of this machine."""

    home: Path
    port: int
    #: What it prints.
    printed: Path

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask for a path; header names with an underscore for a hyphen, `Host` as given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.putrequest(method, path, skip_host="Host" in named)
            for name, value in named.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return Answer(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
            )
        finally:
            connection.close()

    def token(self) -> str:
        return one_time_token.new_token(load_settings(home=self.home))

    def cookie(self) -> str:
        """The cookie of somebody who just came in, as a browser sends it."""
        return warm_up.log_in(self.token(), self.port)

    def stream(self, **headers: str) -> ClientConnection:
        """The websocket over which Streamlit sends what a page shows."""
        return connect(
            f"ws://{self.host}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={k.replace("_", "-"): v for k, v in headers.items()},
            max_size=None,
            open_timeout=20,
        )


def start(
    home: Path,
    command: list[str],
    prepare: Callable[[int], object] = lambda port: None,
    **environment: str,
) -> Iterator[Served]:
    """Run a server (`{port}` in its command is the port) until the generator is closed; `prepare`
    hears of the port before.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    prepare(port)
    printed = home.with_name(f"printed_{port}")
    with printed.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", *(word.format(port=port) for word in command)],
            cwd=PROJECT_DIR,
            env={**os.environ, "ICON_HEALTH_HOME": str(home), **environment},
            stdout=subprocess.DEVNULL,
            stderr=stream,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not warm_up.is_listening("127.0.0.1", port):
            assert process.poll() is None and time.monotonic() < deadline, "it did not start"
            time.sleep(0.1)
        yield Served(home, port, printed)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def start_gated(
    home: Path, prepare: Callable[[int], object] = lambda port: None, **environment: str
) -> Iterator[Served]:
    """The server that `icon-health serve` starts."""
    command = ["pages.shell.server", "--home", str(home), "--port", "{port}"]
    return start(home, command, prepare, **environment)


def seen_on(stream: ClientConnection, words: Mapping[str, bytes], seconds: float = 20) -> set[str]:
    """Ask for the start page over a websocket; which of some words the server sends until the page
    is drawn.
    """
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    request = BackMsg()
    request.rerun_script.SetInParent()
    stream.send(request.SerializeToString())
    found: set[str] = set()
    deadline = time.monotonic() + seconds
    while True:
        data = stream.recv(timeout=max(deadline - time.monotonic(), 0.1))
        found |= {name for name, word in words.items() if word in data}
        message = ForwardMsg()
        message.ParseFromString(data)
        if message.WhichOneof("type") == "script_finished":
            return found


@pytest.fixture(scope="module")
def served(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The finished sample behind the gate."""
    home = shutil.copytree(sample_home, tmp_path_factory.mktemp("served") / "home")
    yield from start_gated(Path(home))
