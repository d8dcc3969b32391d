"""Sheets of an OpenDocument workbook (.ods), which holds the text of each cell as shown."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from xml.etree import ElementTree

from pipeline.errors import InputRefused
from pipeline.ingest.batches import Noticed
from pipeline.ingest.date_formats import shown_date
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.limits import Growth
from pipeline.ingest.workbook import Sheet, remember

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
#: No sheet has more; a repetition of empty cells or rows at the end of one goes far beyond.
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384


def sheets(delivery: Delivery) -> tuple[Sheet, ...]:
    """The sheets of the workbook, in its order."""
    found, growth = [], delivery.growth
    with _events(delivery) as events:
        hidden_styles, name, state = set(), "", False
        rows = last_row = width = hidden = merged = 0
        style = ""
        for event, element in events:
            if event == "start":
                if element.tag == f"{TABLE}table":
                    name = element.get(f"{TABLE}name", "")
                    state = element.get(f"{TABLE}style-name") in hidden_styles
                    rows = last_row = width = hidden = merged = 0
                elif element.tag.endswith("}style"):
                    style = next((v for k, v in element.items() if k.endswith("}name")), "")
                elif element.tag.endswith("}table-properties"):
                    hidden_styles |= {style} if element.get(f"{TABLE}display") == "false" else set()
            elif element.tag == f"{TABLE}table-row":
                cells = _cells(element, Noticed(), growth)
                count = min(_repeated(element, "rows"), MOST_ROWS)
                filled = max((at for at, cell in enumerate(cells, start=1) if cell), default=0)
                merged += sum(
                    1
                    for cell in element
                    if cell.get(f"{TABLE}number-columns-spanned", "1") != "1"
                    or cell.get(f"{TABLE}number-rows-spanned", "1") != "1"
                )
                if filled:
                    last_row, width = rows + count, max(width, filled)
                    if element.get(f"{TABLE}visibility") in ("collapse", "filter"):
                        hidden += count
                rows += count
                element.clear()
            elif element.tag == f"{TABLE}table":
                found.append(Sheet(name, last_row, width, state, hidden, 0, merged))
                element.clear()
    return tuple(found)


def rows(delivery: Delivery, sheet: Sheet, noticed: Noticed) -> Iterator[list[str]]:
    """The rows of one sheet from its first to the last with content; cells as they are shown."""
    growth = delivery.growth
    with _events(delivery) as events:
        is_here, left = False, sheet.rows
        for event, element in events:
            if event == "start" and element.tag == f"{TABLE}table":
                is_here = element.get(f"{TABLE}name", "") == sheet.name
            elif event == "end" and element.tag == f"{TABLE}table-row":
                if is_here:
                    cells = _cells(element, noticed, growth)
                    for _ in range(min(_repeated(element, "rows"), left)):
                        yield list(cells)
                        left -= 1
                    if not left:
                        return
                element.clear()


@contextmanager
def _events(delivery: Delivery) -> Iterator[Iterator[tuple[str, ElementTree.Element]]]:
    with delivery.open() as stream:
        archive = zipfile.ZipFile(stream)
        if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read(
            "META-INF/manifest.xml"
        ):
            raise InputRefused(
                "is an encrypted workbook", delivery.name, "save it without a password"
            )
        with archive.open("content.xml") as part:
            yield ElementTree.iterparse(part, ("start", "end"))


def _repeated(element: ElementTree.Element, what: str) -> int:
    return max(1, int(element.get(f"{TABLE}number-{what}-repeated", "1")))


def _cells(row: ElementTree.Element, noticed: Noticed, growth: Growth) -> list[str]:
    """The cells down to the last one with content; raises ValueError for more than a sheet has."""
    cells: list[str] = []
    empty = 0
    for cell in row:
        if cell.tag not in CELLS:
            continue
        text = _text(cell, noticed, growth)
        count = _repeated(cell, "columns")
        if not text:
            empty += count
            continue
        if len(cells) + empty + count > MOST_COLUMNS:
            raise ValueError("a row with more cells than a sheet has columns")
        growth.add(len(text) * count)
        cells += [""] * empty + [text] * count
        empty = 0
    return cells


def _text(cell: ElementTree.Element, noticed: Noticed, growth: Growth) -> str:
    shown = "\n".join(_paragraph(each, growth) for each in cell.findall(f"{TEXT}p"))
    moment = cell.get(f"{OFFICE}date-value")
    if not moment or shown.startswith(moment[:10]):
        return shown
    try:
        iso = shown_date(datetime.fromisoformat(moment), "General")
    except ValueError:
        return shown
    remember(noticed, iso.remark)
    return iso.text


def _paragraph(element: ElementTree.Element, growth: Growth) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{TEXT}s":
            blanks = int(child.get(f"{TEXT}c", "1"))
            growth.add(blanks)
            parts.append(" " * blanks)
        elif child.tag == f"{TEXT}tab":
            parts.append("\t")
        elif child.tag == f"{TEXT}line-break":
            parts.append("\n")
        else:
            parts.append(_paragraph(child, growth))
        parts.append(child.tail or "")
    return "".join(parts)
