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
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import paramiko

PASSWORD = "not-to-be-shown-7c1f"


@dataclass
class Faults:
    """What a server does wrong: after so many bytes of a file it ends the connection, so often;
    `asked` counts requests, `offsets` are those from which files were asked for.
    """

    cut_after: int | None = None
    cuts: int = 0
    asked: int = 0
    offsets: list[int] = field(default_factory=list)

    def cuts_now(self, sent: int) -> bool:
        """Whether the connection ends after so many bytes."""
        if self.cut_after is None or self.cuts <= 0 or sent < self.cut_after:
            return False
        self.cuts -= 1
        return True


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


class _Login(paramiko.ServerInterface):
    def check_auth_password(self, username, password):
        good = (username, password) == ("sender", PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, channel_id):
        return paramiko.OPEN_SUCCEEDED

    def get_allowed_auths(self, username):
        return "password"


class _Handle(paramiko.SFTPHandle):
    def __init__(self, stream, owner: "_Disk"):
        super().__init__(os.O_RDONLY)
        self.readfile, self._owner, self._sent = stream, owner, 0

    def stat(self):
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))

    def read(self, offset, length):
        if self._sent == 0:
            self._owner.faults.offsets.append(offset)
        data = super().read(offset, length)
        self._sent += len(data) if isinstance(data, bytes) else 0
        if self._owner.faults.cuts_now(self._sent):
            self._owner.transport.close()
        return data


class _Disk(paramiko.SFTPServerInterface):
    """A folder; `more` are names that its listing holds beside those of the disk."""

    def __init__(self, server, *, root: Path, faults: Faults, transport, more: list[str]):
        self.root, self.faults, self.transport, self.more = root, faults, transport, more

    def _real(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def list_folder(self, path):
        self.faults.asked += 1
        try:
            found = sorted(self._real(path).iterdir())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        listed = [paramiko.SFTPAttributes.from_stat(each.stat(), each.name) for each in found]
        if path.strip("/") in ("", "out"):
            listed += [
                paramiko.SFTPAttributes.from_stat(
                    self.root.stat() if 0 else os.stat(__file__), name
                )
                for name in self.more
            ]
        return listed

    def stat(self, path):
        try:
            return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path, flags, attr):
        try:
            return _Handle(self._real(path).open("rb"), self)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)


@dataclass(frozen=True)
class SftpServer:
    """Where it listens, and a file of known hosts that knows it."""

    address: str
    known_hosts: Path


@contextmanager
def sftp_server(
    root: Path, folder: Path, faults: Faults | None = None, more: tuple[str, ...] = ()
) -> Iterator[SftpServer]:
    """A server of the files of `root`; the file of known hosts lies in `folder`."""
    key, faults = paramiko.ECDSAKey.generate(), faults or Faults()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    transports: list[paramiko.Transport] = []

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.add_server_key(key)
            transport.set_subsystem_handler(
                "sftp",
                paramiko.SFTPServer,
                _Disk,
                root=root,
                faults=faults,
                transport=transport,
                more=list(more),
            )
            transports.append(transport)
            try:
                transport.start_server(server=_Login())
            except (paramiko.SSHException, EOFError):
                transport.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n")
    try:
        yield SftpServer(f"sftp://sender@127.0.0.1:{port}", known)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for transport in transports:
            transport.close()


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
