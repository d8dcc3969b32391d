"""Cells in single quotes, whatever stands in them and whatever the others stand in: they are read
as they were written, or their lines are rejects; nothing is bent.
"""

import csv
import io
from itertools import product

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.ingest.batches import Batch, Noticed, Reject
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.dialect import Dialect
from pipeline.ingest.footers import FOOTER
from pipeline.ingest.halves import HALF, Halves
from pipeline.ingest.identification import identify
from tests.factories import small_world

NAMES = ["provider_name", "npi", "zip"]
ROWS = [[f"Pat{at}", f"20000000{at:02}", f"0021210{at:02}"] for at in range(8)]
#: In other quotes, without which it would be two cells.
COMMA = ["Lee, Pat", "2000000099", "002121099"]
BROKEN = "Ortho\nclinic"


def quoted(rows, quote: str = '"', is_throughout: bool = False) -> str:
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if is_throughout else csv.QUOTE_MINIMAL
    csv.writer(text, quotechar=quote, quoting=quoting, lineterminator="\n").writerows(rows)
    return text.getvalue()


def read(text: str, name: str = "providers.csv"):
    """(header, rows, reasons of the rejects); each line has its place."""
    table, _ = identify(Delivery(name, text.encode()), load_contracts())
    batches = list(table.batches())
    noticed = table.noticed
    assert noticed.lines.total() == noticed.delivered == len(text.splitlines())
    rows = [list(row) for batch in batches for row in batch.rows]
    assert [line for batch in batches for line in batch.numbers] == sorted(
        {line for batch in batches for line in batch.numbers}
    )
    return table.header, rows, [each.reason for batch in batches for each in batch.rejects]


@pytest.mark.parametrize(("row", "at"), product((0, 3, 7), range(3)))
def test_a_line_end_within_single_quotes_ends_no_row_of_a_file_that_has_no_others(row, at):
    rows = [list(each) for each in ROWS]
    rows[row][at] = BROKEN
    lines = [",".join(each).replace(BROKEN, f"'{BROKEN}'") for each in rows]
    assert read("\n".join([",".join(NAMES), *lines, ""])) == (NAMES, rows, [])


@pytest.mark.parametrize(
    ("row", "at", "cell"),
    product((0, 3, 7), range(3), (BROKEN, "Ortho\n\nclinic", "Ortho\nor\nclinic")),
)
def test_a_line_end_within_single_quotes_bends_no_row_among_double_ones(row, at, cell):
    rows = [list(each) for each in ROWS]
    rows[row][at] = cell
    text = quoted([NAMES, *rows, COMMA, COMMA]).replace(f'"{cell}"', f"'{cell}'")
    _, found, reasons = read(text)
    assert all(each in [*rows, COMMA] for each in found), "no half of a row, and none of two"
    assert all(each in found for each in [*ROWS[:row], *ROWS[row + 1 :]])
    assert reasons


def test_a_half_of_a_row_says_that_it_is_one():
    text = quoted([NAMES, *ROWS, *[COMMA] * 8]) + "'Ortho\nclinic',2000000001,002121001\n"
    assert read(text)[2] == ["1 cell, the header has 3", HALF]


@pytest.mark.parametrize(
    ("row", "reject"), [(["clinic'", "2"], "'Ortho"), (["2", "'Ortho"], "clinic'")]
)
def test_the_halves_of_a_row_may_stand_in_two_batches(row, reject):
    lines = [1, 2] if row[0] == "2" else [2, 1]
    batches = [Batch([row], lines[:1], []), Batch([], [], [Reject(lines[1], reject, "1 cell")])]
    noticed = Noticed()
    noticed.lines["rows"] = 1
    in_order = batches if lines == [1, 2] else batches[::-1]
    found = list(Halves(Dialect(), noticed).off(in_order))
    assert not any(batch.rows for batch in found)
    assert {each.reason for batch in found for each in batch.rejects} == {"1 cell", HALF}
    assert (noticed.lines["rows"], noticed.lines["rejects"]) == (0, 1)


def test_a_file_of_halves_alone_is_no_row_and_takes_no_memory():
    batches = (Batch([], [], [Reject(at, "'x", "1 cell")] * 20_000) for at in range(1, 9))
    found = list(Halves(Dialect(), Noticed()).off(batches))
    assert sum(len(each.rejects) for each in found) == 160_000
    assert max(len(each.rejects) for each in found) < 100_000


@pytest.mark.parametrize("source", ["patients", "providers", "encounters", "referrals"])
def test_cells_in_single_quotes_lose_them_beneath_names_in_double_ones(source):
    contract, rows = load_contracts()[source], small_world()[source]
    cells = [[row[name] for name in contract.delivered] for row in rows]
    text = quoted([contract.delivered], '"', True) + quoted(cells, "'", True)
    assert read(text, contract.file_name) == (list(contract.delivered), cells, [])


@pytest.mark.parametrize("has_ruler", [False, True])
def test_blanks_that_fill_up_one_column_part_no_footer(has_ruler):
    cells = [f"MEAA{at:04}" for at in range(8)]
    lines = [line.ljust(20) for line in ["encounter_id", *["-" * 20] * has_ruler, *cells]]
    header, rows, reasons = read("\n".join([*lines, "(8 rows affected)", ""]), "adverse_events.csv")
    assert [name.strip() for name in header] == ["encounter_id"]
    assert [[cell.strip() for cell in row] for row in rows] == [[cell] for cell in cells]
    assert reasons == [FOOTER]


@pytest.mark.parametrize(
    "footer", ["Prepared by Ann", "Generated on 2024-01-02", "8 rows exported", "Created for us"]
)
def test_a_remark_is_no_row_beneath_a_column_of_texts(footer):
    text = quoted([NAMES, *ROWS, [footer, "", ""]])
    assert read(text) == (NAMES, ROWS, [FOOTER])
