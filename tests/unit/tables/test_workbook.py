"""A workbook gives every text back as it was, or leaves the cell empty and says why."""

import io

import openpyxl
import pandas as pd
from hypothesis import example, given, settings, strategies

from pipeline.ingest import workbook_xlsx
from pipeline.ingest.batches import Noticed
from pipeline.ingest.delivery import Delivery
from pipeline.services.tables.export_files import LONGEST, NOT_HELD, Annotated, workbook_bytes

NOTHING = pd.DataFrame({"what is wrong": []}, dtype=object)


def book_of(texts: list[str]) -> bytes:
    rows = pd.DataFrame({"first": "x", "cell": texts}, dtype=object)
    marks = {(0, "cell"): "Too long."}
    return workbook_bytes(Annotated(rows, marks, NOTHING, ("rows", "findings")))


@given(strategies.lists(strategies.text(strategies.characters(exclude_categories=())), max_size=5))
@example(["x" * LONGEST, "x" * (LONGEST + 1), "_x0041_" * 5_000])
@example(["a\x00b", "a\x0bb", "a\ud800b", "a\ufffeb", "=1+1", "@x", "_x0041_", "_x005F_x0041_"])
@example(["a\r\nb", "a\rb", "\t", " ", "_", "01", "1e400"])
@settings(max_examples=60, deadline=None)
def test_no_text_is_cut_changed_or_run(texts):
    content = book_of(["first", *texts])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    delivery = Delivery("book.xlsx", content)
    read = list(workbook_xlsx.rows(delivery, workbook_xlsx.sheets(delivery)[0], Noticed()))
    for down, text in enumerate(texts, 2):
        cell = sheet.cell(down + 1, 2)
        if cell.value is None and text:
            assert cell.comment.text == NOT_HELD
        else:
            assert read[down][1:] == [text] or not text
            assert not text or cell.data_type == "s"


def test_what_was_said_of_a_cell_stands_beside_that_it_is_not_held():
    sheet = openpyxl.load_workbook(io.BytesIO(book_of(["a\x00b"]))).worksheets[0]
    assert sheet.cell(2, 2).comment.text == f"Too long.\n{NOT_HELD}"
