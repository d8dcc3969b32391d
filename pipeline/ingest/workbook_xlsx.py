"""Sheets of an .xlsx or .xlsm workbook, row by row: openpyxl reads cells and number formats; what
it leaves out when it streams (hidden rows, merged cells, formulas without a result) is counted in
the sheet's XML.
"""

import os
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from xml.parsers import expat

# what a workbook reads as must not hang on whether lxml happens to be installed
os.environ["OPENPYXL_LXML"] = "False"
import openpyxl

from pipeline.ingest.batches import Noticed
from pipeline.ingest.date_formats import shown_date
from pipeline.ingest.delivery import CHUNK_BYTES, Delivery
from pipeline.ingest.number_formats import shown_number
from pipeline.ingest.workbook import Sheet, remember

#: A character that XML cannot hold, as Excel writes it.
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
CELL = re.compile(r"([A-Z]+)(\d+)")
ON = ("1", "true")
# its warnings quote cells
warnings.filterwarnings("ignore", module=r"openpyxl\.")


def sheets(delivery: Delivery) -> tuple[Sheet, ...]:
    """The worksheets, each looked at once; memory: the shared texts of the workbook."""
    with delivery.open() as stream:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        return tuple(_sheet(book, each) for each in book.worksheets)


def rows(delivery: Delivery, sheet: Sheet, noticed: Noticed) -> Iterator[list[str]]:
    """The rows of one sheet from its first on; cells as they are shown."""
    with delivery.open() as stream:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        found = next(each for each in book.worksheets if each.title == sheet.name)
        found.reset_dimensions()
        for cells in found.iter_rows():
            yield ["" if cell.value is None else _text(cell, noticed) for cell in cells]


def _text(cell, noticed: Noticed) -> str:
    value = cell.value
    if isinstance(value, str):
        return ESCAPED.sub(_unescaped, value) if "_x" in value else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        shown = shown_number(value, cell.number_format)
    elif isinstance(value, datetime | date | time | timedelta):
        shown = shown_date(value, cell.number_format)
    else:
        return str(value)
    if shown.remark:
        remember(noticed, shown.remark)
    return shown.text


def _unescaped(found: re.Match) -> str:
    code = int(found.group(1), 16)
    return found.group() if 0xD800 <= code <= 0xDFFF else chr(code)


def _sheet(book, worksheet) -> Sheet:
    parser = expat.ParserCreate(namespace_separator=" ")
    survey = _Survey(parser)
    parser.StartElementHandler = survey.start
    with worksheet._get_source() as part:
        while chunk := part.read(CHUNK_BYTES):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    return Sheet(
        worksheet.title,
        survey.last_row,
        survey.last_column,
        worksheet.sheet_state != "visible",
        len([row for row in survey.hidden if row <= survey.last_row]),
        survey.hidden_columns(),
        survey.merged,
        survey.uncalculated + survey.has_formula,
    )


class _Survey:
    """What the elements of a sheet's XML tell."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        self.row = self.column = self.last_row = self.last_column = 0
        self.hidden: list[int] = []
        self._hidden_spans: list[tuple[int, int]] = []
        self.merged = self.uncalculated = 0
        self.has_formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Hear of the beginning of an element."""
        tag = name.rpartition(" ")[2]
        if tag == "c":
            if self.has_formula:
                self.uncalculated += 1
                self._result("")
            place = CELL.fullmatch(attributes.get("r", ""))
            self.column = _column(place.group(1)) if place else self.column + 1
        elif tag in ("v", "is"):
            if self.has_formula:
                self._parser.CharacterDataHandler = self._result
            self.last_row = max(self.last_row, self.row)
            self.last_column = max(self.last_column, self.column)
        elif tag == "f":
            self.has_formula = True
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
            if attributes.get("hidden") in ON:
                self.hidden.append(self.row)
        elif tag == "col" and attributes.get("hidden") in ON:
            self._hidden_spans.append((int(attributes["min"]), int(attributes["max"])))
        elif tag == "mergeCell":
            self.merged += 1

    def _result(self, text: str) -> None:
        """Hear that a formula has a stored result."""
        self.has_formula = False
        self._parser.CharacterDataHandler = None

    def hidden_columns(self) -> int:
        """Columns up to the last one with content that are hidden."""
        return sum(
            max(0, min(last, self.last_column) - first + 1) for first, last in self._hidden_spans
        )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
