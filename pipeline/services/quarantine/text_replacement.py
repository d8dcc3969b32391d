"""Find and replace in all open rows of a kind: what it would change, before anybody records it."""

import re
from dataclasses import dataclass, field

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.services.access.roles import WORK, needs
from pipeline.services.quarantine.open_rows import editable_columns, masked_columns
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import open_rows
from pipeline.store.warehouse.open_rows import RowSearch

#: Rows that one find-and-replace changes.
REPLACED_ROWS = 20_000


@dataclass(frozen=True)
class Replacements:
    """What a find-and-replace would change: `repairs` by row id, `found` cells in all, `left_out`
    beyond the limit.
    """

    repairs: dict[str, dict[str, str | None]] = field(hash=False)
    total: int
    left_out: int


@needs(WORK)
def replacements(settings: Settings, entity: str, search: RowSearch, new: str) -> Replacements:
    """What it would change to put `new` where `wanted.text` stands in `wanted.column`, in all open
    rows of that kind.

    Part of a cell is found whatever its case. Raises InputRefused for a column that cannot be
    corrected or is masked on screen (only its empty cells can be filled).
    """
    if search.column not in editable_columns(entity, list(load_contracts()[entity].mapped)):
        raise InputRefused(
            "not a column that can be corrected",
            f"{entity}.{search.column}",
            "choose a column that can be edited",
        )
    if search.column in masked_columns(entity) and search.how != "empty cell":
        raise InputRefused(
            "is masked on screen, so it cannot be searched",
            f"{entity}.{search.column}",
            "correct it row by row",
        )
    if search.how != "empty cell" and not search.text:
        return Replacements({}, 0, 0)
    with open_warehouse(settings) as connection:
        page = open_rows.page(connection, entity, [search.column], search, REPLACED_ROWS)
        total = open_rows.count(connection, entity, search)
    old = {row["_row_id"]: row[search.column] or "" for row in page}
    if search.how == "part of the cell":
        repairs = {
            row_id: re.sub(re.escape(search.text), lambda _: new, value, flags=re.IGNORECASE)
            for row_id, value in old.items()
        }
    else:
        repairs = dict.fromkeys(old, new)
    return Replacements(
        {
            row_id: {search.column: value or None}
            for row_id, value in repairs.items()
            if value != old[row_id]
        },
        total,
        max(total - len(old), 0),
    )
