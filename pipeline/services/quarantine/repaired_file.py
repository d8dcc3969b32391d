"""A downloaded list of open rows that comes back repaired: what differs, before anything is
recorded.
"""

import csv
import io
from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.privacy.masking import MASK, masked_value, sensitive_columns
from pipeline.services.quarantine.what_if import Repairs
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import rows, state

ROW_ID = ("_row_id", "row_id")
#: What a download puts in front of a cell that a spreadsheet would run, and the beginnings that it
#: disarms.
DISARMED, FORMULAS = "'", ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class RepairedFile:
    """`changes` has row_id, column, old (masked) and new, one row a changed cell; `repairs` the
    same for the services.

    `rows` were read; `unknown` row ids wait no more or never did, and are left alone.
    """

    changes: pd.DataFrame
    repairs: Repairs
    rows: int
    unknown: tuple[str, ...]


def compare(settings: Settings, entity: str, data: bytes) -> RepairedFile:
    """Cells of a CSV that differ from the open rows of a source; a cell that still shows its mask
    is unchanged.

    Raises InputRefused for a file without row ids or with a row id twice, and for an unknown
    source.
    """
    contract = load_contracts().get(entity)
    if contract is None:
        raise InputRefused("unknown source", entity, f"sources: {', '.join(load_contracts())}")
    frame = _read(data)
    editable = [
        column.name
        for column in contract.columns
        if column.delivered and column.name in frame.columns
    ]
    with open_warehouse(settings) as connection:
        stamp = state.build_stamp(connection)
        values = rows.current_values(
            connection, entity, frame.index.tolist(), (*editable, "_status")
        )
    values = {row_id: row for row_id, row in values.items() if row["_status"] == "quarantined"}
    masked = sensitive_columns(f"quarantine_{entity}")
    changes = []
    repairs: dict[str, dict[str, str | None]] = {}
    for row_id in frame.index.intersection(list(values)):
        for column in editable:
            old, new = values[row_id][column], _typed(frame.at[row_id, column])
            visible_value = (
                masked_value(old, f"quarantine_{entity}", column, stamp["as_of"] if stamp else None)
                if old and column in masked
                else old
            )
            is_mask = column in masked and MASK.fullmatch(new)  # of a file that was saved before
            if not is_mask and new not in ((old or ""), (visible_value or "")):
                changes.append(
                    {"row_id": row_id, "column": column, "old": visible_value, "new": new}
                )
                repairs.setdefault(row_id, {})[column] = new or None
    return RepairedFile(
        pd.DataFrame(changes, columns=["row_id", "column", "old", "new"]),
        tuple((row_id, tuple(cells.items())) for row_id, cells in repairs.items()),
        len(frame),
        tuple(row_id for row_id in frame.index if row_id not in values),
    )


def _read(data: bytes) -> pd.DataFrame:
    """The file by row id, all text; the delimiter is the one of comma, semicolon and tab that the
    header has most of.
    """
    try:
        text = data.decode("utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        lines = [
            cells
            for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            if any(cells)
        ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _refused("cannot be read as CSV", "save it as CSV in UTF-8") from error
    header, rows = (lines[0], lines[1:]) if lines else ([], [])
    name = next((column for column in ROW_ID if column in header), None)
    if name is None:
        raise _refused("has no column row_id", "start from the download of the open rows")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise _refused(f"names the column {twice[0] or '(empty)'} twice", "keep one of them")
    if uneven := next(
        (place for place, cells in enumerate(rows, 1) if len(cells) != len(header)), None
    ):
        raise _refused(
            f"has {len(rows[uneven - 1])} cells in row {uneven} and {len(header)} columns",
            "save it as CSV once more",
        )
    frame = pd.DataFrame(rows, columns=header, dtype=object)
    if frame[name].duplicated().any():
        raise _refused("names a row twice", "keep one line a row_id")
    return frame.set_index(name)


def _refused(what: str, hint: str) -> InputRefused:
    return InputRefused(what, "repaired file", hint)


def _typed(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text[:1] == DISARMED and text[1:2] in FORMULAS else text
