"""Workbooks: every cell comes as it is shown, at the number of its row, and nothing of a sheet is
left out unsaid.
"""

import io
import zipfile
from datetime import datetime, time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.torture import XLS
from pipeline.ingest.date_formats import shown_date
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.loader import by_hand
from pipeline.ingest.number_formats import shown_number
from pipeline.ingest.reading import Reading
from pipeline.store.warehouse import load_evidence

PATIENTS = [["patient_id", "gender", "birth_date"], ["1000175", "male", "1930-07-21"]]
ENCOUNTERS = ["encounter_id", "npi", "patient_id", "cpt", "paid_amount"]
SHOWN = [
    (7, "00000", "00007"),
    (1699797928, "General", "1699797928"),
    (1234.5, "#,##0.00", "1,234.50"),
    (-1234.5, "#,##0.00;(#,##0.00)", "(1,234.50)"),
    (1234.5, '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)', "$1,234.50"),
    (0.5, "0%", "50%"),
    (0.125, "0.0%", "12.5%"),
    (123456789, "000-00-0000", "123-45-6789"),
    (5, '"N"0000', "N0005"),
    (1234567, "0.00E+00", "1.23E+06"),
    (12.5, "[$€-407] #,##0.00", "€ 12.50"),
    (0.1 + 0.2, "General", "0.3"),
    (0.5, "#.##", ".5"),
    (-7, "[Red]0;[Blue]-0", "-7"),
    (-0.001, "0.00", "0.00"),
    (2, "# ?/?", "2"),
    (3, "[>2]0.0;0", "3"),
]


def book(sheets: dict[str, list[list]], change=lambda workbook: None) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    change(workbook)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def details(result) -> str:
    return "; ".join(f"{each.count} {each.detail}" for each in result.findings)


def test_the_rows_of_a_sheet_come_at_their_row_numbers(home):
    rows = [["Patients of May"], [], *PATIENTS, [], ["7", "female", "a\nb\n,\"'"], ["", "", ""]]
    result = home.load("patients.xlsx", book({"Data": rows}))
    assert (result.status, result.received, result.rejected) == ("loaded", 2, 0), result.reason
    assert result.encoding is None, "a workbook says itself how its text is encoded"
    found = home.rows("raw_patients", "_source_row_number as row, birth_date")
    assert found == [
        {"row": 4, "birth_date": "1930-07-21"},
        {"row": 6, "birth_date": "a\nb\n,\"'"},
    ]
    lines = load_evidence.lines(home.connection, "L00001")
    assert lines.pop("delivered") == sum(lines.values())
    steps = {each["what"]: each for each in load_evidence.reading(home.connection, "L00001")}
    assert (steps["format"]["value"], steps["sheet"]["value"]) == ("XLSX", "Data")


@pytest.mark.parametrize(("value", "number_format", "text"), SHOWN)
def test_a_number_is_as_it_is_shown(home, value, number_format, text):
    def change(workbook):
        cell = workbook["s"].cell(2, 5, value)
        cell.number_format = number_format

    home.load("e.xlsx", book({"s": [ENCOUNTERS, ["A", "1", "2", "3"]]}, change))
    assert home.rows("raw_encounters")[0]["paid_amount"] == text


@given(st.integers(-(10**14), 10**14), st.integers(0, 4), st.booleans())
@settings(max_examples=300, deadline=None)
def test_decimals_and_groups_agree_with_python(number, places, is_grouped):
    value = number / 100
    whole = "#,##0" if is_grouped else "0"
    number_format = f"{whole}.{'0' * places}" if places else whole
    exact = round(number * 10**4 / 100)
    text = shown_number(value, number_format).text
    scale = 10 ** (4 - places)
    digits = (abs(exact) + scale // 2) // scale
    expected = f"{digits // 10**places:{',' if is_grouped else ''}d}"
    expected += f".{digits % 10**places:0{places}d}" if places else ""
    assert text == ("-" if number < 0 and digits else "") + expected


@given(st.integers(0, 10**11), st.integers(1, 12))
def test_leading_zeros_of_a_format_are_kept(number, width):
    assert shown_number(number, "0" * width).text == f"{number:0{width}d}"


@pytest.mark.parametrize(
    ("number_format", "text"),
    [
        ("yyyy-mm-dd", "1950-03-04"),
        ("yyyy/mm/dd", "1950/03/04"),
        ("dd mmm yyyy", "04 Mar 1950"),
        ("[$-409]d mmmm yyyy;@", "4 March 1950"),
        ("mm-dd-yy", "1950-03-04"),
        ("mm/dd/yyyy", "1950-03-04"),
        ("d-mmm-yy", "1950-03-04"),
        ("mmm yyyy", "1950-03-04"),
    ],
)
def test_a_date_never_becomes_one_that_can_be_misread(home, number_format, text):
    def change(workbook):
        cell = workbook["s"].cell(2, 3, datetime(1950, 3, 4))
        cell.number_format = number_format

    result = home.load("p.xlsx", book({"s": [PATIENTS[0], ["1", "male"]]}, change))
    assert home.rows("raw_patients")[0]["birth_date"] == text
    assert ("written as year-month-day" in details(result)) == (
        text == "1950-03-04" and not number_format.startswith("yyyy")
    )


def test_times_booleans_and_errors_are_text(home):
    rows = [ENCOUNTERS, [True, False, "#N/A", time(13, 5), 1.5]]
    home.load("e.xlsx", book({"s": rows}))
    (row,) = home.rows("raw_encounters")
    assert [row[name] for name in ENCOUNTERS] == ["TRUE", "FALSE", "#N/A", "13:05:00", "1.5"]
    assert shown_date(datetime(1950, 3, 4, 13, 5), "m/d/yy h:mm").text == "1950-03-04 13:05:00"


def test_what_a_reader_of_the_cells_cannot_see_is_said(home):
    def change(workbook):
        sheet = workbook["Data"]
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet.merge_cells("A4:B4")
        sheet["C4"] = "=1+1"
        workbook["Secret"].sheet_state = "hidden"

    rows = [*PATIENTS, ["2", "male", "1950-01-02"], ["3", None, None]]
    result = home.load("patients.xlsx", book({"Data": rows, "Secret": [["x"]]}, change))
    assert (result.status, result.received) == ("loaded", 3)
    said = details(result)
    for what in (
        "1 hidden rows",
        "1 hidden columns",
        "1 merged cells",
        "1 formulas of the sheet without a stored result",
        "hidden sheet 'Secret' not read",
    ):
        assert what in said


def test_the_sheet_that_names_known_columns_is_taken_and_said(home):
    sheets = {"Read me": [["About"], ["this"]], "Extract": PATIENTS, "Codes": [["code"], ["1"]]}
    result = home.load("patients.xlsx", book(sheets))
    assert result.status == "loaded" and "sheet 'Read me' not read" in details(result)
    steps = {each["what"]: each for each in load_evidence.reading(home.connection, "L00001")}
    assert steps["sheet"]["value"] == "Extract" and "known columns" in steps["sheet"]["why"]


def test_several_tables_ask_and_the_answer_decides(home):
    data = book({"May": PATIENTS, "June 1": [PATIENTS[0], ["2", "male", "1931-01-01"]]})
    asked = home.load("patients.xlsx", data)
    assert asked.status == "refused" and asked.asks["field"] == "sheet"
    assert [each["value"] for each in asked.asks["choices"]] == ["May", "June 1"]
    assert "--sheet May or --sheet 'June 1'" in asked.reason
    result = home.load("patients.xlsx", data, reading=Reading(sheet="june 1"))
    assert (result.status, home.rows("raw_patients")[0]["patient_id"]) == ("loaded", "2")
    other = home.load("patients.xlsx", data, reading=Reading(sheet="May"))
    assert (other.status, home.rows("raw_patients")[1]["patient_id"]) == ("loaded", "1000175")
    again = home.load("patients.xlsx", data, reading=Reading(sheet="May"))
    assert (again.status, again.load_id) == ("already_loaded", "L00002")
    refused = home.load("patients.xlsx", data, reading=Reading(sheet="July"))
    assert "has no sheet 'July'" in refused.reason and "May, June 1" in refused.reason


def test_a_table_in_a_hidden_sheet_is_asked_for(home):
    def change(workbook):
        workbook["Data"].sheet_state = "hidden"

    asked = home.load("patients.xlsx", book({"Cover": [[]], "Data": PATIENTS}, change))
    assert asked.asks and "hidden sheets only" in asked.reason


def test_an_open_document_workbook_shows_what_it_shows(home):
    cells = "".join(
        f"<table:table-row>{row}</table:table-row>"
        for row in (
            "".join(
                f"<table:table-cell><text:p>{name}</text:p></table:table-cell>"
                for name in PATIENTS[0]
            ),
            '<table:table-cell table:number-columns-repeated="3"/>',
            '<table:table-cell office:value-type="float" office:value="7"><text:p>0007</text:p></table:table-cell>'
            "<table:table-cell><text:p>fe<text:s text:c='2'/>male</text:p></table:table-cell>"
            '<table:table-cell office:value-type="date" office:date-value="1950-03-04">'
            "<text:p>03/04/1950</text:p></table:table-cell>"
            '<table:table-cell table:number-columns-repeated="16000"/>',
        )
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("table", "text", "office")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="Data">{cells}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    result = home.load("patients.ods", packed.getvalue())
    assert (result.status, result.received) == ("loaded", 1), result.reason
    row = home.rows("raw_patients")[0]
    assert [row[name] for name in PATIENTS[0]] == ["0007", "fe  male", "1950-03-04"]
    assert row["_source_row_number"] == 3


def test_an_old_workbook_shows_what_it_shows(home):
    """The file was written by xlwt; its ZIPs are numbers shown with five digits."""
    result = home.load("providers.xls", XLS.read_bytes())
    assert (result.status, result.received, result.encoding) == ("loaded", 3, None), result.reason
    assert home.rows("raw_providers", "provider_name, npi, zip, _source_row_number as row") == [
        {"provider_name": "Noren, Fen", "npi": "2000000002", "zip": "00501", "row": 2},
        {"provider_name": "Müller, Jörg", "npi": "2000000010", "zip": "94110", "row": 3},
        {"provider_name": "Łukasz, Ö", "npi": "2000000028", "zip": "02139", "row": 4},
    ]


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_damaged_workbook_is_refused_for_what_it_is(home, cut):
    data = book({"Data": PATIENTS})
    result = home.load("patients.csv", data[: int(len(data) * cut)])
    assert result.status == "refused" and "Excel workbook" in result.reason


def test_a_workbook_with_broken_parts_is_refused(home):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook>")
        archive.writestr("[Content_Types].xml", "<x/>")
    result = home.load("patients.xlsx", packed.getvalue())
    assert result.status == "refused" and "damaged workbook" in result.reason


def test_a_workbook_in_the_place_of_text_needs_no_ending(home):
    result = home.load("patients.csv", book({"Data": PATIENTS}), reading=by_hand())
    assert result.status == "loaded"
    assert Delivery("a\u202eb\n.xlsx", b"").name == "a\\u202eb\\n.xlsx"


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_lines_of_a_text_in_one_column_are_named_truly(home, sign):
    """As a spreadsheet shows a text whose delimiter it was not told."""
    lines = [["patient_id", "gender", "birth_date"], ["1002001", "male", "1950-01-02"]] * 3
    result = home.load("patients.xlsx", book({"Data": [[sign.join(cells)] for cells in lines]}))
    assert result.status == "refused"
    assert "whole lines in its first column" in result.reason
