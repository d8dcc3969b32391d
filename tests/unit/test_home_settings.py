"""What a home sets counts for every process there, after argument and environment, on record."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from pipeline.config import home_settings, load_settings, reloaded
from pipeline.config.table import SETTINGS
from pipeline.config.values import as_words
from pipeline.errors import InputRefused
from pipeline.services.access import audit
from pipeline.services.settings import changing
from pipeline.services.settings import settings as service
from pipeline.store.control.actor import Actor, acting_as

#: Another value than the default for every setting that a home may set.
OTHERS = {
    name: {"no": "yes"}.get(setting.default, "0.37" if "." in setting.default else "37")
    for name, setting in home_settings.EDITABLE.items()
}


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.mark.parametrize("name", OTHERS)
def test_a_limit_set_in_the_home_is_in_force_there_until_it_is_reset(home, name):
    default = load_settings(home=home)
    with acting_as(Actor("ana", ("admin",))):
        set_now = changing.set_in_home(default, name, OTHERS[name])
    stated = home_settings.EDITABLE[name].kind(OTHERS[name])
    assert getattr(set_now, name) == stated != getattr(default, name)
    assert load_settings(home=home) == replace(set_now, origins=load_settings(home=home).origins)
    assert reloaded(default) == load_settings(home=home)
    (change,) = changing.changes(default).values()
    assert (change.by, change.after) == ("ana", as_words(stated))
    assert os.stat(home / home_settings.FILE).st_mode & 0o777 == 0o600
    assert getattr(changing.unset_in_home(set_now, name), name) == getattr(default, name)
    assert not (home / home_settings.FILE).exists()


def test_two_limits_stand_beside_each_other(home):
    changing.set_in_home(load_settings(home=home), "max_rows", "5")
    changing.set_in_home(load_settings(home=home), "max_columns", "6")
    settings = load_settings(home=home)
    assert (settings.max_rows, settings.max_columns) == (5, 6)


@pytest.mark.parametrize(
    "setting", [each for each in SETTINGS if not each.is_editable], ids=lambda setting: setting.name
)
def test_what_no_home_may_set_is_refused_when_asked_and_when_written_into_the_file(home, setting):
    settings = load_settings(home=home)
    with pytest.raises(InputRefused, match="for who starts the program"):
        changing.set_in_home(settings, setting.name, str(getattr(settings, setting.name)))
    home.mkdir()
    (home / home_settings.FILE).write_text(json.dumps({setting.name: setting.default}))
    with pytest.raises(InputRefused, match="no home may set"):
        load_settings(home=home)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"max_rows": 5}', "\x00", "[" * 100_000])
def test_a_file_that_holds_no_settings_is_refused_with_its_place(home, text):
    home.mkdir()
    (home / home_settings.FILE).write_text(text)
    with pytest.raises(InputRefused, match="settings.json"):
        load_settings(home=home)


def test_who_sets_a_limit_after_somebody_else_has_is_on_record_with_the_value_of_the_other(home):
    loaded = load_settings(home=home)
    changing.set_in_home(loaded, "gate_threshold", "0.1")
    changing.set_in_home(loaded, "gate_threshold", "0.2")  # loaded before the other was set
    (change,) = changing.changes(load_settings(home=home)).values()
    assert (change.before, change.after) == ("0.1", "0.2")
    changing.set_in_home(loaded, "max_rows", "7")
    noted = next(each for each in audit.newest(loaded) if each.action == "settings").facts
    assert noted["values"] == load_settings(home=home).as_text()


def test_a_value_in_the_file_that_is_none_is_refused_with_the_file(home):
    home.mkdir()
    (home / home_settings.FILE).write_text('{"gate_threshold": "9"}')
    with pytest.raises(InputRefused, match="gate_threshold in .*settings.json"):
        load_settings(home=home)


def test_what_a_killed_writer_left_is_written_over(home):
    home.mkdir()
    home_settings.path(home).with_suffix(".new").write_text('{"max_rows": ')
    changing.set_in_home(load_settings(home=home), "max_rows", "5")
    assert load_settings(home=home).max_rows == 5
    assert not home_settings.path(home).with_suffix(".new").exists()


def test_a_value_that_is_none_is_refused_and_nothing_is_written(home):
    settings = load_settings(home=home)
    for name, text in (("gate_threshold", "2"), ("recipe_corrections", "3"), ("no_such", "1")):
        with pytest.raises(InputRefused):
            changing.set_in_home(settings, name, text)
    with pytest.raises(InputRefused, match="is not set in the home"):
        changing.unset_in_home(settings, "max_rows")
    assert not home.exists()


def test_argument_and_environment_count_more_than_the_home(home, monkeypatch):
    changing.set_in_home(load_settings(home=home), "max_rows", "5")
    assert load_settings(home=home, max_rows=6).max_rows == 6
    monkeypatch.setenv("ICON_HEALTH_MAX_ROWS", "7")
    settings = load_settings(home=home)
    assert settings.max_rows == 7
    with pytest.raises(InputRefused, match="stated by the environment"):
        changing.set_in_home(settings, "max_rows", "8")


def test_a_process_that_is_started_has_what_was_given_and_reads_what_the_home_sets(home):
    changing.set_in_home(load_settings(home=home), "max_rows", "5")
    settings = replace(load_settings(home=home, query_seconds=3), max_columns=9)
    environment = settings.as_environment()
    assert "ICON_HEALTH_MAX_ROWS" not in environment
    changing.set_in_home(load_settings(home=home), "max_rows", "4")
    code = "from pipeline.config import load_settings as s; s = s(); print(s.home, s.max_rows, s.query_seconds, s.max_columns)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(settings.home), "4", "3.0", "9"]


def test_a_write_that_fails_leaves_file_and_trail_as_they_were(home, monkeypatch):
    changing.set_in_home(load_settings(home=home), "max_rows", "5")
    before = audit.newest(load_settings(home=home))

    def full(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr(changing.audit, "note_settings", full)
    with pytest.raises(OSError, match="disk full"):
        changing.set_in_home(load_settings(home=home), "max_rows", "6")
    assert load_settings(home=home).max_rows == 5
    assert audit.newest(load_settings(home=home)) == before


def test_answers_that_pages_keep_depend_on_what_the_home_sets(home):
    settings = load_settings(home=home)
    stamps = [service.data_stamp(settings, of_warehouse_alone=True)]
    for text in ("5", "6"):
        changing.set_in_home(load_settings(home=home), "max_rows", text)
        stamps.append(service.data_stamp(settings, of_warehouse_alone=True))
    assert len(set(stamps)) == 3
