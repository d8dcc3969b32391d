"""The server of /metrics and /health: a port of its own, for probes and Prometheus."""

import hmac
import json
import sys
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

from pipeline.config import Settings
from pipeline.errors import InputRefused, as_pipeline_error
from pipeline.services.run import health, metrics

#: Seconds after which a caller that says nothing is let go.
TIMEOUT_SECONDS = 10
JSON = "application/health+json"


class Monitor(ThreadingHTTPServer):
    """Answers about one home."""

    daemon_threads = True

    def __init__(self, settings: Settings, address: str, port: int, token: str | None) -> None:
        self.settings, self.token = settings, token
        super().__init__((address, port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that went away is no error; anything else is told without its words."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            print(as_pipeline_error(error), file=sys.stderr, flush=True)


class _Handler(BaseHTTPRequestHandler):
    server: Monitor
    timeout = TIMEOUT_SECONDS
    server_version, sys_version = "icon-health", ""

    def do_GET(self) -> None:
        """/health or /metrics."""
        if not self._is_meant_for_us():
            self._answer(421, "text/plain", "another host is asked for\n")
        elif self.path == "/health":
            state = health.health(self.server.settings)
            document = asdict(state) if self._is_let_in() else {"status": state.status}
            self._answer(200 if state.is_usable else 503, JSON, json.dumps(document) + "\n")
        elif self.path == "/metrics" and self._is_let_in():
            exposed = metrics.exposition(metrics.metrics(self.server.settings))
            self._answer(200, metrics.CONTENT_TYPE, exposed)
        elif self.path == "/metrics":
            self._answer(401, "text/plain", "a bearer token is needed\n")
        else:
            self._answer(404, "text/plain", "/metrics or /health\n")

    def _is_meant_for_us(self) -> bool:
        """Whether the browser, if it is one, believes to speak with this machine: a page elsewhere
        can point a name of its own at it. With a token that page has nothing to show.
        """
        if self.server.token is not None:
            return True
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        return host == "localhost" or _is_loopback(host.strip("[]"))

    def _is_let_in(self) -> bool:
        if self.server.token is None:
            return True
        shown = self.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {self.server.token}".encode())

    def _answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Probes come every few seconds; nothing is told of them."""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def serve(settings: Settings, address: str, port: int, token: str | None) -> None:
    """Answer until the process is told to end. Raises InputRefused for an address that others reach
    without a token, and for a port that is taken.
    """
    if token is None and not _is_loopback(address):
        raise InputRefused(
            "others reach it", f"address {address}", "give --token-env, or listen at 127.0.0.1"
        )
    try:
        server = Monitor(settings, address, port, token)
    except OSError as error:
        raise InputRefused(
            f"cannot be listened at: {error.strerror}", f"{address}:{port}", "choose another --port"
        ) from error
    try:
        with server:
            where = f"http://{address}:{server.server_port}"
            print(f"{where}/metrics and /health", file=sys.stderr, flush=True)
            server.serve_forever()
    except KeyboardInterrupt:
        return
