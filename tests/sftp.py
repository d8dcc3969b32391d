"""An SFTP server on this machine (paramiko)."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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
