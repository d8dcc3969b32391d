"""Workbooks, Parquet files and archives on the page: what their cards say, the choice of a sheet,
and what of an archive is left out.
"""

import io
import json
import zipfile

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
import streamlit

from pages.upload import tray as upload_tray
from pipeline.ingest import sheet_choice
from tests.pages.screen import page_text

HEADER = ("patient_id", "gender", "birth_date")


def workbook(**sheets) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(packed)
    return packed.getvalue()


def archive(members: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as unpacked:
        for name, text in members.items():
            unpacked.writestr(name, text)
    return packed.getvalue()


def parquet() -> bytes:
    packed = io.BytesIO()
    table = pyarrow.table({name: [value] for name, value in zip(HEADER, PERSON, strict=True)})
    pyarrow.parquet.write_table(table, packed)
    return packed.getvalue()


PERSON, OTHER = ("1000001", "male", "1950-01-02"), ("2000001", "female", "1960-01-02")
CSV = "patient_id,gender,birth_date\n1000001,male,1950-01-02\n"


@pytest.mark.parametrize(
    ("name", "content", "read_as", "lines"),
    [
        (
            "patients.xlsx",
            workbook(People=[HEADER, PERSON], Notes=[["Ask us"]]),
            "Read as XLSX, sheet People, header in row 1; certain (100 %).",
            "2 rows: 1 header + 1 row.",
        ),
        ("patients.parquet", parquet(), "Read as Parquet.", "1 row."),
    ],
)
def test_a_card_says_of_a_file_that_is_no_text_what_it_has(
    open_page, empty_home, name, content, read_as, lines
):
    app = open_page("upload", empty_home)
    app.file_uploader[0].upload(name, content, "application/octet-stream").run()
    captions = [caption.value for caption in app.caption]
    assert f":material/visibility: {read_as}" in captions
    assert f":material/format_list_numbered: {lines}" in captions
    assert any("the row is that of the file" in caption for caption in captions)
    app.button(key="load_files").click().run()
    assert "1 row loaded as L00001" in page_text(app) and f"{read_as} {lines}" in page_text(app)


TABLES = {"North": [HEADER, PERSON], "South": [HEADER, OTHER, PERSON]}
LISTS = {
    name: [dict(zip(HEADER, row, strict=True)) for row in rows[1:]] for name, rows in TABLES.items()
}


@pytest.mark.parametrize(
    ("name", "content"),
    [("patients.xlsx", workbook(**TABLES)), ("patients.json", json.dumps(LISTS).encode())],
)
def test_a_sheet_or_list_is_chosen_by_its_first_rows_with_one_click(
    open_page, empty_home, name, content
):
    app = open_page("upload", empty_home)
    app.file_uploader[0].upload(name, content, "application/octet-stream").run()
    assert app.button(key="load_files").disabled and not app.error
    rows = [element.value for element in app.dataframe if "is" in element.value]
    assert [list(table["gender"]) for table in rows] == [["male"], ["female", "male"]]
    next(button for button in app.button if button.label == "Read South").click().run()
    app.button(key="load_files").click().run()
    told = page_text(app)
    assert "2 rows loaded as L00001" in told
    assert "aaaaa" in told and "South" not in told, "once it is loaded, a name of somebody's own"


def test_a_check_of_a_workbook_names_its_places_rows(open_page, own_sample_home):
    app = open_page("upload", own_sample_home)
    content = workbook(People=[HEADER, PERSON, ("1000002", "none of these", "some day")])
    app.file_uploader[0].upload("patients.xlsx", content, "application/octet-stream").run()
    config = {}
    for element in app.dataframe:
        if "line" in element.value or "first_line" in element.value:
            config |= json.loads(element.proto.columns)
    assert {config["line"]["label"], config["first_line"]["label"]} == {"Row", "First row"}
    assert "Line" not in str([column.get("label") for column in config.values()])


def test_of_many_sheets_those_that_have_no_button_are_counted(open_page, empty_home):
    app = open_page("upload", empty_home)
    names = [f"Ward {number}" for number in range(sheet_choice.NAMED + 3)]
    content = workbook(**dict.fromkeys(names, [HEADER, PERSON]))
    app.file_uploader[0].upload("patients.xlsx", content, "application/octet-stream").run()
    buttons = [button.label for button in app.button if button.label.startswith("Read Ward")]
    assert len(buttons) == sheet_choice.NAMED and "3 more answers" in page_text(app)
    box = next(box for box in app.selectbox if str(box.key).startswith("read_sheet_"))
    assert set(names) <= set(box.options), "each can be chosen"


def test_a_refused_file_says_why_once(open_page, empty_home):
    app = open_page("upload", empty_home)
    app.file_uploader[0].upload("patients.csv", b"patient_id,gender\n1,male\n", "text/csv").run()
    (card,) = (card.label for card in app.expander if "patients.csv" in card.label)
    assert "birth_date" not in card and "birth_date" in app.error[0].value
    content = archive({f"{number}.csv": f"patient_id\n{number}\n" for number in "123"})
    app.file_uploader[0].upload("all.zip", content, "application/zip").run()
    told = [card.label.split(": it ")[1] for card in app.expander if ": it " in card.label]
    assert len(told) == 3, "what is said in the title is not said again below it"
    assert not [error.value for error in app.error if any(why in error.value for why in told)]


def test_what_of_an_archive_is_left_out_is_told_until_somebody_hides_it(open_page, empty_home):
    app = open_page("upload", empty_home)
    litter = {f"__MACOSX/{number}.csv": "x" for number in range(upload_tray.LEFT_OUT_SHOWN)}
    content = archive({"patients.csv": CSV, "readme.txt": "Hello", **litter})
    app.file_uploader[0].upload("all.zip", content, "application/zip").run()
    for _ in range(2):
        told = page_text(app)
        assert all(
            f"all.zip/{name}: " in told.replace("\\", "") for name in ["readme.txt", *litter]
        )
        app.run()
    app.button(key="hide_left_out").click().run()
    assert "Left out of what was dropped" not in page_text(app)
    assert app.button(key="load_files").label == "Load 1 file"


def test_an_archive_of_litter_alone_is_refused_for_what_is_true(open_page, empty_home):
    app = open_page("upload", empty_home)
    app.file_uploader[0].upload("all.zip", archive({".DS_Store": "x"}), "application/zip").run()
    assert app.button(key="load_files").disabled
    assert "all.zip/.DS_Store: hidden" in page_text(app).replace("\\", "")
    (told,) = (error.value for error in app.error)
    assert told == "**all.zip** holds no file that is a delivery. Deliver the files themselves."


def test_a_refused_file_is_opened_once_few_are_left_and_stays_open(
    open_page, empty_home, monkeypatch
):
    """As a card of its own: what the browser has closed stays closed under its old key."""
    draw, keys = streamlit.expander, {True: set(), False: set()}

    def noted(label, *, expanded=False, key=None, **others):
        keys[expanded].add(key)
        return draw(label, expanded=expanded, key=key, **others)

    monkeypatch.setattr(streamlit, "expander", noted)
    app = open_page("upload", empty_home)
    content = archive(
        {f"{number}.zip": f"PK\x05\x06{number}" for number in "123"} | {"patients.csv": CSV}
    )
    app.file_uploader[0].upload("all.zip", content, "application/zip").run()
    refused = [card for card in app.expander if "is refused" in card.label]
    assert [": it " in card.label for card in refused] == [True] * 3
    assert not any(card.proto.expanded for card in refused)
    for left in (2, 1):
        cards = [button for button in app.button if str(button.key).startswith("take_out_card_")]
        cards[-1].click().run()
        cards = [card for card in app.expander if "is refused" in card.label]
        assert len(cards) == left == len(app.error), [card.label for card in cards]
        assert all(card.proto.expanded for card in cards)
    opened = {key for key in keys[True] if key}
    assert len(opened) == 2 and opened.isdisjoint(keys[False])
