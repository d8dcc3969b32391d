"""The content of a delivery as one stream of text, whatever kind of file it is."""

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import chain
from typing import BinaryIO, cast

from pipeline.ingest import parquet_file, workbook
from pipeline.ingest.batches import Noticed
from pipeline.ingest.delivery import Delivery, Progress, refusing_broken_gzip, unpacked
from pipeline.ingest.formats import PARQUET, TEXT
from pipeline.ingest.grids import RowText
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.line_blocks import storable
from pipeline.ingest.text_encoding import TextEncoding
from pipeline.ingest.workbook import Sheet


@contextmanager
def opened_text(
    delivery: Delivery,
    inspection: Inspection,
    sheet: Sheet | None = None,
    noticed: Noticed | None = None,
    progress: Progress | None = None,
) -> Iterator[io.TextIOBase]:
    """The text of a file with its line ends as they come; of a workbook one line for each row of
    the sheet, of a Parquet file one for each row. `progress` hears (done, total) of bytes or rows.
    """
    noticed = noticed or Noticed()
    if inspection.kind == TEXT:
        with (
            unpacked(delivery, inspection.is_gzip, progress) as stream,
            refusing_broken_gzip(delivery.name),
        ):
            encoding = inspection.encoding
            yield io.TextIOWrapper(
                cast("BinaryIO", stream),
                encoding=encoding.codec,
                errors=encoding.errors,
                newline="",
            )
        return
    if inspection.kind == PARQUET:
        batches = parquet_file.rows(delivery, noticed, progress)
        with closing(batches):
            yield RowText(chain.from_iterable(batches), noticed, delivery.growth)
        return
    if sheet is None:
        raise ValueError("a workbook is read by one of its sheets")
    rows = workbook.rows(delivery, inspection.kind, sheet, noticed, progress)
    with closing(rows):
        yield RowText(rows, noticed, delivery.growth)


def text_lines(
    text: io.TextIOBase,
    encoding: TextEncoding,
    at_most: int | None = None,
    noticed: Noticed | None = None,
    is_json: bool = False,
) -> Iterator[str]:
    """Physical lines with their line ends (LF, CRLF or CR, as they come). Zero characters and bytes
    that the encoding does not know are escaped; a line that holds nothing but zeros is blank.

    With `at_most` a longer line comes in pieces of that many characters; `noticed` counts lines
    with escapes.
    """
    lines = iter(text.readline if at_most is None else partial(text.readline, at_most), "")
    if encoding.needs_escapes:
        return (storable(line, noticed, is_json) for line in lines)
    return lines
