"""Files from the drop over the tray to the load, and back."""

from streamlit import config

from pages.upload import evidence
from pipeline.config import load_settings
from pipeline.orchestrate.runner import run_queued
from pipeline.services.run import runs
from pipeline.services.upload import loads, preflight, tray
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import loads as warehouse_loads
from tests.pages.screen import page_text


def test_a_load_is_undone_from_the_page(open_page, own_sample_home):
    app = open_page("upload", own_sample_home)
    app.session_state["loads"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    app.button(key="undo_load").click().run()
    assert "is undone" in page_text(app)


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


def answer(app, words):
    """Click the answer with these words to a question of a file."""
    return next(button.click().run() for button in app.button if button.label == words)


def test_an_encoding_is_chosen_by_the_names_that_differ_and_chosen_again_for_the_sender(
    open_page, empty_home
):
    app = open_page("upload", empty_home)
    data = "provider_name,npi,zip\nMÃ¼ller,2000000018,634500001\nSmith,2000000026,634500001\n"
    app.file_uploader[0].upload("clinic_providers_1.csv", data.encode(), "text/csv").run()
    assert app.button(key="load_files").disabled and not app.error
    cells = next(element.value for element in app.dataframe if "utf-8-twice" in element.value)
    assert cells.to_dict("records") == [
        {"line": 2, "column": "provider_name", "utf-8-twice": "Müller", "utf-8": "MÃ¼ller"}
    ]
    app = answer(app, "Read it as utf-8-twice")
    assert app.button(key="load_files").label == "Load 1 file"
    app.button(key="load_files").click().run()
    data = data.replace("2000000018", "2000000034")
    app.file_uploader[0].upload("clinic_providers_2.csv", data.encode(), "text/csv").run()
    assert app.button(key="load_files").label == "Load 1 file"
    assert "Read as decided for clinic\\_providers" in page_text(app).replace("_", "\\_")


def test_a_file_without_a_header_is_mapped_by_place_once_that_is_said(open_page, empty_home):
    app = open_page("upload", empty_home)
    rows = "".join(f"100000{at},male,195{at}-01-02\n" for at in range(6))
    app.file_uploader[0].upload("patients.csv", rows.encode(), "text/csv").run()
    assert not [box for box in app.selectbox if box.key.startswith("map_")]
    assert "1000001" not in str([element.value for element in app.dataframe])
    app = answer(app, "Read it as no header")
    chosen = {
        box.key.rsplit("_patients_")[-1]: box.value
        for box in app.selectbox
        if "_patients_" in box.key
    }
    assert chosen == {"patient_id": "col_0", "gender": "col_1", "birth_date": "col_2"}
    answer(app, "Read it with this mapping")
    app.button(key="load_files").click().run()
    assert "6 rows loaded as L00001" in page_text(app)


def test_a_header_over_two_lines_is_joined_once_that_is_said(open_page, empty_home):
    app = open_page("upload", empty_home)
    data = "Patient,Patient,Birth\nID,Gender,Date\n1000001,male,1950-01-02\n"
    app.file_uploader[0].upload("patients.csv", data.encode(), "text/csv").run()
    assert app.button(key="load_files").disabled and not app.exception
    next(box for box in app.selectbox if box.key.startswith("read_header_rows_")).set_value(2).run()
    assert "1 row" in page_text(app) and "3 lines: 2 header + 1 row." in page_text(app)
    boxes = [box for box in app.selectbox if "_patients_" in box.key]
    assert all(set(box.options) >= {"Patient ID", "Patient Gender", "Birth Date"} for box in boxes)


def test_the_order_of_dates_is_stated_with_its_evidence(open_page, empty_home):
    app = open_page("upload", empty_home)
    rows = "".join(f"100000{day},male,{day:02d}/03/1950\n" for day in (1, 2, 25))
    data = f"patient_id,gender,birth_date\n{rows}"
    app.file_uploader[0].upload("patients.csv", data.encode(), "text/csv").run()
    assert "1 only day first, 2 can be either" in page_text(app)
    assert "All clear dates are day first" in page_text(app)
    box = next(box for box in app.selectbox if box.key.startswith("read_date_order_"))
    box.set_value("DMY").run()
    assert "All clear dates" not in page_text(app)
    app.button(key="load_files").click().run()
    history = loads.history(load_settings(home=empty_home))
    with open_warehouse(load_settings(home=empty_home)) as connection:
        load = warehouse_loads.get(connection, history["load_id"][0])
    assert load["date_order"] == "DMY"


def test_a_defect_at_one_card_is_told_there_in_words_of_ours(open_page, empty_home, monkeypatch):
    draw = evidence.show_summary

    def fails_on_one(readings, account, *rest):
        if account.total == 2:
            raise KeyError("Planted Name")
        draw(readings, account, *rest)

    config._set_option("client.showErrorDetails", "type", "tests")
    monkeypatch.setattr(evidence, "show_summary", fails_on_one)
    app = open_page("upload", empty_home)
    for name, rows in (("good.csv", 2), ("bad.csv", 1)):
        data = "encounter_id\n" + "ABC\n" * rows
        app.file_uploader[0].upload(name, data.encode(), "text/csv").run()
    assert not app.exception and "Planted" not in page_text(app) + app.error[0].value
    assert "a defect of the program stopped this part of the page" in app.error[0].value
    assert app.button(key="load_files").label == "Load 2 files"
    assert "3 lines: 1 header + 2 rows." in page_text(app)
    app = take_out(app, "bad.csv")
    assert not app.error and app.button(key="load_files").label == "Load 1 file"


def test_a_wrong_header_is_mapped_by_hand_and_remembered(open_page, empty_home):
    app = open_page("upload", empty_home)
    data = "Kid,Sex,Geboren\n1000001,male,1950-01-02\n"
    app.file_uploader[0].upload("people.csv", data.encode(), "text/csv").run()
    assert app.button(key="load_files").disabled
    tray_id = next(
        button.key for button in app.button if button.key.startswith("map_apply_")
    ).removeprefix("map_apply_")
    app.selectbox(key=f"map_source_{tray_id}").set_value("patients").run()
    app.selectbox(key=f"map_{tray_id}_patients_patient_id").set_value("Kid").run()
    app.selectbox(key=f"map_{tray_id}_patients_birth_date").set_value("Geboren").run()
    app.button(key=f"map_apply_{tray_id}").click().run()
    app.button(key="load_files").click().run()
    assert "1 row loaded as L00001" in page_text(app)
    app.file_uploader[0].upload(
        "people.csv", data.replace("1950", "1951").encode(), "text/csv"
    ).run()
    assert "Columns mapped as in the last file with this header" in page_text(app)
    assert app.button(key="load_files").label == "Load 1 file"


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


def test_a_delimiter_chosen_by_hand_is_read_at_once(open_page, own_sample_home):
    app = open_page("upload", own_sample_home)
    app.file_uploader[0].upload(
        "adverse_events.csv", b"encounter_id;note\nABC;x\n", "text/csv"
    ).run()
    chooser = next(box for box in app.selectbox if box.key.startswith("read_delimiter_"))
    assert chooser.options[0] == "inferred: semicolon"
    chooser.set_value(",").run()
    assert app.button(key="load_files").disabled and "encounter_id" in app.error[0].value
    next(box for box in app.selectbox if box.key.startswith("read_delimiter_")).set_value(
        "inferred"
    ).run()
    assert app.button(key="load_files").label == "Load 1 file"


def test_a_choice_for_a_file_that_has_left_the_tray_is_neither_an_error_nor_written_on_the_page(
    open_page, own_sample_home
):
    app = open_page("upload", own_sample_home)
    app.file_uploader[0].upload(
        "adverse_events.csv", b"encounter_id;note\nABC;x\n", "text/csv"
    ).run()
    settings = load_settings(home=own_sample_home)
    chooser = next(box for box in app.selectbox if box.key.startswith("read_delimiter_"))
    chooser.set_value(",")
    tray.take_out(settings, [file.tray_id for file in tray.waiting(settings)])
    app.run()
    assert not app.exception and not app.error and app.title[0].value == "Upload"


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


def drop_two(open_page, home):
    """The page with a sound and a hostile file in the tray."""
    app = open_page("upload", home)
    for name, row in (("good.csv", "1000001,male,1950-01-02"), ("bad.csv", "2,Planted Name,x")):
        data = f"patient_id,gender,birth_date\n{row}\n"
        app.file_uploader[0].upload(name, data.encode(), "text/csv").run()
    return app


def take_out(app, name):
    return next(
        button.click().run()
        for button in app.button
        if (button.key or "").startswith("take_out_") and button.label == name
    )


def test_a_file_on_which_the_rules_fail_hides_no_other_and_can_be_taken_out(
    open_page, own_sample_home, monkeypatch
):
    judge = preflight._judged

    def fails_on_one(connection, settings, files, *rest):
        if any(taken.waits.name == "bad.csv" for taken in files):
            raise ValueError("malformed JSON near Planted Name")
        return judge(connection, settings, files, *rest)

    monkeypatch.setattr(preflight, "_judged", fails_on_one)
    app = drop_two(open_page, own_sample_home)
    assert not app.exception and "Planted" not in page_text(app)
    assert app.button(key="load_files").label == "Load 1 file"
    assert "cannot be loaded: the rules cannot judge it (ValueError)" in app.error[0].value
    app = take_out(app, "bad.csv")
    assert not app.error and app.button(key="load_files").label == "Load 1 file"


def test_a_file_on_which_the_reader_stumbles_hides_no_other_and_can_be_taken_out(
    open_page, own_sample_home, monkeypatch
):
    read = tray.preview.preview

    def fails_on_one(delivery, **options):
        if delivery.name == "bad.csv":
            raise RuntimeError("Planted Name")
        return read(delivery, **options)

    monkeypatch.setattr(tray.preview, "preview", fails_on_one)
    app = drop_two(open_page, own_sample_home)
    assert not app.exception and "Planted" not in page_text(app)
    assert app.button(key="load_files").label == "Load 1 file"
    app = take_out(app, "bad.csv")
    assert not app.error and app.button(key="load_files").label == "Load 1 file"
