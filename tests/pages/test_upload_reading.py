"""How a file of the tray is read: what it asks, what is chosen by hand, what is remembered."""

import pytest

from pages.upload import reading
from pages.widgets import session
from pipeline.config import load_settings
from pipeline.services.upload import loads, tray
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import loads as warehouse_loads
from tests.pages.screen import page_text


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
    assert "Read as decided for L00001" in page_text(app)


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


def test_a_delimiter_chosen_by_hand_is_read_at_once(open_page, own_sample_home):
    app = open_page("upload", own_sample_home)
    app.file_uploader[0].upload(
        "adverse_events.csv", b"encounter_id;note\nABC;x\n", "text/csv"
    ).run()
    chooser = next(box for box in app.selectbox if box.key.startswith("read_delimiter_"))
    assert chooser.options[0] == "inferred: semicolon"
    chooser.set_value(",").run()
    assert app.button(key="load_files").disabled
    assert "with ';' between their cells. Choose that delimiter" in app.error[0].value
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


def test_columns_of_fixed_width_are_proposed_with_one_click_and_can_be_stated(
    open_page, empty_home
):
    app = open_page("upload", empty_home)
    rows = [
        ("patient_id", "gender", "birth_date"),
        *((f"100000{at}", "male", f"195{at}-01-02") for at in range(6)),
    ]
    text = "".join(f"{key:12}{sex:8}{day:10}\n" for key, sex, day in rows)
    app.file_uploader[0].upload("patients.txt", text.encode(), "text/plain").run()
    assert app.button(key="load_files").disabled and "First lines, read so" in page_text(app)
    assert any(list(table.value.columns) == ["line", "is", *rows[0]] for table in app.dataframe)
    app = answer(app, "Read it as columns 1-12,13-20,21-")
    assert app.button(key="load_files").label == "Load 1 file" and not app.exception

    def state(positions):
        box = next(box for box in app.text_input if box.key.startswith("read_positions_"))
        box.set_value(positions).run()

    state("1-12,10-20,21-")
    assert app.button(key="load_files").disabled and not app.exception
    state("1-12,13-20,21-")
    app.button(key="load_files").click().run()
    assert "6 rows loaded as L00001" in page_text(app)


@pytest.mark.parametrize(
    ("sent", "noted"), [("cp1252", 1), ("inferred", 1), ("inferred: cp1252", 0)]
)
def test_a_choice_that_reads_as_an_earlier_drawing_did_is_none(monkeypatch, sent, noted):
    state = {"key": sent}
    monkeypatch.setattr(reading.st, "session_state", state)
    reading._choose_option("t", "encoding", "key", ("utf-8", "cp1252"))
    assert len(state.get(session.READING_CHOICES, [])) == noted


def test_words_of_a_sender_are_proposed_and_read_so_in_one_click(open_page, empty_home):
    app = open_page("upload", empty_home)
    words = ["männlich"] * 12 + ["weiblich"] * 11 + ["Maria Muster"]
    rows = "".join(f"10000{at:02d},{word},1950-01-02\n" for at, word in enumerate(words))
    data = f"patient_id,gender,birth_date\n{rows}"
    app.file_uploader[0].upload("praxis_patients_1.csv", data.encode(), "text/csv").run()
    boxes = {box.label: box.value for box in app.selectbox if box.key.startswith("word_")}
    assert boxes == {"männlich (12)": "male", "weiblich (11)": "female"}
    assert "1 cell with rarer words waits" in page_text(app)
    assert "Maria" not in page_text(app) + str([element.value for element in app.dataframe])
    app = answer(app, "Read them so")
    assert "männlich → male, weiblich → female" in page_text(app)
    app.button(key="load_files").click().run()
    data = data.replace("10000", "20000")
    app.file_uploader[0].upload("praxis_patients_2.csv", data.encode(), "text/csv").run()
    assert not [box for box in app.selectbox if box.key.startswith("word_")]
    app.button(key="load_files").click().run()
    with open_warehouse(load_settings(home=empty_home)) as connection:
        stated = connection.execute(
            "select load_id, delivered, value from ops_load_words where ended_at is null order by 1, 2"
        ).fetchall()
    assert stated == [
        (load_id, word, value)
        for load_id in ("L00001", "L00002")
        for word, value in (("männlich", "male"), ("weiblich", "female"))
    ]
