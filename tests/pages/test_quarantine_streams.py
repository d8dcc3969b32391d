"""Streams on the Quarantine page: how they are, and dead letters and gaps that a person decides."""

import json

from pipeline.config import load_settings
from pipeline.services.stream import streams
from pipeline.store.inbox import messages, positions
from pipeline.store.inbox.messages import Arrived, DeadLetter
from pipeline.store.sqlite.database import open_inbox
from tests.factories import patient
from tests.pages.screen import page_text

SECRET = "Zebulon"
TOPIC = "icon.patients"


def with_a_stream(home):
    """Settings of a home whose inbox holds a row, a poison message, a tombstone and a gap."""
    settings = load_settings(home=home)
    line = json.dumps(patient(7))
    poison = SECRET.encode()
    with open_inbox(settings) as inbox:
        positions.begin(inbox, "s", {(TOPIC, 0): 0, (TOPIC, 1): 0})
        messages.store(
            inbox,
            "s",
            [Arrived(TOPIC, 0, 0, "patients", line, 0, None)],
            [
                DeadLetter(TOPIC, 0, 1, "poison", "patients", "no valid JSON", None, poison, None),
                DeadLetter(TOPIC, 0, 2, "tombstone", "patients", "no content", b"k", None, None),
            ],
            {(TOPIC, 0): 3},
        )
        positions.note_ends(inbox, "s", {(TOPIC, 0): 5})
        positions.note_gap(inbox, "s", (TOPIC, 1), 4, 9, "deleted at the broker")
        positions.note_state(inbox, "stopped")
    return settings


def test_a_home_without_streams_shows_nothing_of_them(open_page, sample_home):
    assert "Stream:" not in page_text(open_page("quarantine", sample_home))


def test_a_dead_letter_is_repaired_replayed_and_drained_in_the_browser(open_page, own_sample_home):
    settings = with_a_stream(own_sample_home)
    app = open_page("quarantine", own_sample_home)
    text = page_text(app)
    assert "Stream: stopped" in text and "2 messages behind" in text and "2 dead letters" in text
    assert SECRET not in str([element.proto for element in app.main if hasattr(element, "proto")])
    app.selectbox(key="dead_letter").set_value("D00001").run()
    app.text_area(key="repaired_D00001").set_value(json.dumps(patient(8))).run()
    app.button(key="replay_letter").click().run()
    assert not app.exception and "D00001 waits for the next drain" in str(app.toast) + page_text(
        app
    )
    app.button(key="drain_now").click().run()
    assert not app.exception
    assert streams.status(settings).waiting == {} and streams.status(settings).dead_letters == 0


def test_what_is_still_no_row_says_why_and_stays(open_page, own_sample_home):
    settings = with_a_stream(own_sample_home)
    app = open_page("quarantine", own_sample_home)
    app.selectbox(key="dead_letter").set_value("D00001").run()
    app.button(key="replay_letter").click().run()
    assert "still no row: no valid JSON" in " ".join(error.value for error in app.error)
    assert streams.status(settings).dead_letters == 1


def test_tombstones_and_gaps_take_a_reason(open_page, own_sample_home):
    settings = with_a_stream(own_sample_home)
    app = open_page("quarantine", own_sample_home)
    assert any("messages from 4 to 9 are missing" in warning.value for warning in app.warning)
    app.selectbox(key="dead_letter").set_value("D00002").run()
    assert app.button(key="set_letter_aside").disabled and app.button(key="replay_letter").disabled
    assert app.button(key="close_G00001").disabled
    app.text_input(key="why_D00002").set_value("the row stays").run()
    app.button(key="set_letter_aside").click().run()
    app.text_input(key="why_G00001").set_value("sent again").run()
    app.button(key="close_G00001").click().run()
    state = streams.status(settings)
    assert (state.tombstones, state.gaps, state.dead_letters) == (0, (), 1)
