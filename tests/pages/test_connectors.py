"""Upload: connectors with their last and next sync, what a sync brought, pause and sync now."""

import os
import time

import pytest

from pages.widgets import formats
from pipeline.config import load_settings
from pipeline.services.upload import connectors
from tests.factories import patient, write_delivery
from tests.pages.screen import page_text


@pytest.fixture
def home(empty_home, tmp_path, monkeypatch):
    """A home with a watched folder that was synced once."""
    monkeypatch.setattr(connectors, "ensure_worker", lambda settings: None)
    settings = load_settings(home=empty_home)
    source = tmp_path / "source"
    written = write_delivery(source, patients=[patient(1), patient(2)])
    for path in [written] if written.is_file() else written.iterdir():
        os.utime(path, (time.time() - 3600,) * 2)
    connectors.add(settings, "ward", str(source))
    connectors.schedule(settings, "ward", "0 3 * * *", "Europe/Berlin")
    connectors.sync(settings, "ward")
    return empty_home


def test_without_connectors_the_page_says_nothing_of_them(open_page, empty_home):
    assert "Connectors" not in page_text(open_page("upload", empty_home))


def test_a_connector_is_shown_with_its_last_and_its_next_sync(open_page, home):
    text = page_text(open_page("upload", home))
    assert "last sync just now: done" in text
    assert formats.verbatim("0 3 * * *, Europe/Berlin") in text


def test_a_sync_is_listed_with_what_it_brought(open_page, home):
    app = open_page("upload", home)
    assert not app.exception and "Select a sync" in page_text(app)
    (found,) = connectors.sync_history(load_settings(home=home))
    (file,) = found["document"]["files"]
    assert (found["status"], file["state"], file["rows"]) == ("done", "loaded", 2)


def test_a_schedule_is_paused_and_goes_on(open_page, home):
    app = open_page("upload", home).button(key="pause_ward").click().run()
    assert "paused: no sync comes by itself" in page_text(app)
    app = app.button(key="pause_ward").click().run()
    assert "next sync" in page_text(app)


def test_sync_now_is_left_to_the_worker(open_page, home, monkeypatch):
    asked = []
    monkeypatch.setattr(connectors, "ask", lambda settings, name: asked.append(name))
    app = open_page("upload", home).button(key="sync_ward").click().run()
    assert asked == ["ward"] and "The worker syncs ward" in page_text(app)
