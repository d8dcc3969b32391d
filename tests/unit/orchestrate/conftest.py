"""Runs whose builds end as a test says, and homes that alert."""

import base64

import pytest

from pipeline.config import load_settings
from pipeline.orchestrate import runner
from tests.receivers import http_server, smtp_server
from tests.unit.orchestrate.alert_homes import HEAD


@pytest.fixture
def builds(monkeypatch):
    """The ends that builds come to, one after another; what is left tells how many were made."""
    ends: list = []

    def build(settings, request, listener):
        end = ends.pop(0)
        if isinstance(end, BaseException):
            raise end
        return end

    monkeypatch.setattr(runner, "build", build)
    return ends


@pytest.fixture
def hook():
    with http_server() as hook:
        yield hook


@pytest.fixture
def mailbox():
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Makes settings with an alerts file that says so."""
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + base64.b64encode(b"key").decode())

    def made(text, **more):
        file = tmp_path / "alerts.toml"
        file.write_text(HEAD + text)
        return load_settings(home=tmp_path / "home", alerts_file=file, wait_seconds=0, **more)

    return made
