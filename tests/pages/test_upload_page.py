"""Files from the drop over the tray to the load, and back."""

import pytest

from pages.widgets import menu
from pipeline.config import load_settings
from pipeline.orchestrate.runner import run_queued
from pipeline.services.run import runs
from pipeline.services.settings import changing
from pipeline.services.upload import loads, tray
from tests.pages.screen import page_text


def test_a_load_is_undone_from_the_page(open_page, own_sample_home):
    app = open_page("upload", own_sample_home)
    app.session_state["loads"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert "Undoing takes out" in page_text(app)
    app.button(key="undo_load").click().run()
    assert "is undone" in page_text(app)


def test_before_a_file_is_loaded_stands_what_it_does_to_rows_that_wait(open_page, own_sample_home):
    app = open_page("upload", own_sample_home)
    data = b"npi,provider_name,zip\n2487874143,Cormont,00501\n"
    app.file_uploader[0].upload("providers.csv", data, "text/csv").run()
    assert "**Releases 67 waiting rows:** 62 encounters" in page_text(app)
    assert "5 adverse events" in page_text(app) and "encounters of " in page_text(app)


@pytest.fixture
def asked(monkeypatch):
    """What is asked of the worker, which does not run."""
    calls = []

    def submit(settings, *, verb="build", requested_by="", **request):
        calls.append((verb, {name: value for name, value in request.items() if value}))
        return runs.listed(settings, 1)[0]

    monkeypatch.setattr(runs, "submit", submit)
    monkeypatch.setattr(menu, "go", lambda key: calls.append(("go", key)))
    return calls


@pytest.mark.parametrize("is_large", [False, True])
def test_one_button_loads_the_files_and_builds_with_them(
    open_page, own_sample_home, asked, is_large, monkeypatch
):
    monkeypatch.setattr(tray, "is_large", lambda files: is_large)
    app = open_page("upload", own_sample_home)
    data = b"patient_id,gender,birth_date\n9000001,male,1950-01-02\n"
    app.file_uploader[0].upload("patients_2.csv", data, "text/csv").run()
    assert app.button(key="load_and_build").label == "Load 1 file and build"
    app.button(key="load_and_build").click().run()
    (verb, request), gone = asked
    assert gone == ("go", "run")
    if is_large:
        assert verb == "run" and len(request["paths"]) == 1
    else:
        assert (verb, request) == ("build", {})
        assert len(loads.history(load_settings(home=own_sample_home))) == 7


def test_where_a_setting_builds_after_every_load_an_undo_asks_for_a_build(
    open_page, own_sample_home, asked
):
    settings = load_settings(home=own_sample_home)
    app = open_page("upload", own_sample_home)
    app.session_state["loads"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run().button(key="undo_load").click().run()
    assert asked == []
    changing.set_in_home(settings, "build_after_load", "yes")
    app.session_state["loads"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run().button(key="undo_load").click().run()
    assert asked == [("build", {})]
    data = b"patient_id,gender,birth_date\n9000001,male,1950-01-02\n"
    app.file_uploader[0].upload("patients_2.csv", data, "text/csv").run()
    labels = [button.label for button in app.button if button.label.startswith("Load ")]
    assert labels == ["Load 1 file and build"]


def test_a_file_is_looked_at_before_it_is_loaded(open_page, empty_home):
    app = open_page("upload", empty_home)
    app.file_uploader[0].upload(
        "adverse_events.csv", b"Encounter ID,note\nABC,x\n", "text/csv"
    ).run()
    assert app.button(key="load_files").label == "Load 1 file"
    assert not (empty_home / "icon_health.db").exists()
    app.button(key="load_files").click().run()
    assert "1 row loaded as L00001" in page_text(app)


def test_the_card_of_a_file_and_its_load_tell_how_it_is_read_and_where_its_lines_belong(
    open_page, empty_home
):
    app = open_page("upload", empty_home)
    data = "Our people\n\npatient_id;gender;birth_date\n1000001;male;1950-01-02\nTotal;1\n"
    app.file_uploader[0].upload("patients.csv", data.encode(), "text/csv").run()
    (label,) = (card.label for card in app.expander if "patients.csv" in card.label)
    assert label == "**patients.csv** will load as **patients**"
    lines = "5 lines: 1 above the header + 1 header + 1 row + 1 no row + 1 blank."
    read_as = "Read as CSV, utf-8, semicolon, header on line 3; "
    assert lines in page_text(app) and read_as in page_text(app)
    app.button(key="load_files").click().run()
    assert "1 row loaded as L00001" in page_text(app)
    assert lines in page_text(app) and read_as in page_text(app)
    app.session_state["loads"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    table = next(element.value for element in app.dataframe if "next best" in element.value)
    assert list(zip(table["what"], table["read as"], strict=True)) == [
        ("Format", "CSV"),
        ("Source", "Patients"),
        ("Encoding", "utf-8"),
        ("Delimiter", "semicolon"),
        ("Header", "line 3"),
    ]


def test_a_refused_file_says_why_and_cannot_be_loaded(open_page, empty_home):
    app = open_page("upload", empty_home)
    app.file_uploader[0].upload("patients.csv", b"patient_id,gender\n1,male\n", "text/csv").run()
    assert "birth_date" in app.error[0].value
    assert app.button(key="load_files").disabled


def test_a_dropped_file_is_judged_and_stays_in_the_tray_until_it_is_taken_out(
    open_page, own_sample_home
):
    app = open_page("upload", own_sample_home)
    data = "encounter_id,npi,patient_id,cpt,paid_amount\nABC,1,2,xx,free\n"
    app.file_uploader[0].upload("encounters_details.csv", data.encode(), "text/csv").run()
    cells = next(
        element.value
        for element in app.dataframe
        if "line" in element.value and "why" in element.value
    )
    assert set(cells["line"]) == {2} and {"ENC-02", "ENC-09", "ENC-11"} <= set(cells["rule_id"])
    assert (
        "1 row would wait in quarantine" in page_text(app)
        and "would hold the whole load" in app.warning[0].value
    )
    again = open_page("upload", own_sample_home)
    assert again.button(key="load_files").label == "Load 1 file"
    next(button for button in again.button if button.label == "Take out of the tray").click().run()
    assert not [button for button in again.button if button.key == "load_files"]


def test_who_loads_what_another_tab_has_taken_out_is_told(open_page, own_sample_home):
    app = open_page("upload", own_sample_home)
    app.file_uploader[0].upload(
        "adverse_events.csv", b"encounter_id,note\nABC,x\n", "text/csv"
    ).run()
    tray.take_out(
        load_settings(home=own_sample_home),
        [file.tray_id for file in tray.waiting(load_settings(home=own_sample_home))],
    )
    app.button(key="load_files").click().run()
    assert not app.exception and "another tab loaded them or took them out" in page_text(app)
    assert "another tab" not in page_text(app.run())


def test_a_large_file_is_loaded_by_the_worker_while_the_page_watches(
    open_page, own_sample_home, monkeypatch
):
    settings = load_settings(home=own_sample_home)
    monkeypatch.setattr("pipeline.services.upload.tray.AT_ONCE_BYTES", 10)
    monkeypatch.setattr("pipeline.orchestrate.worker.ensure_worker", lambda *_: None)
    app = open_page("upload", own_sample_home)
    app.file_uploader[0].upload(
        "adverse_events.csv", b"encounter_id,note\nABC,x\n", "text/csv"
    ).run()
    app.button(key="load_files").click().run()
    run = runs.active(settings)
    assert (
        run.verb == "ingest"
        and [button.key for button in app.button if button.key == "load_files"] == []
    )
    assert app.button(key="cancel_load")
    run_queued(settings, run)
    app.run()
    assert "1 row loaded as L00007" in page_text(app)


def test_the_picked_load_is_the_one_undone_when_another_load_came_meanwhile(
    open_page, own_sample_home, tmp_path
):
    settings = load_settings(home=own_sample_home)
    app = open_page("upload", own_sample_home)
    app.session_state["loads"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    label = app.button(key="undo_load").label
    (tmp_path / "adverse_events.csv").write_text("encounter_id\nABCDEFGH1\n")
    runs.run_now(settings, verb="ingest", paths=[tmp_path / "adverse_events.csv"])
    app.button(key="undo_load").click().run()
    undone = loads.history(settings).set_index("load_id")["status"]
    assert undone[undone == "undone"].index.tolist() == [label.removeprefix("Undo load ")]
