"""Edits that nobody has saved yet stay with their author, cell by cell."""

import stat

import pytest

from pipeline.config import load_settings
from pipeline.services.quarantine import drafts
from pipeline.services.quarantine.drafts import Drafts
from pipeline.services.settings.settings import data_stamp
from pipeline.store.control.control_file import open_control


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home")


def test_nothing_is_kept_and_no_file_made_before_the_first_edit(settings):
    assert drafts.unsaved(settings, "patients", "Ada") == Drafts({})
    drafts.save(settings, "patients", "Ada", {}, {}, "")
    assert not settings.drafts_path.exists()


def test_each_author_and_source_has_its_own(settings):
    drafts.save(
        settings, "patients", "Ada", {}, {"R1": {"zip": "01234", "gender": None}}, "D000007"
    )
    drafts.save(settings, "patients", "Grace", {}, {"R1": {"zip": "99999"}}, "D000009")
    draft = drafts.unsaved(settings, "patients", "Ada")
    assert (draft.edits, draft.since) == (
        {"R1": {"zip": "01234", "gender": None}},
        "D000007",
    ) and draft.noted_at
    assert drafts.unsaved(settings, "providers", "Ada").edits == {}
    assert drafts.unsaved(settings, "patients", "Grace").edits == {"R1": {"zip": "99999"}}


def test_only_what_changed_is_written_so_that_a_second_tab_loses_nothing(settings):
    drafts.save(settings, "patients", "Ada", {}, {"R1": {"zip": "1"}}, "")
    drafts.save(
        settings, "patients", "Ada", {}, {"R2": {"zip": "2", "gender": "F"}}, "D000001"
    )  # the second tab knows nothing of R1
    drafts.save(settings, "patients", "Ada", {"R1": {"zip": "1"}}, {"R1": {"zip": "3"}}, "")
    drafts.save(
        settings,
        "patients",
        "Ada",
        {"R2": {"zip": "2", "gender": "F"}},
        {"R2": {"gender": "F"}},
        "D000001",
    )
    draft = drafts.unsaved(settings, "patients", "Ada")
    assert (draft.edits, draft.since) == ({"R1": {"zip": "3"}, "R2": {"gender": "F"}}, "")


def test_the_file_is_its_owners_and_pages_keep_their_answers(settings):
    with open_control(settings):
        before = data_stamp(settings)
    drafts.save(settings, "patients", "Ada", {}, {"R1": {"zip": "1"}}, "")
    assert (
        stat.S_IMODE(settings.drafts_path.stat().st_mode) == 0o600
        and data_stamp(settings) == before
    )
