"""A watched folder: each file once, whatever happens to it there."""

import os
import threading
import time

import pytest

from pipeline.connect.folder import Folder
from pipeline.errors import InputRefused, PipelineBusy
from pipeline.orchestrate import sync as syncing
from pipeline.services.upload import connectors, loads, purge
from pipeline.store.control import connectors as stored
from pipeline.store.control.control_file import open_control
from tests.unit.connect.conftest import patients


def test_each_file_comes_once_and_says_as_what(place):
    place.put("b/patients.csv", patients(0, 5))
    place.put("a/patients.csv", patients(5, 8))
    place.put("notes.md", "about")
    place.add(str(place.source))
    done = place.sync()
    assert place.states(done) == {
        "a/patients.csv": "loaded",
        "b/patients.csv": "loaded",
        "notes.md": "left_out",
    }
    assert {file.read_as for file in done.of_state("loaded")} == {("patients",)}
    assert len(place.patients()) == 8 and done.known == 0
    again = place.sync()
    assert (again.known, place.states(again)) == (2, {"notes.md": "left_out"})
    assert len(place.loads()) == 2


def test_a_file_that_changed_under_its_name_is_a_new_delivery(place):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    place.sync()
    place.put("patients.csv", patients(0, 4), age=1800)
    assert place.states(place.sync()) == {"patients.csv": "loaded"}
    assert [rows for _, _, rows in place.loads()] == [3, 4]
    place.put("patients.csv", patients(0, 4), age=900)
    assert place.states(place.sync()) == {"patients.csv": "already_loaded"}


def test_what_is_deleted_at_the_source_stays_here_and_is_said_once(place):
    file = place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    place.sync()
    file.unlink()
    assert place.sync().gone == ("patients.csv",)
    assert place.sync().gone == () and len(place.patients()) == 3
    place.put("patients.csv", patients(0, 3))
    place.sync()
    file.unlink()
    assert place.sync().gone == ("patients.csv",)


def test_a_file_that_is_still_written_to_is_waited_for(place):
    path = place.put("patients.csv", patients(0, 3), age=0)
    place.put("older.csv", patients(10, 12))
    place.add(str(place.source), settle_seconds="0.4")
    is_over = threading.Event()

    def write() -> None:
        while not is_over.wait(0.1):
            with path.open("a") as file:
                file.write("P999999,female,1950-01-02\n")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        done = place.sync()
    finally:
        is_over.set()
        writer.join()
    assert place.states(done) == {"patients.csv": "arriving", "older.csv": "loaded"}
    lines = path.read_text().count("\n") - 1
    assert place.states(place.sync()) == {"patients.csv": "loaded"}
    assert len(place.patients()) == 2 + lines


def test_a_file_that_changes_while_it_is_fetched_is_not_loaded_half(place, monkeypatch):
    path = place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    fetch = Folder.fetch

    def fetch_and_write(self, file, to, cursor):
        came = fetch(self, file, to, cursor)
        path.write_text(patients(0, 9))
        return came

    monkeypatch.setattr(Folder, "fetch", fetch_and_write)
    assert place.states(place.sync()) == {"patients.csv": "arriving"}
    monkeypatch.setattr(Folder, "fetch", fetch)
    place.put("patients.csv", patients(0, 9))
    assert place.states(place.sync()) == {"patients.csv": "loaded"}
    assert len(place.patients()) == 9


@pytest.mark.parametrize(
    "name",
    [
        "with space.csv",
        "Größe – 数据.csv",
        "quo\"te';--.csv",
        "line\nend.csv",
        "\u202egnp.csv",
        os.fsdecode(b"latin-\xe9.csv"),
        "a" * 240 + ".csv",
        "a..csv",
        "back\\..\\slash.csv",
    ],
)
def test_any_name_comes_in_and_stays_in_its_folder(place, name):
    place.put(name, patients(0, 3))
    place.add(str(place.source))
    done = place.sync()
    assert [file.state for file in done.files] == ["loaded"], done.files
    assert place.sync().known == 1
    outside = {path.name for path in place.settings.home.parent.iterdir()}
    assert outside == {"home", "source"}
    assert [path.name for path in (place.settings.home / "connect").rglob("*")] == [
        "source",
        "sync.lock",
    ]


def test_links_out_of_the_folder_and_what_is_no_file_are_not_read(place, tmp_path):
    (tmp_path / "patients.csv").write_text(patients(0, 3))
    (place.source / "patients.csv").symlink_to(tmp_path / "patients.csv")
    (place.source / "loop").symlink_to(place.source)
    os.mkfifo(place.source / "patients.pipe.csv")
    place.add(str(place.source))
    assert set(place.states(place.sync()).values()) == {"left_out"}


def test_empty_files_come_once_by_their_names(place):
    place.put("patients.csv", "")
    place.put("providers.csv", "provider_name,npi,zip\n")
    place.add(str(place.source))
    first = place.states(place.sync())
    assert first == {"patients.csv": "refused", "providers.csv": "loaded"}
    assert place.sync().known == 2


def test_a_refused_file_waits_in_the_tray_and_is_tried_again_when_somebody_says_so(place):
    place.put("patients.csv", "neither\nthis,nor that\n")
    place.add(str(place.source))
    done = place.sync()
    assert place.states(done) == {"patients.csv": "refused"} and done.files[0].reason
    assert len(list(place.settings.tray_dir.iterdir())) == 1
    assert place.sync().known == 1
    assert place.states(place.sync(again=True)) == {"patients.csv": "refused"}


def test_a_load_that_was_taken_back_is_not_brought_again(place, monkeypatch):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    monkeypatch.setattr(stored, "note_done", lambda *_: None)
    place.sync()
    monkeypatch.undo()
    loads.undo(place.settings, "L00001")
    # its end was never put on record, as after a kill; the load itself says whose it is
    with open_control(place.settings) as control:
        assert len(stored.fetched(control, "source")) == 1
    assert place.states(place.sync()) == {"patients.csv": "loaded"}
    assert place.loads() == []


def test_two_syncs_of_one_connector_do_not_meet(place, monkeypatch):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    monkeypatch.setattr("pipeline.orchestrate.lock.WAIT_SECONDS", 0.1)
    at_work, may_end = threading.Event(), threading.Event()
    settled = syncing.settled

    def slow(*arguments, **named):
        at_work.set()
        may_end.wait(10)
        return settled(*arguments, **named)

    monkeypatch.setattr(syncing, "settled", slow)
    first = threading.Thread(target=place.sync)
    first.start()
    at_work.wait(10)
    with pytest.raises(PipelineBusy):
        place.sync()
    may_end.set()
    first.join()
    assert len(place.loads()) == 1


def test_a_listing_that_is_too_long_is_refused_and_says_what_to_do(place):
    for number in range(12):
        place.put(f"{number}.csv", patients(number, number + 1))
    place.add(str(place.source), most_files="10")
    with pytest.raises(InputRefused, match="more than 10 files"):
        place.sync()
    assert not place.settings.warehouse_path.exists()


def test_records_of_syncs_do_not_grow_for_ever(place, monkeypatch):
    monkeypatch.setattr(stored, "KEPT_SYNCS", 3)
    for number in range(syncing.KEPT_LEFT_OUT + 5):
        place.put(f"{number}.bin", "x")
    place.add(str(place.source))
    for _ in range(5):
        assert len(place.sync().of_state("left_out")) == syncing.KEPT_LEFT_OUT + 5
    with open_control(place.settings) as control:
        kept = stored.syncs(control)
    assert [each["sync_id"] for each in kept] == [5, 4, 3]
    assert len(kept[0]["document"]["files"]) == syncing.KEPT_LEFT_OUT
    assert kept[0]["document"]["left_out"] == syncing.KEPT_LEFT_OUT + 5


def test_a_pattern_chooses_and_the_order_is_parents_first(place):
    place.put("in/encounters_details.csv", "encounter_id,npi,patient_id,cpt,paid_amount\n")
    place.put("in/patients_2026-02-01.csv", patients(0, 2), age=7200)
    place.put("in/patients_2026-01-01.csv", patients(0, 1), age=3600)
    place.put("old/patients.csv", patients(5, 6))
    place.add(str(place.source), match="in/*.csv")
    done = place.sync()
    assert [file.file for file in done.of_state("loaded")] == [
        "in/patients_2026-01-01.csv",
        "in/patients_2026-02-01.csv",
        "in/encounters_details.csv",
    ]
    assert place.states(done)["old/patients.csv"] == "left_out"


def test_a_dry_run_tells_the_same_and_leaves_nothing(place):
    place.put("patients.csv", patients(0, 3))
    place.put("bad.csv", "neither\nthis\n")
    place.add(str(place.source))
    before = sorted(place.settings.home.rglob("*"))
    tried = connectors.dry_run(place.settings, "source")
    assert place.states(tried) == {"patients.csv": "new", "bad.csv": "refused"}
    assert next(file.read_as for file in tried.files if file.state == "new") == ("patients",)
    assert sorted(place.settings.home.rglob("*")) == before
    assert place.sync().of_state("loaded")
    assert connectors.dry_run(place.settings, "source").of_state("new") == []


def test_a_purged_delivery_leaves_no_name_and_does_not_come_back(place):
    place.put("in/Größe zqcanary.csv", patients(0, 3))
    place.put("in/other.csv", patients(3, 6))
    place.add(str(place.source))
    place.sync()
    purge.purge(place.settings, "L00001", "asked for by the sender")
    with open_control(place.settings) as control:
        kept = "\n".join(control.iterdump())
    assert "zqcanary" not in kept and "other.csv" in kept
    done = place.sync()
    assert (done.known, done.gone, len(place.patients())) == (2, (), 3)


def test_a_connector_that_is_removed_forgets_what_it_brought_and_the_rows_stay(place):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    place.sync()
    connectors.remove(place.settings, "source")
    assert connectors.listed(place.settings) == [] and len(place.patients()) == 3
    place.add(str(place.source))
    assert place.states(place.sync()) == {"patients.csv": "already_loaded"}
    with pytest.raises(InputRefused, match="no such connector"):
        connectors.sync(place.settings, "other")


def test_a_folder_that_is_not_there_is_said_and_nothing_counts_as_gone(place):
    place.put("patients.csv", patients(0, 3))
    place.add(str(place.source))
    place.sync()
    place.source.rename(place.source.with_name("away"))
    started = time.monotonic()
    with pytest.raises(Exception, match="holds nothing under this address"):
        place.sync()
    assert time.monotonic() - started < 5
    place.source.with_name("away").rename(place.source)
    assert place.sync().gone == ()
    assert [each.last_status for each in connectors.listed(place.settings)] == ["done"]
