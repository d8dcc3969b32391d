"""A login at a real OpenID provider, run here: who is known and has a role gets in as that."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from oidc_provider_mock import User, run_server_in_thread
from websockets.exceptions import InvalidStatus

from pages.shell import answers
from pages.shell.oidc_door import roles_of
from pipeline.config import load_settings
from pipeline.services.access import audit
from pipeline.store.control.actor import ROLES
from tests.integration.access.conftest import Served, seen_on, start_gated

PEOPLE = {f"{role}-sub": [role] for role in ROLES} | {
    "nobody-sub": [],
    "wrong-sub": ["root", "Admin"],
}
WORDS = {"data": b"promoted", "closed": b"Not logged in"}


def provider(stack: ExitStack, minutes: float = 60):
    people = [
        User(sub=sub, claims={"roles": roles, "name": sub[:-4]}) for sub, roles in PEOPLE.items()
    ]
    return stack.enter_context(
        run_server_in_thread(user_claims=people, access_token_max_age=timedelta(minutes=minutes))
    )


def serve_with(home: Path, folder: Path, issuer_port: int, **environment: str) -> Iterator[Served]:
    """The server, with the section `auth` in the secrets of its user."""
    secrets = folder / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir(parents=True)
    yield from start_gated(
        home,
        lambda port: secrets.write_text(
            f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            'cookie_secret = "a secret of the test, long enough to sign with"\n'
            'client_id = "icon"\nclient_secret = "icon"\n'
            f'server_metadata_url = "http://localhost:{issuer_port}/.well-known/openid-configuration"\n'
            '[auth.client_kwargs]\nscope = "openid email profile"\nprompt = "login"\n'
        ),
        HOME=str(folder),
        **environment,
    )


@pytest.fixture(scope="module")
def served(sample_home, tmp_path_factory) -> Iterator[Served]:
    with ExitStack() as stack:
        port = provider(stack).server_port
        home = shutil.copytree(sample_home, tmp_path_factory.mktemp("oidc") / "home")
        yield from serve_with(home, tmp_path_factory.mktemp("user"), port)


def log_in(served: Served, sub: str) -> httpx.Client:
    """A browser that has gone the whole way to the provider and back."""
    client = httpx.Client(follow_redirects=True, headers={"Accept": "text/html"})
    form = client.get(f"http://{served.host}/")
    assert "localhost" in str(form.url), form.text[:200]
    client.post(form.url, data={"sub": sub})
    return client


def cookie_of(client: httpx.Client) -> str:
    return "; ".join(f"{each.name}={each.value}" for each in client.cookies.jar)


@pytest.mark.parametrize("role", ROLES)
def test_who_has_a_role_sees_the_pages_and_is_on_record(served, role):
    client = log_in(served, f"{role}-sub")
    assert client.get(f"http://{served.host}/quarantine").status_code == 200
    with served.stream(Cookie=cookie_of(client), Origin=f"http://{served.host}") as stream:
        assert seen_on(stream, WORDS) == {"data"}
    record = audit.newest(load_settings(home=served.home), 1)[0]
    assert record.action == "login" and record.subject.endswith(f"#{role}-sub")
    assert record.facts == {"roles": [role]}


@pytest.mark.parametrize("sub", ["nobody-sub", "wrong-sub"])
def test_who_has_no_role_gets_nothing(served, sub):
    client = log_in(served, sub)
    answer = client.get(f"http://{served.host}/")
    assert answer.status_code == 403 and answer.text == answers.NO_ROLE
    with pytest.raises(InvalidStatus):
        served.stream(Cookie=cookie_of(client))


def test_a_stranger_is_led_to_the_provider_and_no_other_road_answers(served):
    assert served.ask("/", Accept="text/html").headers["location"].startswith("/auth/login?")
    for road in ("/_stcore/health", "/media/x", "/static/js/x.js", "/quarantine"):
        assert served.ask(road).status == 401, road
    with pytest.raises(InvalidStatus):
        served.stream()
    forged = served.ask("/", Cookie='_streamlit_user="forged"')
    assert forged.status in (401, 303)


def test_a_copied_cookie_does_not_outlive_the_logout(served):
    client = log_in(served, "viewer-sub")
    copied = cookie_of(client)
    assert served.ask("/", Cookie=copied).status == 200
    client.get(f"http://{served.host}/auth/logout", follow_redirects=False)
    assert served.ask("/", Cookie=copied).status == 401


def test_a_token_of_the_home_lets_nobody_in_beside_the_provider(served):
    assert served.ask(f"/?token={served.token()}").status == 401


def test_the_session_ends_with_the_token_of_the_provider(sample_home, tmp_path):
    with ExitStack() as stack:
        port = provider(stack, minutes=0.1).server_port
        home = shutil.copytree(sample_home, tmp_path / "home")
        for served in serve_with(home, tmp_path / "user", port):
            client = log_in(served, "viewer-sub")
            cookie, seen = cookie_of(client), set()
            for _ in range(100):
                seen.add(served.ask("/", Cookie=cookie).status)
                if 401 in seen:
                    break
                time.sleep(0.2)
            assert 401 in seen


def test_roles_come_from_a_verified_address_or_the_subject_of_one_issuer_alone(tmp_path):
    file = tmp_path / "roles.toml"
    file.write_text('[people]\n"rita@example.org" = ["reviewer"]\n"https://op#7" = ["operator"]\n')
    settings = load_settings(home=tmp_path, roles_file=str(file))
    rita = {"iss": "https://op", "sub": "7", "email": "Rita@example.org", "email_verified": True}
    assert roles_of(rita, settings) == ("reviewer", "operator")
    assert roles_of({**rita, "iss": "https://evil", "email_verified": False}, settings) == ()
    assert roles_of({**rita, "sub": "8", "email_verified": "true"}, settings) == ()
    assert roles_of({"sub": "1", "roles": ["root", "viewer"]}, settings) == ("viewer",)


def test_a_call_that_is_made_later_is_made_as_the_one_who_asked():
    from threading import Thread

    from pipeline.services.access import actors

    seen = []
    with actors.acting_as(actors.Actor("a#1", ("reviewer",))):
        later = actors.as_now(lambda: seen.append(actors.current().subject))
    thread = Thread(target=later)
    thread.start()
    thread.join()
    assert seen == ["a#1"]
