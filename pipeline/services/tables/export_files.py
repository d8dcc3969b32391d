"""Frames to a CSV or Parquet file, one after the other, so that no table has to fit into memory.

Only `outgoing` and `screen_downloads` call this module: they treat and record what leaves
(tests/architecture/test_outgoing.py).
"""

import html
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.privacy.spreadsheet_text import safe_for_spreadsheets
from pipeline.services.access.roles import SEE, needs

FOLDER_MODE, FILE_MODE = 0o700, 0o600
#: Ground of a marked cell, and letters of a column.
MARKED, WIDE = "FFF8D3C0", 22
PRINT_STYLE = (
    "@page{size:A4 landscape;margin:12mm}body{font:14px sans-serif;max-width:72rem;margin:1rem auto;color:#111;"
    "background:#fff}h1{font-size:20px}table{border-collapse:collapse;font-size:11px;font-variant-numeric:tabular-nums}"
    "th,td{border:1px solid #999;padding:3px 5px;text-align:left;vertical-align:top}"
)
#: What no cell of a workbook can hold: more characters than these, and those that XML has not.
LONGEST = 32_767
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: What whoever opens a workbook takes for a character that XML has not.
ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
NOT_HELD = "A workbook cannot hold this cell, so it is empty here: take it from the file itself."


def write_rows(
    path: Path,
    ending: str,
    pieces: Iterable[pd.DataFrame],
    types: Callable[[], Mapping[str, str]],
) -> int:
    """Write all pieces to `path`, as CSV or Parquet (`ending`), and return the rows.

    `types` gives the declared types of the columns that keep their values, once the first piece is
    there; every other column is written as text.
    """
    return (_csv if ending == ".csv" else _parquet)(path, pieces, types)


@needs(SEE)
@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write what becomes `path`, for its owner only, when the block ends well; a file of
    that name stands until then.

    Raises InputRefused for a folder.
    """
    if not path.name or path.is_dir():
        raise InputRefused("is a folder", str(path), "name the file to write")
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.touch(FILE_MODE)
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """One frame as CSV in memory; texts that a spreadsheet would run are disarmed."""
    return safe_for_spreadsheets(frame).to_csv(index=False, lineterminator="\n").encode("utf-8")


def json_bytes(frame: pd.DataFrame) -> bytes:
    """One frame as a JSON array of objects in memory, an object a row, empty cells as null."""
    return frame.to_json(orient="records", force_ascii=False, double_precision=15).encode("utf-8")


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """One frame as Parquet in memory, with the types that its columns have."""
    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    return content.getvalue()


def printable_bytes(
    title: str, sentences: Sequence[str], frame: pd.DataFrame, headings: Mapping[str, str]
) -> bytes:
    """A page to print, as HTML that calls nothing from anywhere: a title, a list of sentences, a
    table. Empty cells are dashes; every text stands as it is.
    """

    def cells(values: Iterable[object], tag: str) -> str:
        return "".join(f"<{tag}>{html.escape(_for_print(value))}</{tag}>" for value in values)

    body = "".join(
        f"<tr>{cells(row, 'td')}</tr>" for row in frame.itertuples(index=False, name=None)
    )
    told = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    head = cells((headings.get(str(name), str(name)) for name in frame.columns), "th")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{PRINT_STYLE}</style><h1>{html.escape(title)}</h1><ul>{told}</ul>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></html>\n"
    ).encode()


def _for_print(value: object) -> str:
    if value is None or value != value:
        return "–"
    if isinstance(value, float):
        text = f"{value:,.0f}" if abs(value) >= 1000 or value.is_integer() else f"{value:,.2f}"
        return text.replace("-", "−")
    return f"{value:,}" if isinstance(value, int) else str(value)


def typed_parquet(path: Path, frame: pd.DataFrame) -> None:
    """One frame to a Parquet file with the types that its columns have."""
    frame.to_parquet(path, index=False)


def _csv(path: Path, pieces: Iterable[pd.DataFrame], types: Callable[[], Mapping[str, str]]) -> int:
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, piece in enumerate(pieces):
            safe_for_spreadsheets(piece).to_csv(
                file, index=False, header=number == 0, lineterminator="\n"
            )
            rows += len(piece)
    return rows


def _parquet(
    path: Path, pieces: Iterable[pd.DataFrame], types: Callable[[], Mapping[str, str]]
) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, writer = 0, None
    try:
        for piece in pieces:
            if writer is None:
                declared = types()
                schema = pa.schema(
                    [
                        (name, _arrow(declared.get(name, "text"), piece[name]))
                        for name in piece.columns
                    ]
                )
                writer = pq.ParquetWriter(path, schema)
            arrays = [_array(piece[field.name], field.type) for field in writer.schema]
            writer.write_table(pa.Table.from_arrays(arrays, schema=writer.schema))
            rows += len(piece)
    finally:
        if writer is not None:
            writer.close()
    return rows


def _arrow(declared: str, values: pd.Series):
    """The Arrow type of a column: as declared, or by its values for an expression of a view, which
    has no type.
    """
    import pyarrow as pa

    if declared.startswith("int") or not declared and pd.api.types.is_integer_dtype(values):
        return pa.int64()
    is_number = declared.startswith(("real", "num", "float", "double", "dec"))
    return (
        pa.float64()
        if is_number or not declared and pd.api.types.is_float_dtype(values)
        else pa.string()
    )


def _array(values: pd.Series, kind):
    """One column in its Arrow type; SQLite keeps any value in any column, so numbers become text
    where text is due.
    """
    import pyarrow as pa

    if pa.types.is_string(kind):
        return pa.array([None if pd.isna(value) else str(value) for value in values], kind)
    return pa.array(pd.to_numeric(values), kind, from_pandas=True)


@dataclass(frozen=True)
class Annotated:
    """Rows as text cells, of which some are marked: `marks` maps (position of the row, column) to
    what is said at that cell; `findings` says all of it once more, as a sheet of its own.
    """

    rows: pd.DataFrame
    marks: Mapping[tuple[int, str], str]
    findings: pd.DataFrame
    titles: tuple[str, str]


def workbook_bytes(annotated: Annotated) -> bytes:
    """An .xlsx in memory: marked cells are coloured and have a comment. Each cell is text, so that
    no spreadsheet runs or rounds it; one that a workbook cannot hold as it is stays empty, and its
    comment says so.
    """
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill

    book, marks = Workbook(), dict(annotated.marks)
    for name in annotated.rows.columns:
        for position, value in enumerate(annotated.rows[name]):
            if isinstance(value, str) and not _is_held(value):
                own = marks.get((position, name))
                marks[position, name] = f"{own}\n{NOT_HELD}" if own else NOT_HELD
    sheets = (book.active, book.create_sheet())
    for sheet, title, frame in zip(
        sheets, annotated.titles, (annotated.rows, annotated.findings), strict=True
    ):
        sheet.title = title
        sheet.freeze_panes = "A2"
        for across, name in enumerate(frame.columns, 1):
            _text_cell(sheet, 1, across, str(name)).font = Font(bold=True)
            sheet.column_dimensions[sheet.cell(1, across).column_letter].width = WIDE
            for down, value in enumerate(frame[name], 2):
                if value is not None and value == value:
                    _text_cell(sheet, down, across, str(value))
    ground = PatternFill("solid", fgColor=MARKED)
    for (position, column), text in marks.items():
        cell = sheets[0].cell(position + 2, annotated.rows.columns.get_loc(column) + 1)
        cell.fill, cell.number_format = ground, "@"
        cell.comment = Comment(text, "")
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _is_held(text: str) -> bool:
    return len(ESCAPE.sub("_x005F_", text)) <= LONGEST and not NO_XML.search(text)


def _text_cell(sheet: Any, row: int, column: int, text: str) -> Any:
    cell = sheet.cell(row, column)
    cell.number_format = "@"
    if _is_held(text):
        cell.value = ESCAPE.sub("_x005F_", text)
        cell.data_type = "s"  # also a text that begins like a formula
    return cell
