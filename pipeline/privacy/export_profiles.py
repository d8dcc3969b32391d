"""What leaves the house: the columns of a table under a privacy profile of 45 CFR 164.514.

`safe_harbor` (b)(2): identifiers become random codes, birth dates years, ages above 89 one band,
ZIP codes of patients three digits or 000. `limited_data_set` (e): dates and five-digit ZIP codes
stay, which needs a data use agreement. `internal`: as it is. A sensitive column that no treatment
covers is left out, never let through.
"""

import secrets
from collections.abc import Callable
from functools import partial

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.privacy.column_meaning import meaning
from pipeline.privacy.masking import sensitive_columns, without_small_cells
from pipeline.privacy.zip3_areas import RESTRICTED_ZIP3

PROFILES = ("safe_harbor", "limited_data_set", "internal")
OLDEST_EXACT_AGE = 89
OLDEST_BAND = "90+"
CODED = ("patient_id", "encounter_id", "referral_id", "employer_id", "employer_name")
#: Bookkeeping that leads back to one delivered line or repeats its cells.
NEVER = (
    "_row_id",
    "_source_row_number",
    "_source_file",
    "_extra",
    "_content",
    "_current",
    "_key",
    "_family",
    "_waived",
    "raw_line",
    "row_hash",
)
AGES = ("age", "age_as_of")


class Profile:
    """One export under one profile: the same value gets the same random code in every chunk, and in
    no other export.
    """

    def __init__(self, name: str, table: str, as_of: str | None) -> None:
        if name not in PROFILES:
            raise InputRefused(
                "unknown privacy profile", name, f"choose one of {', '.join(PROFILES)}"
            )
        self.name = name
        self._table = table
        self._sensitive = sensitive_columns(table)
        self._as_of = as_of
        self._of_patients = not table.endswith("_providers")
        self._meaning = meaning(table)
        self._codes: dict[str, dict[str, str]] = {}

    def coded(self, column: str) -> bool:
        """Whether a column holds ids that become random codes in what leaves the house."""
        return column in CODED

    def treatment(self, column: str) -> str:
        """What happens to a column: kept, coded, left out, or how it is made coarser."""
        if self._meaning and self._meaning.undeclared([column]):
            return "left out"
        if self.name == "internal":
            return "kept"
        gives_away = self._meaning and column in self._meaning.gives_away
        if column in NEVER or (gives_away and self.name == "safe_harbor"):
            return "left out"
        if column in CODED:
            return "random code"
        if column.startswith("birth_") or column in AGES or column.startswith("zip"):
            return self._coarser(column)
        return "left out" if column in self._sensitive else "kept"

    def _coarser(self, column: str) -> str:
        if column.startswith("zip") and not self._of_patients:
            return "kept"
        if self.name == "limited_data_set":
            return {"zip4": "left out", "zip": "five digits"}.get(column, "kept")
        if column in AGES:
            return "90 and above as one"
        return {
            "birth_date": "year, none from 90 on",
            "birth_year": "year, none from 90 on",
            "zip": "three digits",
            "zip5": "three digits",
        }.get(column, "left out")

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The columns that may leave, treated; outcomes of providers with too few encounters are
        blank. Rows stay.
        """
        if self.name != "internal":
            frame = without_small_cells(frame.copy(), self._table)
        change: dict[str, Callable[[object], object]] = {
            "three digits": _zip3,
            "five digits": lambda value: str(value)[:5],
            "year, none from 90 on": self._birth_year,
            "90 and above as one": _capped_age,
        }
        shown = {}
        for column in frame.columns:
            treatment = self.treatment(column)
            if treatment == "left out":
                continue
            values = frame[column]
            if treatment == "random code":
                values = _mapped(values, partial(_random_code, self._codes.setdefault(column, {})))
            elif treatment in change:
                values = _mapped(values, change[treatment])
            shown[column] = values
        return pd.DataFrame(shown, index=frame.index)

    def _birth_year(self, value: object) -> str:
        year = str(value)[:4]
        if not year.isdigit() or not self._as_of:
            return ""
        # by year alone: whoever may be 90 within the year of the export is in the band
        return OLDEST_BAND if int(self._as_of[:4]) - int(year) > OLDEST_EXACT_AGE else year


def _mapped(values: pd.Series, change: Callable[[object], object]) -> pd.Series:
    return values.map(lambda value: value if pd.isna(value) else change(value)).astype(object)


def _random_code(codes: dict[str, str], value: object) -> str:
    return codes.setdefault(str(value), secrets.token_hex(8))


def _zip3(value: object) -> str:
    prefix = str(value)[:3]
    return "000" if prefix in RESTRICTED_ZIP3 or len(prefix) < 3 else prefix


def _capped_age(value: object) -> object:
    return OLDEST_BAND if float(str(value)) > OLDEST_EXACT_AGE else value
