"""Workbooks (.xlsx, .xlsm, .xls, .ods): their sheets, and the rows of one sheet as shown."""

import zipfile
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from pipeline.errors import InputRefused
from pipeline.ingest.batches import Noticed
from pipeline.ingest.damage import refusing_damage
from pipeline.ingest.delivery import Delivery, Progress
from pipeline.ingest.formats import ODS, XLS


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, the rows down to the last one and the columns up to the last one with
    content (0: none), whether it is hidden, and counts of what a reader of the rows cannot see.
    """

    name: str
    rows: int
    width: int
    is_hidden: bool = False
    hidden_rows: int = 0
    hidden_columns: int = 0
    merged: int = 0
    uncalculated: int = 0

    def remarks(self) -> Iterator[tuple[int, str]]:
        """(how many, what) of what is in the sheet and not to be seen in its cells."""
        for count, what in (
            (self.hidden_rows, "hidden rows of the sheet read as well"),
            (self.hidden_columns, "hidden columns of the sheet read as well"),
            (self.merged, "merged cells of the sheet: the value stands in the first of them"),
            (self.uncalculated, "formulas of the sheet without a stored result, read as empty"),
        ):
            if count:
                yield count, what


def unpacked_bytes(delivery: Delivery, kind: str) -> int:
    """The bytes of a workbook once unpacked; raises InputRefused when it is larger than it may
    be.
    """
    if kind == XLS:
        return delivery.size
    with delivery.open() as stream, _refusing_damage(delivery.name):
        parts = zipfile.ZipFile(stream).infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise InputRefused("is an encrypted workbook", delivery.name, "save it without a password")
    size = sum(part.file_size for part in parts)
    delivery.limits.refuse_bomb(delivery.name, size, delivery.size)
    return size


def sheets(delivery: Delivery, kind: str) -> tuple[Sheet, ...]:
    """The sheets of a workbook; raises InputRefused for a damaged one."""
    with _refusing_damage(delivery.name):
        return _module(kind).sheets(delivery)


def rows(
    delivery: Delivery, kind: str, sheet: Sheet, noticed: Noticed, progress: Progress | None
) -> Generator[list[str], None, None]:
    """The rows of one sheet as text, those with content as wide as the sheet. Raises InputRefused
    for a damaged workbook.
    """
    for number, cells in enumerate(_rows(delivery, kind, sheet, noticed), start=1):
        if progress and not number % 1000:
            progress(number, max(sheet.rows, number))
        yield cells[: sheet.width] + [""] * (sheet.width - len(cells)) if any(cells) else []


def _rows(
    delivery: Delivery, kind: str, sheet: Sheet, noticed: Noticed
) -> Generator[list[str], None, None]:
    with _refusing_damage(delivery.name):
        yield from _module(kind).rows(delivery, sheet, noticed)


def _refusing_damage(name: str) -> AbstractContextManager[None]:
    return refusing_damage(
        "is a damaged workbook, or one that only its own program can read",
        name,
        "open it there and save it again, or save the sheet as CSV",
    )


def _module(kind: str) -> ModuleType:
    """The reader of a kind of workbook; a library is imported only when such a file comes."""
    name = {XLS: "workbook_xls", ODS: "workbook_ods"}.get(kind, "workbook_xlsx")
    return import_module(f"pipeline.ingest.{name}")


def remember(noticed: Noticed, remark: str) -> None:
    """Count something to tell about a cell."""
    if remark:
        noticed.remarks[remark] += 1
