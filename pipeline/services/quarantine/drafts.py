"""Edits of open rows that nobody has saved yet, kept in the home for their author until they are
saved or dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.config import Settings
from pipeline.services.access.roles import DECIDE, needs
from pipeline.store.control import drafts
from pipeline.store.sqlite.database import open_drafts

#: Row id -> column -> value, None for empty.
Edits = Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True)
class Drafts:
    """Edits of one author in one source; `since` is the newest decision that had been seen when the
    first was begun, `noted_at` when the last was typed; both are '' without edits.
    """

    edits: dict[str, dict[str, str | None]] = field(hash=False)
    since: str = ""
    noted_at: str = ""


def unsaved(settings: Settings, entity: str, by: str) -> Drafts:
    """What an author has left unsaved in a source."""
    if not settings.drafts_path.exists():
        return Drafts({})
    with open_drafts(settings) as connection:
        cells = drafts.of_author(connection, by, entity)
    edits: dict[str, dict[str, str | None]] = {}
    for cell in cells:
        edits.setdefault(cell["row_id"], {})[cell["column_name"]] = cell["new_value"]
    return Drafts(
        edits,
        min((cell["since"] for cell in cells), default=""),
        max((cell["noted_at"] for cell in cells), default=""),
    )


@needs(DECIDE)
def save(settings: Settings, entity: str, by: str, before: Edits, after: Edits, since: str) -> None:
    """Bring what is kept from `before` to `after`; cells of the same author that are in neither
    (typed in another tab) stay.
    """
    changed = {
        row_id: cells
        for row_id, cells in (
            (
                row_id,
                {
                    column: value
                    for column, value in cells.items()
                    if (column, value) not in before.get(row_id, {}).items()
                },
            )
            for row_id, cells in after.items()
        )
        if cells
    }
    gone = [
        (row_id, column)
        for row_id, cells in before.items()
        for column in cells
        if column not in after.get(row_id, {})
    ]
    if not changed and not gone:
        return
    with open_drafts(settings) as connection:
        drafts.save(connection, by, entity, changed, since)
        drafts.drop(connection, by, entity, gone)
