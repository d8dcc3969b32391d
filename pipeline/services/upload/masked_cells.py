"""Cells of a file that is not loaded yet, as a screen may show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.declared.sources import load_contracts
from pipeline.privacy.cell_fit import shape_of
from pipeline.privacy.masking import mask_for_screen
from pipeline.privacy.misplaced_values import without_misplaced, word_columns

if TYPE_CHECKING:
    import pandas as pd


def masked_rows(rows: pd.DataFrame, entity: str | None) -> pd.DataFrame:
    """Rows (columns by delivered name) with sensitive cells masked; only the shape of a cell whose
    column the source does not know, or of all as long as nobody knows the source.
    """
    contract = load_contracts()[entity] if entity else None
    delivered = contract.delivered if contract else ()
    for at, name in enumerate(rows.columns):
        if name not in delivered:
            rows.isetitem(at, rows.iloc[:, at].map(_shape))
    if contract is None:
        return rows
    for name in word_columns(contract) & set(rows.columns):
        rows[name] = rows[name].map(
            lambda value: None if value is None else without_misplaced(value)
        )
    return mask_for_screen(rows, f"raw_{entity}")


def masked_row(
    columns: Sequence[str], cells: Sequence[str | None], entity: str | None
) -> tuple[str | None, ...]:
    """One row, as `masked_rows`; a name that stands twice is known once."""
    import pandas as pd

    delivered = load_contracts()[entity].delivered if entity else ()
    known = {name: columns.index(name) for name in delivered if name in columns[: len(cells)]}
    masked = [_shape(cell) for cell in cells]
    if known:
        row = pd.DataFrame([[cells[at] for at in known.values()]], columns=[*known], dtype=object)
        for at, cell in zip(known.values(), masked_rows(row, entity).iloc[0], strict=True):
            masked[at] = cell
    return tuple(masked)


def _shape(value: str | None) -> str | None:
    return None if value is None else shape_of(value)
