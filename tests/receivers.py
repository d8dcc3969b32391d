"""Servers on this machine: an SMTP server and an HTTP server that take what alerts send, and one
that answers as Airflow does.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class Mailbox:
    """Messages that an SMTP server took; `logins` are the users with their passwords."""

    port: int = 0
    messages: list[Message] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    refuses: bool = False

    async def handle_DATA(self, server, session, envelope):
        if self.refuses:
            return "554 refused"
        self.messages.append(message_from_bytes(envelope.content))
        return "250 taken"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right")


@contextmanager
def smtp_server() -> Iterator[Mailbox]:
    """An SMTP server that offers a login and no TLS."""
    mailbox = Mailbox()
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        authenticator=mailbox.authenticate,
        auth_require_tls=False,
    )
    controller.port = free_port()
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


def free_port() -> int:
    """A port on which nothing listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


@dataclass
class Hook:
    """Requests that an HTTP server took: path, headers, body; it answers with `status`."""

    port: int = 0
    status: int = 200
    location: str = ""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def documents(self) -> list[dict]:
        """The bodies, as JSON."""
        return [json.loads(body) for _, _, body in self.requests]


@contextmanager
def http_server() -> Iterator[Hook]:
    """An HTTP server for webhooks."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            hook.requests.append((self.path, headers, body))
            self.send_response(hook.status)
            if hook.location:
                self.send_header("Location", hook.location)
            self.end_headers()

        def log_message(self, *arguments):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield hook
        server.shutdown()
        thread.join()


@dataclass
class AirflowStandIn:
    """Answers of Airflow by path; `refuses` is a status for every call, `says` the text of every
    answer; `requests` are method, path, login and body of each.
    """

    port: int = 0
    dag_runs: list[dict] = field(default_factory=list)
    is_paused: bool = False
    refuses: int = 0
    says: bytes | None = None
    location: str = ""
    requests: list[tuple[str, str, str | None, dict]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method: str, path: str, body: dict) -> dict:
        if path == "/auth/token":
            return {"access_token": f"token of {body['username']}"}
        if method == "POST":
            run = {"dag_run_id": body["dag_run_id"], "state": "queued", "run_after": None}
            run |= {"start_date": None, "end_date": None, "duration": None}
            self.dag_runs.insert(0, run)
            return run
        if "/dagRuns" in path:
            return {"dag_runs": self.dag_runs}
        return {"is_paused": self.is_paused}


@contextmanager
def airflow_server() -> Iterator[AirflowStandIn]:
    """An HTTP server that answers the calls which the workbench makes of Airflow."""
    airflow = AirflowStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            login = self.headers.get("Authorization")
            airflow.requests.append((self.command, self.path, login, body))
            self.send_response(airflow.refuses or 200)
            if airflow.location:
                self.send_header("Location", airflow.location)
            self.end_headers()
            said = (
                airflow.says or json.dumps(airflow.answer(self.command, self.path, body)).encode()
            )
            self.wfile.write(said)

        do_POST = do_GET

        def log_message(self, *arguments):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        airflow.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield airflow
        server.shutdown()
        thread.join()
