"""One thing at a source, or on the way, that is wrong: everything else comes, and it is told."""

import os

import pytest

from pipeline.connect.definition import checked
from pipeline.connect.failures import SourceFailed, failure
from pipeline.connect.folder import Folder
from pipeline.declared.alert_rules import AlertRules
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.folder import list_folder
from pipeline.orchestrate import scheduled
from pipeline.orchestrate import sync as syncing
from pipeline.orchestrate.alert_conditions import conditions
from pipeline.services.upload import connectors
from pipeline.store.control.control_file import open_control
from tests.sources import http_server
from tests.unit.connect.conftest import patients


@pytest.fixture(autouse=True)
def no_process(monkeypatch):
    """Whoever asks for a sync would start a worker."""
    monkeypatch.setattr("pipeline.services.upload.connectors.ensure_worker", lambda _: None)


@pytest.fixture
def locked(monkeypatch):
    """Folders that cannot be opened, by their names; root could open them all."""
    names, plain = set(), os.scandir

    def scandir(path):
        if not isinstance(path, int) and os.path.basename(path) in names:
            raise PermissionError(13, "Permission denied", path)
        return plain(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return names


def test_a_folder_that_cannot_be_opened_is_told_and_what_is_in_it_is_not_gone(place, locked):
    place.put("patients.csv", patients(0, 3))
    place.put("in/patients.csv", patients(3, 5))
    place.put("lost+found/x", "")
    place.add(str(place.source))
    place.sync()
    place.put("later/patients.csv", patients(5, 6))
    locked |= {"in", "lost+found"}
    done = place.sync()
    assert place.states(done) == {
        "in/": "failed",
        "later/patients.csv": "loaded",
        "lost+found/": "left_out",
    }
    assert done.gone == ()
    locked -= {"in"}
    assert place.states(place.sync()) == {"lost+found/": "left_out"}


def test_links_that_are_not_followed_are_told(place):
    place.put("a/patients.csv", patients(0, 3))
    for name, to in (("loop", "loop"), ("one", "two"), ("two", "one"), ("b", "a"), ("c", "none")):
        (place.source / name).symlink_to(to)
    (place.source / "d.csv").symlink_to("a/patients.csv")
    place.add(str(place.source))
    told = {file.file: file.reason for file in place.sync().of_state("left_out")}
    assert told.keys() == {"loop", "one", "two", "b"}
    assert told["b"] == "a link to a folder, which is not followed"
    assert {name for name, _ in list_folder(place.source, load_contracts()).left_out} >= {"loop"}


def test_files_that_are_refused_for_good_keep_no_other_from_coming(place, monkeypatch):
    for number in range(5):
        place.put(f"patients_{number}.csv", patients(10 * number, 10 * number + 1))
    place.add(str(place.source))
    plain = Folder.fetch

    def fetch(self, file, to, cursor):
        if file.name < "patients_4":
            raise failure(PermissionError(13, "Permission denied", "Jane Roe"), "the folder")
        return plain(self, file, to, cursor)

    monkeypatch.setattr(Folder, "fetch", fetch)
    done = place.sync()
    assert [len(done.of_state(state)) for state in ("failed", "loaded")] == [4, 1]
    assert "Jane" not in str(done)


def test_a_link_of_a_page_that_leads_nowhere_keeps_no_other_from_coming(place):
    place.put("patients.csv", patients(0, 3))
    (place.source / "a.csv").symlink_to("nothing")
    with http_server(place.source) as address:
        place.add(address)
        done = place.sync()
    assert place.states(done) == {"a.csv": "failed", "patients.csv": "loaded"}


def test_a_connector_that_was_removed_meanwhile_leaves_nothing(place, monkeypatch):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    plain = syncing.definition_of

    def and_then_it_is_removed(settings, name):
        monkeypatch.setattr(syncing, "definition_of", plain)
        found = plain(settings, name)
        connectors.remove(settings, name)
        return found

    monkeypatch.setattr(syncing, "definition_of", and_then_it_is_removed)
    with pytest.raises(InputRefused, match="no such connector"):
        place.sync()
    assert connectors.sync_history(place.settings) == []


def _scheduled(place, timezone: str, next_at: str) -> None:
    connectors.schedule(place.settings, "source", "*/5 * * * *", "UTC")
    with open_control(place.settings) as control:
        control.execute("update ops_connectors set timezone = ?, next_at = ?", (timezone, next_at))


def test_a_time_zone_that_this_machine_does_not_know_stops_no_worker(place):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    _scheduled(place, "Mars/Olympus", "2020-01-01T00:00:00Z")
    assert "is no time zone" in scheduled.carry_out_due(place.settings)
    (listed,) = connectors.listed(place.settings)
    assert listed.last_status == "failed" and "is no time zone" in listed.last_error
    chat = {"kind": "slack", "name": "chat", "url_env": "NONE"}
    rules = AlertRules(page="https://workbench.example", channels=(chat,))
    assert "sync" in {each.event for each in conditions(place.settings, rules)}
    assert scheduled.carry_out_due(place.settings) is None
    connectors.ask(place.settings, "source")
    assert "1 loaded" in scheduled.carry_out_due(place.settings)


def test_a_clock_that_ran_ahead_puts_no_sync_off(place):
    place.add(str(place.source))
    _scheduled(place, "UTC", "2999-01-01T00:00:00Z")
    connectors.ask(place.settings, "source")
    (before,) = connectors.listed(place.settings)
    assert scheduled.carry_out_due(place.settings).startswith("sync source: 0 loaded")
    (after,) = connectors.listed(place.settings)
    assert after.next_at < "2999" == before.next_at[:4]


def test_paths_of_this_machine_are_whole_for_whoever_works_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert checked("source", "sqlite:///a.db", {"table": "t"}, {}).address == (
        f"sqlite:///{tmp_path}/a.db"
    )
    options = {"known_hosts": "hosts", "key_file": "key"}
    kept = checked("source", "sftp://host/in", options, {}).options
    assert kept == {"known_hosts": f"{tmp_path}/hosts", "key_file": f"{tmp_path}/key"}


def test_a_database_is_never_made_whatever_its_name(place, tmp_path):
    place.add(f"sqlite:///{tmp_path}/a%3Fmode=rwc%23.db", table="patients")
    with pytest.raises(SourceFailed, match="holds nothing under this address"):
        place.sync()
    assert {path.name for path in tmp_path.iterdir()} == {"home", "source"}
