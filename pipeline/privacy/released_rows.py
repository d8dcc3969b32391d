"""The rows of one export as they may leave: treated column by column, cells without an allowed
shape left out, numbers of people rounded, classes of people made large enough, in random order; and
what was done, for the manifest.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd

from pipeline.declared.dictionary import load_dictionary
from pipeline.errors import InputRefused
from pipeline.privacy.cell_shapes import shape_of_column
from pipeline.privacy.column_meaning import LATEST, UNDECLARED, meaning
from pipeline.privacy.encoded_rows import EncodedRows
from pipeline.privacy.equivalence_classes import (
    SMALLEST_CLASS,
    entry_order,
    generalise,
    people,
    rounded,
    smallest_class,
)
from pipeline.privacy.export_profiles import Profile
from pipeline.privacy.masking import column_class
from pipeline.privacy.small_counts import leaves_out_few, tells_few

#: What a treatment leaves of a value needs no shape of its own.
MADE_HERE = ("random code", "three digits", "year, none from 90 on", "90 and above as one")
YEAR, AGE = MADE_HERE[2:]
#: Privacy class -> the word of `ORDER` under which a column enters.
ENTERS_AS = {
    "provider_key": "key",
    "employer_key": "key",
    "code": "key",
    "demographic": "quasi-identifier",
    "age": "quasi-identifier",
    "date": "quasi-identifier",
    "place": "quasi-identifier",
    "share": "count",
    "count": "count",
    "amount": "measure",
    "outcome": "outcome",
    "technical": "technical",
    "public": "label",
}
#: The values of an outcome that do not tell rows apart: what somebody wants to learn of a row.
YES_OR_NO = frozenset((0, 1, "0", "1"))
ROUNDED = "two significant digits"
LEFT_OUT = "left out"


class ReleasedRows:
    """One export of rows of a table under a profile. Iterate `pieces` once, then read the rest.

    `types` are the types of the columns as they stand in the table. Raises InputRefused under
    safe_harbor when the rows are of fewer than eleven people, and where no column may leave.
    """

    def __init__(
        self, table: str, profile: Profile, frames: Iterable[pd.DataFrame], types: Mapping[str, str]
    ) -> None:
        self._table, self._profile = table, profile
        self._types = {name: declared_type(table, name) or kind for name, kind in types.items()}
        self.columns: list[str] = []
        self.unfit: dict[str, int] = {}
        self.few: dict[str, int] = {}
        self.coarser: dict[str, str] = {}
        self.anonymity: dict[str, Any] = {}
        self._frames = self._noting_columns(frames)

    def pieces(self) -> Iterator[pd.DataFrame]:
        """The rows, a frame after the other; under internal in the order in which they stand."""
        if self._profile.name == "internal":
            return self._as_they_stand()
        rows = EncodedRows(self._profile.apply(frame) for frame in self._frames)
        self._leave_out_unfit_cells(rows)
        self._leave_out_few(rows)
        if rows_are_people(self._table, self.columns):
            self._hide_people(rows)
        if not rows.columns:
            raise InputRefused(
                "holds no column that may leave",
                self._table,
                "export more rows, or use the profile internal",
            )
        return rows.in_random_order()

    def types_kept(self) -> dict[str, str]:
        """The types of the columns whose values are still of their type."""
        return {
            name: kind
            for name, kind in self._types.items()
            if self._profile.treatment(name) == "kept"
            and self.coarser.get(name, ROUNDED) in (ROUNDED, "one significant digit")
        }

    def column_records(self) -> list[dict[str, Any]]:
        """Each column of the table: its privacy class, what was done to it, how many cells had no
        allowed shape, and how many counted one to ten.
        """
        return [
            {
                "name": name,
                "class": column_class(self._table, name),
                "treatment": self.coarser.get(name, self._profile.treatment(name)),
                **({"cells_left_out": self.unfit[name]} if self.unfit.get(name) else {}),
                **({"small_counts_left_out": self.few[name]} if self.few.get(name) else {}),
            }
            for name in self.columns
        ]

    def _noting_columns(self, frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            self.columns = list(frame.columns)
            yield frame

    def _as_they_stand(self) -> Iterator[pd.DataFrame]:
        seen = EncodedRows()
        for frame in self._frames:
            if rows_are_people(self._table, self.columns):
                seen.add(frame)
            yield self._profile.apply(frame)
        if seen.columns:
            self._state(seen, self._identifiers(seen), required=False)

    def _leave_out_unfit_cells(self, rows: EncodedRows) -> None:
        for name, column in rows.columns.items():
            treatment = self._profile.treatment(name)
            if treatment in MADE_HERE:
                continue
            fits = shape_of_column(
                name,
                self._types.get(name, "text"),
                column_class(self._table, name) == "technical",
                column_class(self._table, name) == "date",
            )
            unfit = np.array([not fits(value) for value in column.values] + [False], dtype=bool)
            if unfit.any():
                self.unfit[name] = int(unfit[column.codes].sum())
                rows.columns[name] = column.changed(partial(_if_it_fits, fits))

    def _leave_out_few(self, rows: EncodedRows) -> None:
        for name, column in rows.columns.items():
            kind = column_class(self._table, name)
            if leaves_out_few(kind, self._profile.name):
                is_left_out = [*(tells_few(value, kind) for value in column.values), False]
                few = np.array(is_left_out, dtype=bool)
                if few.any():
                    self.few[name] = int(few[column.codes].sum())
                    rows.columns[name] = column.changed(partial(_unless_few, kind))

    def _hide_people(self, rows: EncodedRows) -> None:
        identifiers = self._identifiers(rows)
        if self._profile.name != "safe_harbor":
            self._state(rows, identifiers, required=False)
            return
        person = self._person(rows, identifiers)
        if 0 < people(rows, person) < SMALLEST_CLASS:
            raise InputRefused(
                f"holds rows of fewer than {SMALLEST_CLASS} people, whom no treatment hides",
                self._table,
                "export more rows, or use the profile internal",
            )
        for name, column in rows.columns.items():
            if self._profile.treatment(name) == "kept" and self._is_number(name):
                rows.columns[name] = column.changed(rounded)
                if any(rounded(value) != value for value in column.values):
                    self.coarser[name] = ROUNDED
        found = generalise(
            rows,
            self._quasi_identifiers(rows, identifiers),
            [name for name in rows.columns if self._profile.treatment(name) == AGE],
            [name for name in rows.columns if self._profile.treatment(name) == YEAR],
            person,
        )
        self.coarser |= found.coarser
        self._state(rows, identifiers, required=True, emptied=found.emptied)
        for name in identifiers:
            if _repeats(rows, name):
                self.coarser[name] = LEFT_OUT
                del rows.columns[name]

    def _state(
        self, rows: EncodedRows, identifiers: list[str], required: bool, emptied: int = 0
    ) -> None:
        columns = self._quasi_identifiers(rows, identifiers)
        person = self._person(rows, identifiers)
        self.anonymity = {
            "k": smallest_class(rows, columns, person),
            "required": SMALLEST_CLASS if required else None,
            "people_by": person or "row",
            "quasi_identifiers": sorted(columns),
            "rows_emptied": emptied,
        }

    def _identifiers(self, rows: EncodedRows) -> list[str]:
        return [
            name for name in rows.columns if column_class(self._table, name) == "direct_identifier"
        ]

    def _person(self, rows: EncodedRows, identifiers: list[str]) -> str | None:
        """The identifier that tells people apart: of several the one with the fewest values."""
        return min(identifiers, key=lambda name: len(rows.columns[name].values), default=None)

    def _quasi_identifiers(self, rows: EncodedRows, identifiers: list[str]) -> list[str]:
        return [
            name
            for name in entry_order(self._tells, rows)
            if name not in identifiers
            and not (
                self._tells(name) == "outcome" and YES_OR_NO.issuperset(rows.columns[name].values)
            )
        ]

    def _tells(self, name: str) -> str:
        if self._profile.coded(name):
            return "code"
        return ENTERS_AS.get(column_class(self._table, name), "detail")

    def _is_number(self, name: str) -> bool:
        return self._types.get(name, "text").startswith(("int", "real", "num", "float", "double"))


@lru_cache(maxsize=4096)
def declared_type(table: str, column: str) -> str:
    """The type of a column as the YAML of its model says; empty where it says none."""
    entries = load_dictionary()
    for name in (table, table.removesuffix(LATEST)):
        entry = entries.get(name)
        found = entry.column(column) if entry else None
        if found and found.data_type:
            return found.data_type
    return ""


def rows_are_people(table: str, columns: Iterable[str]) -> bool:
    """Whether a row of a table is about one person: it holds an identifier or a value of a person,
    or a quasi-identifier without being a counted cell.
    """
    told = meaning(table)
    classes = {told.classes.get(name, UNDECLARED) for name in columns}
    return (
        told.is_of_persons
        or UNDECLARED in classes
        or bool(classes & {"date", "age", "demographic"})
        and told.count is None
    )


def _if_it_fits(fits: Callable[[object], bool], value: Any) -> Any:
    return value if fits(value) else None


def _repeats(rows: EncodedRows, name: str) -> bool:
    codes = rows.columns[name].codes
    return bool(len(codes) and np.bincount(codes[codes >= 0]).max(initial=0) > 1)


def _unless_few(classification: str, value: Any) -> Any:
    return None if tells_few(value, classification) else value
