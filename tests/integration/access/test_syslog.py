"""The head of the audit trail reaches a syslog whenever it moves, and finds an end that was cut
off.
"""

import json
import socket
import sqlite3
import time
from contextlib import closing

import pytest

from pipeline.cli.main import main
from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.access import audit
from pipeline.store.control import audit as trail
from pipeline.store.control import syslog
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.statements import transaction

KINDS = ("udp", "tcp", "unix datagram", "unix stream")


@pytest.fixture(params=KINDS)
def server(request, tmp_path):
    """(address, how to read the messages that came) of a syslog of this machine."""
    is_stream = request.param in ("tcp", "unix stream")
    family = socket.AF_INET if request.param in ("udp", "tcp") else socket.AF_UNIX
    kind = socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM
    with socket.socket(family, kind) as line:
        line.settimeout(5)
        line.bind(("127.0.0.1", 0) if family == socket.AF_INET else str(tmp_path / "log"))
        if is_stream:
            line.listen()
        where = line.getsockname()
        address = (
            f"unix:{where}"
            if family == socket.AF_UNIX
            else f"{request.param}://127.0.0.1:{where[1]}"
        )

        def read() -> bytes:
            if not is_stream:
                return line.recv(4096)
            with closing(line.accept()[0]) as came:
                length, _, body = came.recv(4096).partition(b" ")
            assert int(length) == len(body)
            return body

        yield address, read


def test_every_head_arrives_and_holds_nothing_else(server, tmp_path):
    address, read = server
    settings = load_settings(home=tmp_path / "home", audit_syslog=address)
    for target in ("L00001", "L00002"):
        audit.record(settings, "undo", target, {"source": "patients"})
        message = read().decode()
        number, value = syslog.HEAD.search(message).groups()
        with open_control(settings) as control:
            assert trail.head(control) == (int(number), value)
        assert message.startswith("<109>1 ") and target not in message and "undo" not in message


def test_what_was_rolled_back_is_not_sent(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(0.3)
        address = f"udp://127.0.0.1:{line.getsockname()[1]}"
        settings = load_settings(home=tmp_path / "home", audit_syslog=address)
        with open_control(settings) as control:
            with pytest.raises(ZeroDivisionError), transaction(control):
                trail.append(control, "undo", "L00001", {})
                raise ZeroDivisionError
            with transaction(control):
                control.execute("select 1")
        with pytest.raises(TimeoutError):
            line.recv(4096)


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "unix:/nowhere/log", "udp://no.such.host.invalid:514"]
)
def test_a_syslog_that_is_gone_stops_no_work(address, tmp_path, caplog):
    settings = load_settings(home=tmp_path / "home", audit_syslog=address)
    started = time.monotonic()
    audit.record(settings, "undo", "L00001", {})
    assert audit.newest(settings, 1)[0].target == "L00001"
    assert time.monotonic() - started < 5
    assert "did not reach the syslog" in caplog.text and "L00001" not in caplog.text


@pytest.mark.parametrize(
    "address", ["localhost:514", "http://x:1", "unix:log", "udp://x", "udp://x:99999"]
)
def test_what_is_no_address_is_refused(address, tmp_path):
    with pytest.raises(InputRefused):
        load_settings(home=tmp_path, audit_syslog=address)


def test_a_head_from_the_syslog_finds_an_end_that_was_cut_off_before_any_build(tmp_path, capsys):
    settings = load_settings(home=tmp_path / "home")
    for number in range(3):
        audit.record(settings, "undo", f"L{number}", {})
    state = audit.verify(settings)
    kept = f"{state.records}:{state.head}"
    home = ("--home", str(settings.home), "audit", "verify", "--head", kept)
    assert main([*home]) == 0
    with closing(sqlite3.connect(settings.control_path)) as control:
        control.execute("drop trigger ops_audit__no_delete")
        control.execute("delete from ops_audit where n = 3")
        control.executescript(
            "create trigger ops_audit__no_delete before delete on ops_audit "
            "begin select raise(abort, 'the audit trail is append-only'); end;"
        )
    capsys.readouterr()
    assert main([*home, "--json"]) == 1
    assert "missing at the end" in json.loads(capsys.readouterr().out)["problems"][-1]
    assert main([*home[:-1], "3:zz"]) != 0
