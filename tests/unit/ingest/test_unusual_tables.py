"""Tables as programs leave them behind: numbered rows without a name, files put behind one another,
rows of many megabytes. No cell moves to another column and none becomes a row that it is not.
"""

import gzip
import json
import subprocess
import sys

import pytest

from tests.unit.ingest.test_layouts import HEADER, ROWS, TABLE

SWAPPED = "birth_date,gender,patient_id"


def swapped(row: str) -> str:
    return ",".join(reversed(row.split(",")))


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("mark", ["", '"'])
def test_numbers_of_rows_have_no_name_and_move_no_column(home, first, mark):
    """As R writes a table, and pandas with an index that has no label."""
    rows = [f"{mark}{number}{mark},{row}" for number, row in enumerate(ROWS, start=first)]
    result = home.load("patients.csv", "\n".join([HEADER, *rows]) + "\n")
    assert (result.status, result.received) == ("loaded", 40), result.reason
    found = home.rows("raw_patients")
    assert [",".join((e["patient_id"], e["gender"], e["birth_date"])) for e in found] == ROWS
    assert json.loads(found[0]["_extra"]) == {"column_1": str(first)}


@pytest.mark.parametrize("numbers", [range(7, 47), [1, 2, 4, *range(5, 42)]])
def test_cells_that_do_not_number_the_rows_are_asked_about(home, numbers):
    rows = [f"{number},{row}" for number, row in zip(numbers, ROWS, strict=True)]
    result = home.load("patients.csv", "\n".join([HEADER, *rows]) + "\n")
    assert result.status == "refused" and result.asks


def test_persons_numbered_from_one_before_an_empty_cell_keep_their_columns(home):
    rows = [f"{number},male,1950-01-02," for number in range(1, 41)]
    result = home.load("patients.csv", "\n".join([HEADER, *rows]) + "\n")
    assert result.status == "loaded", result.reason
    assert [row["patient_id"] for row in home.rows("raw_patients")] == [*map(str, range(1, 41))]


@pytest.mark.parametrize("begins", ["\ufeff", "\f", "\x1a", "\x1a\ufeff"])
@pytest.mark.parametrize("mark", ["", '"'])
def test_a_file_put_behind_another_repeats_its_header_and_is_read_on(home, mark, begins):
    """Also where it brings a byte order mark, a page break or the end of the file before it."""
    again = ",".join(f"{mark}{name}{mark}" for name in HEADER.split(","))
    rows = [row.replace("10000", "20000") for row in ROWS]
    text = f"\ufeff{TABLE}{begins}{again}\n" + "\n".join(rows) + "\n"
    result = home.load("patients.csv", text)
    assert (result.status, result.received, result.rejected) == ("loaded", 81, 1)
    assert home.rows("raw_rejects", "reason") == [{"reason": "repeats the header"}]
    assert home.rows("raw_patients")[-1]["patient_id"] == rows[-1].split(",")[0]


@pytest.mark.parametrize("mark", ["", "\ufeff", "\f", "\x1a"])
def test_a_file_with_its_columns_in_another_order_is_not_read_on(home, mark):
    rows = "\n".join(map(swapped, ROWS))
    result = home.load("patients.csv", f"{TABLE}{mark}{SWAPPED}\n{rows}\n")
    assert result.status == "refused" and "another order" in result.reason


def test_a_first_row_longer_than_what_is_looked_at_is_read(home):
    long = f"1000999,{'x' * 2_000_000},1950-01-02"
    result = home.load("patients.csv", "\n".join([HEADER, long, *ROWS]) + "\n")
    assert (result.status, result.received, result.rejected) == ("loaded", 41, 0), result.reason
    assert len(home.rows("raw_patients")[0]["gender"]) == 2_000_000


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (gzip.compress(gzip.compress(TABLE.encode())), "gzipped more than once"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n", "Git LFS"),
    ],
)
def test_what_stands_for_another_file_is_named_truly(home, data, says):
    result = home.load("patients.csv", data)
    assert result.status == "refused" and says in result.reason


BIRTHDAY = """
import io, openpyxl
from pipeline.ingest import workbook
from pipeline.ingest.batches import Noticed
from pipeline.ingest.delivery import Delivery
book = openpyxl.Workbook()
book.active.append(["birth_date"])
book.active.append([99999999])
book.active["A2"].number_format = "yyyy-mm-dd"
stream = io.BytesIO()
book.save(stream)
delivery = Delivery("a.xlsx", stream.getvalue())
(sheet,) = workbook.sheets(delivery, "xlsx")
print(list(workbook.rows(delivery, "xlsx", sheet, Noticed(), None)))
"""


def test_no_cell_of_a_workbook_stands_in_a_warning():
    """The library that reads them quotes a date that it does not know."""
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", BIRTHDAY],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "#VALUE!" in done.stdout and done.stderr == ""


@pytest.mark.parametrize(
    "end",
    ["\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "~", "|", ";", "\\n", " / "],
    ids=lambda end: "_".join(f"{ord(sign):04x}" for sign in end),
)
def test_rows_that_end_in_no_line_end_are_asked_about_and_never_an_empty_delivery(home, end):
    result = home.load("patients.csv", end.join([HEADER, *ROWS]))
    assert result.status == "refused", (result.status, result.received)
    one = home.load("patients.csv", end.join([HEADER, *ROWS[:2]]) + "\n")
    assert one.status == "refused", (one.status, one.received)


@pytest.mark.parametrize("name", ["", ",2024", ",note\x85"])
def test_a_header_alone_is_an_empty_delivery(home, name):
    result = home.load("patients.csv", f"{HEADER}{name}\n")
    assert (result.status, result.received) == (("refused", 0) if "\x85" in name else ("loaded", 0))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("above", [[], ["sep={}"], ['"sep={}"', ""], ["Patients of May", ""]])
@pytest.mark.parametrize("first", [0, 1])
def test_whole_lines_in_quotes_are_read_without_them(home, delimiter, first, above):
    """As a spreadsheet writes them that took each line for one text; `first`: the header is not
    among them; `above`: lines before it.
    """
    lines = [line.replace(",", delimiter) for line in [HEADER, *ROWS]]
    lines[7] = delimiter.join(f'"{cell}"' for cell in lines[7].split(delimiter))
    wrapped = [*lines[:first], *('"' + line.replace('"', '""') + '"' for line in lines[first:])]
    result = home.load("patients.csv", "\n".join([*above, *wrapped, ""]).format(delimiter))
    assert (result.status, result.received, result.rejected) == ("loaded", 40, 0), result.reason
    found = home.rows("raw_patients")
    assert [",".join((e["patient_id"], e["gender"], e["birth_date"])) for e in found] == ROWS
    notes = str(home.rows("ops_load_findings"))
    assert "whole lines in quotes, read without them" in notes


def test_one_column_of_quoted_texts_is_no_table_of_wrapped_lines(home):
    rows = "\n".join(f'"Norsen, Holo{number}"' for number in range(9))
    result = home.load("providers.csv", f'"provider_name"\n{rows}\n')
    assert result.status == "refused"
    assert "npi" in result.reason
