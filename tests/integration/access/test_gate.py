"""Nothing of the workbench answers anybody who is not let in, on whatever road."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest
import streamlit as st
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pages.shell import answers
from pipeline.config.project import PROJECT_DIR
from tests.integration.access.conftest import Served, seen_on, start, start_gated

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
WORDS = {"data": b"promoted", "closed": b"Not logged in"}
#: Runs a command as a user who is nobody here.
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
other_user = pytest.mark.skipif(
    os.getuid() != 0 or sys.platform != "linux",
    reason="only root can become another user of the machine",
)


def streamlit_roads() -> list[str]:
    """A path for each route that Streamlit has, as its own application lists them, and some of
    ours.
    """
    app = st.App(PROJECT_DIR / "streamlit_app.py")
    app._runtime = app._create_runtime()
    paths = [route.path for route in app._build_starlette_app().routes]
    filled = ["/".join("x" if "{" in part else part for part in path.split("/")) for path in paths]
    own = [
        "/",
        "/quarantine?source=patients",
        "/login/state",
        "/login/watch.js",
        "/logout",
        "/dbt-docs",
        "/none",
    ]
    return sorted({*(path or "/" for path in filled), *own})


@pytest.fixture(scope="module")
def roads() -> list[str]:
    code = "import json; from tests.integration.access.test_gate import streamlit_roads; print(json.dumps(streamlit_roads()))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_DIR, capture_output=True, text=True
    )
    found = json.loads(run.stdout.splitlines()[-1])
    assert {"/_stcore/health", "/_stcore/stream"} <= set(found) and len(found) > 12
    return found


def test_a_start_prints_no_advice_to_start_again(served):
    assert "restart streamlit" not in served.printed.read_text()


def test_no_road_answers_a_stranger(served, roads):
    for road in roads:
        for method in METHODS:
            answer = served.ask(road, method)
            assert (answer.status, method) == (401, method), road
            assert answer.body in (b"", answers.NOT_LOGGED_IN.encode())


def test_no_road_answers_under_a_foreign_name_whoever_asks(served, roads):
    cookie = served.cookie()
    for road in roads:
        for host in ("evil.example", f"evil.example:{served.port}", f"0.0.0.0:{served.port}", ""):
            assert served.ask(road, Host=host, Cookie=cookie).status in (400, 403), (road, host)
    assert served.ask("/", Cookie=cookie).status == 200


def test_no_road_answers_a_page_of_another_origin(served, roads):
    cookie = served.cookie()
    for road in roads:
        for origin in (
            "http://evil.example",
            f"http://127.0.0.1:{served.port + 1}",
            f"http://localhost:{served.port}",
        ):
            assert served.ask(road, Origin=origin, Cookie=cookie).status == 403, (road, origin)
        assert served.ask(road, Cookie=cookie, Sec_Fetch_Site="cross-site").status == 403, road
    assert served.ask("/", Cookie=cookie, Origin=f"http://{served.host}").status == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "own"}, {"Cookie": "icon_health=x"}, {"X_Icon_Health_Pass": "x"}],
    ids=str,
)
def test_the_websocket_is_closed_to_a_stranger(served, headers):
    named = {k: f"http://{served.host}" if v == "own" else v for k, v in headers.items()}
    with pytest.raises(InvalidStatus) as caught:
        served.stream(**named)
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_the_websocket_is_closed_to_another_origin_with_a_good_cookie(served, origin):
    with pytest.raises(InvalidStatus):
        served.stream(Cookie=served.cookie(), Origin=origin)


def test_who_is_let_in_sees_the_page(served):
    with served.stream(Cookie=served.cookie(), Origin=f"http://{served.host}") as stream:
        assert seen_on(stream, WORDS) == {"data"}


def test_a_token_lets_one_browser_in_once_and_keeps_the_way(served):
    token = served.token()
    path = f"/run_history?run=R000001&a=b%20c&token={token}&d=%C3%A9"
    answer = served.ask(path)
    assert answer.status == 303
    assert answer.headers["location"] == "/run_history?run=R000001&a=b%20c&d=%C3%A9"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and token not in cookie
    assert served.ask(path).status == 401
    assert served.ask(path, Cookie=cookie.partition(";")[0]).status == 303


def test_of_many_who_bring_the_same_token_one_gets_in(served):
    path, statuses = f"/?token={served.token()}", []
    threads = [
        threading.Thread(target=lambda: statuses.append(served.ask(path).status)) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303] + [401] * 11


def test_neither_a_look_nor_a_preload_spends_a_token_and_no_token_leads_elsewhere(served):
    token = served.token()
    assert served.ask(f"/?token={token}", "HEAD").status == 405
    assert served.ask(f"/?token={token}", Sec_Purpose="prefetch").status == 405
    answer = served.ask(f"//evil.example/?token={token}")
    assert (answer.status, answer.headers["location"]) == (303, "/evil.example/")


def test_what_lies_in_the_home_tells_no_token(served):
    token = served.token()
    folder = served.home / "login"
    assert folder.stat().st_mode & 0o777 == 0o700
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
        assert token not in file.name + file.read_text()


def test_every_answer_forbids_frames_and_what_others_send(served, roads):
    cookie = served.cookie()
    for road in [road for road in roads if road not in ("/logout",)]:
        for answer in (served.ask(road), served.ask(road, Cookie=cookie)):
            policy = answer.headers["content-security-policy"]
            own_part = road.startswith("/component/") and answer.status != 401
            assert ("frame-ancestors 'self'" if own_part else "frame-ancestors 'none'") in policy
            assert "unsafe-eval" not in policy and "default-src 'none'" in policy
            assert answer.headers["x-content-type-options"] == "nosniff", road
            assert "access-control-allow-origin" not in answer.headers


def test_the_pages_of_dbt_are_told_how_to_make_and_run_their_own_script_once_made(served):
    cookie = served.cookie()
    missing = served.ask("/dbt-docs", Cookie=cookie)
    assert missing.status == 404 and b"icon-health dbt-docs" in missing.body
    file = served.home / "dbt" / "docs.html"
    file.parent.mkdir(exist_ok=True)
    file.write_text('<html><head><script defer="defer">go()</script></head><body></body></html>')
    try:
        answer = served.ask("/dbt-docs", Cookie=cookie)
        assert answer.status == 200
        assert b'src="/login/watch.js"' in answer.body
        (own,) = answers.inline_scripts("<script>go()</script>")
        assert own in answer.headers["content-security-policy"]
        assert served.ask("/dbt-docs").status == 401
    finally:
        file.unlink()


def test_logging_out_ends_the_cookie_and_the_websocket(served):
    cookie = served.cookie()
    with served.stream(Cookie=cookie) as stream:
        assert served.ask("/logout", Cookie=cookie).status == 200
        with pytest.raises(ConnectionClosed) as caught:
            for _ in range(100):
                stream.recv(timeout=5)
    assert caught.value.rcvd.code == 4401
    assert served.ask("/", Cookie=cookie).status == 401


def test_who_does_nothing_is_logged_out(tmp_path):
    for served in start_gated(tmp_path / "home", ICON_HEALTH_IDLE_MINUTES="0.04"):
        cookie = served.cookie()
        began = time.monotonic()
        with served.stream(Cookie=cookie) as stream, pytest.raises(ConnectionClosed):
            for _ in range(100):
                stream.recv(timeout=10)
        assert time.monotonic() - began < 8
        assert served.ask("/", Cookie=cookie).status == 401


def test_an_activity_does_not_outlast_the_session(tmp_path):
    for served in start_gated(tmp_path / "home", ICON_HEALTH_SESSION_HOURS="0.0006"):
        cookie = served.cookie()
        while served.ask("/", Cookie=cookie).status == 200:
            time.sleep(0.2)
        assert served.ask("/", Cookie=cookie).status == 401


def as_nobody(served: Served, path: str, *options: str) -> str:
    """The status that another user of the machine gets."""
    curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *options]
    run = subprocess.run(
        [*AS_NOBODY, *curl, f"http://{served.host}{path}"], capture_output=True, text=True
    )
    return run.stdout


@other_user
def test_another_user_of_the_machine_gets_nothing_even_with_a_stolen_cookie(served, roads):
    cookie = served.cookie()
    for road in [road for road in roads if not road.startswith("/static")]:
        for options in ((), ("-H", f"Cookie: {cookie}")):
            assert as_nobody(served, road, *options) == "403", road
    assert as_nobody(served, f"/?token={served.token()}") == "403"


#: Asks for the start page without a cookie and prints what of it came.
VISIT = """
import sys; sys.path.insert(0, {tree!r})
from tests.integration.access.conftest import Served, seen_on
from tests.integration.access.test_gate import WORDS
with Served(None, {port}, None).stream() as stream:
    print(*sorted(seen_on(stream, WORDS)))
"""


def direct(home, address):
    """The app as `streamlit run` starts it, round the gate."""
    command = ["streamlit", "run", "streamlit_app.py", "--server.port", "{port}"]
    return start(home, [*command, "--server.address", address])


def test_without_the_gate_a_server_for_other_machines_shows_nothing(sample_home):
    for served in direct(sample_home, "0.0.0.0"):
        with served.stream(X_Icon_Health_Pass="x") as stream:
            assert seen_on(stream, WORDS) == {"closed"}


def test_without_the_gate_only_the_user_of_the_process_sees_a_page(sample_home, tmp_path):
    for served in direct(sample_home, "127.0.0.1"):
        with served.stream() as stream:
            assert seen_on(stream, WORDS) == {"data"}
        with served.stream(X_Forwarded_For="10.1.2.3") as stream:
            assert seen_on(stream, WORDS) == {"closed"}
        with pytest.raises(InvalidStatus):
            served.stream(Host="evil.example")
        if other_user.args[0]:
            continue
        code = VISIT.format(tree=str(PROJECT_DIR), port=served.port)
        seen = subprocess.run(
            [*AS_NOBODY, sys.executable, "-P", "-c", code], capture_output=True, text=True
        )
        assert seen.stdout.split() == ["closed"], seen.stderr
