"""The head of the audit trail to a syslog (RFC 5424), so that an end that is cut off here, or a
chain computed anew, can be told by what another machine has noted.

A message holds the number and the hash of the newest record, nothing else. A syslog that cannot be
reached stops no work: the log says so, and the next record is sent as usual.
"""

import errno
import logging
import os
import re
import socket

from pipeline.config.project import project_version
from pipeline.config.values import SYSLOG
from pipeline.store.sqlite.clock import utc_now

SECONDS = 1.0
#: Facility 13 (log audit), severity 5 (notice).
PRIORITY = 13 * 8 + 5
HEAD = re.compile(r"head n=(\d+) sha256=([0-9a-f]{64})")
_LOG = logging.getLogger("icon_health.audit")


def message(head: tuple[int, str]) -> bytes:
    """One message of RFC 5424 without framing."""
    host = re.sub(r"[^!-~]", "", socket.gethostname())[:255] or "-"
    sender = f"{host} icon-health {os.getpid()} audit"
    number, value = head
    text = f"head n={number} sha256={value} version={project_version()}"
    return f"<{PRIORITY}>1 {utc_now()} {sender} - {text}".encode()


def send(address: str, head: tuple[int, str]) -> bool:
    """Send a head to `address` (setting `audit_syslog`); whether it could be handed over, which
    over UDP says nothing of its arrival.
    """
    parts = SYSLOG.fullmatch(address)
    assert parts is not None, "settings are checked when they are read"
    body = message(head)
    try:
        if parts["path"]:
            _to_path(parts["path"], body)
        elif parts["kind"] == "udp":
            _to_datagrams(parts["host"].strip("[]"), int(parts["port"]), body)
        else:
            where = (parts["host"].strip("[]"), int(parts["port"]))
            with socket.create_connection(where, SECONDS) as line:
                line.sendall(_counted(body))
    except (OSError, OverflowError) as error:
        _LOG.warning("head %d of the audit trail did not reach the syslog: %s", head[0], error)
        return False
    return True


def _counted(body: bytes) -> bytes:
    """A message in a stream: its length before it (RFC 6587)."""
    return b"%d %s" % (len(body), body)


def _to_datagrams(host: str, port: int, body: bytes) -> None:
    family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as line:
        line.sendto(body, where)


def _to_path(path: str, body: bytes) -> None:
    """To a socket of this machine, of datagrams as /dev/log or of a stream."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.settimeout(SECONDS)
        try:
            line.connect(path)
        except OSError as error:
            if error.errno != errno.EPROTOTYPE:  # it is a stream
                raise
        else:
            line.send(body)
            return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(SECONDS)
        line.connect(path)
        line.sendall(_counted(body))
