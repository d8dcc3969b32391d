"""Servers on this machine that deliver: S3 (moto), SFTP (paramiko), HTTP, PostgreSQL."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.sftp import PASSWORD, Faults


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of an S3 that holds nothing yet."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


class _Handler(SimpleHTTPRequestHandler):
    """Files of a folder, with ranges and a login where a test wants them."""

    def __init__(self, *arguments, faults: Faults, login: str | None, ranges: bool, **named):
        self.faults, self.login, self.ranges = faults, login, ranges
        super().__init__(*arguments, **named)

    def log_message(self, *arguments) -> None:
        pass

    def send_head(self):
        self.faults.asked += 1
        if self.login is not None and self.headers.get("Authorization") != self.login:
            self.send_error(401)
            return None
        path = Path(self.translate_path(self.path))
        wanted = self.headers.get("Range")
        if not (path.is_file() and self.command == "GET"):
            return super().send_head()
        offset = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        self.faults.offsets.append(offset)
        size = path.stat().st_size
        self.send_response(206 if offset else 200)
        self.send_header("Content-Length", str(size - offset))
        if offset:
            self.send_header("Content-Range", f"bytes {offset}-{size - 1}/{size}")
        self.end_headers()
        stream = path.open("rb")
        stream.seek(offset)
        return stream

    def copyfile(self, source, outputfile) -> None:
        sent = 0
        while piece := source.read(16 * 1024):
            outputfile.write(piece)
            sent += len(piece)
            if self.faults.cuts > 0:  # a client loses what it has not read when the end comes
                time.sleep(0.05)
            if self.faults.cuts_now(sent):
                self.connection.shutdown(socket.SHUT_RDWR)
                return


@contextmanager
def http_server(
    folder: Path, faults: Faults | None = None, login: str | None = None, ranges: bool = True
) -> Iterator[str]:
    """The address of a web server that lists a folder."""
    handler = partial(
        _Handler, directory=str(folder), faults=faults or Faults(), login=login, ranges=ranges
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest of them; None where there are none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def postgres_server(programs: Path) -> Iterator[str]:
    """The address of a database of its own, which takes the login `sender` with PASSWORD.
    PostgreSQL does not run as root, so root lends it another user.
    """
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data, secret = folder / "data", folder / "password"
    secret.write_text(PASSWORD)
    if user:
        for path in (folder, secret):
            shutil.chown(path, user)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    as_user = {"user": user, "cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}

    def call(program: str, *words: object) -> None:
        subprocess.run(
            [programs / program, *map(str, words)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            **as_user,
        )

    try:
        call(
            "initdb",
            "-D",
            data,
            "-U",
            "sender",
            "--auth=scram-sha-256",
            f"--pwfile={secret}",
            "--no-sync",
            "-E",
            "UTF8",
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        call("pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        try:
            yield f"postgresql://127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def host_of(address: str) -> str:
    """Host and port of an address."""
    return urlsplit(address).netloc.rpartition("@")[2]
