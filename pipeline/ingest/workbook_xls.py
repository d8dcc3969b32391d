"""Sheets of an old Excel workbook (.xls): xlrd reads cells and number formats, the file as a whole
in memory.
"""

from collections.abc import Iterator

import xlrd

from pipeline.errors import InputRefused
from pipeline.ingest.batches import Noticed
from pipeline.ingest.date_formats import shown_date
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.number_formats import shown_number
from pipeline.ingest.workbook import Sheet, remember


def sheets(delivery: Delivery) -> tuple[Sheet, ...]:
    """The worksheets of the workbook."""
    return tuple(_sheet(each) for each in _opened(delivery).sheets())


def rows(delivery: Delivery, sheet: Sheet, noticed: Noticed) -> Iterator[list[str]]:
    """The rows of one sheet from its first on; cells as they are shown."""
    book = _opened(delivery)
    found = book.sheet_by_name(sheet.name)
    for cells in found.get_rows():
        yield [_text(book, cell, noticed) for cell in cells]


def _opened(delivery: Delivery) -> xlrd.Book:
    with delivery.open() as stream:
        try:
            return xlrd.open_workbook(
                file_contents=stream.read(), formatting_info=True, logfile=_Silent()
            )
        except xlrd.XLRDError as error:
            if "encrypt" in str(error).lower():
                raise InputRefused(
                    "is an encrypted workbook", delivery.name, "save it without a password"
                ) from error
            raise


class _Silent:
    """Takes what xlrd prints, which can quote a cell."""

    def write(self, text: str) -> int:
        """Drop the text."""
        return len(text)


def _sheet(found) -> Sheet:
    filled = [
        (row, column)
        for row in range(found.nrows)
        for column in range(found.row_len(row))
        if found.cell_type(row, column) not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK)
    ]
    last_row = max((row for row, _ in filled), default=-1) + 1
    width = max((column for _, column in filled), default=-1) + 1
    return Sheet(
        found.name,
        last_row,
        width,
        found.visibility != 0,
        sum(1 for row, info in found.rowinfo_map.items() if info.hidden and row < last_row),
        sum(1 for column, info in found.colinfo_map.items() if info.hidden and column < width),
        len(found.merged_cells),
    )


def _text(book: xlrd.Book, cell, noticed: Noticed) -> str:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    if cell.ctype not in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return ""
    number_format = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            shown = shown_date(
                xlrd.xldate.xldate_as_datetime(cell.value, book.datemode), number_format
            )
        except (ValueError, OverflowError):
            shown = shown_number(cell.value, "General")
    else:
        shown = shown_number(cell.value, number_format)
    remember(noticed, shown.remark)
    return shown.text
