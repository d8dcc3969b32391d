"""What leaves the house: the columns of a table under a privacy profile of 45 CFR 164.514.

`safe_harbor` (b)(2): identifiers become random codes, birth dates years, ages above 89 one band,
ZIP codes of patients three digits or 000. `limited_data_set` (e): dates and five-digit ZIP codes
stay, which needs a data use agreement. `internal`: as it is. A sensitive column that no treatment
covers is left out, never let through.
"""

import re
import secrets
from collections.abc import Callable
from functools import partial

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.privacy.column_meaning import meaning
from pipeline.privacy.masking import AGE_BAND, without_small_cells
from pipeline.privacy.treatments import (
    CAPPED,
    COARSE,
    FIVE_DIGITS,
    KEPT,
    LEFT_OUT,
    RANDOM_CODE,
    SMALL_EMPTY,
    YEARS,
    treatment,
)
from pipeline.privacy.zip3_areas import is_restricted

PROFILES = ("safe_harbor", "limited_data_set", "internal")
OLDEST_EXACT_AGE = 89
OLDEST_BAND = "90+"
YEARS_LEFT = "year, none from 90 on"


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
        self._as_of = as_of
        self._meaning = meaning(table)
        self._codes: dict[str, dict[str, str]] = {}

    def coded(self, column: str) -> bool:
        """Whether a column holds ids that become random codes in what leaves the house."""
        return treatment(self._meaning.classes.get(column), "safe_harbor") == RANDOM_CODE

    def treatment(self, column: str) -> str:
        """What happens to a column: kept, coded, left out, or how it is made coarser."""
        if column in self._meaning.gives_away and self.name == "safe_harbor":
            return LEFT_OUT
        told = self._meaning.classes.get(column)
        how = treatment(told, self.name)
        if how == YEARS:
            return YEARS_LEFT
        if how == COARSE:
            return "three digits"
        if how == SMALL_EMPTY:
            return KEPT
        return how

    def apply(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The columns that may leave, treated; outcomes of providers with too few encounters are
        blank. Rows stay.
        """
        if self.name != "internal":
            frame = without_small_cells(frame.copy(), self._table)
        change: dict[str, Callable[[object], object]] = {
            "three digits": _zip3,
            FIVE_DIGITS: _five_digits,
            YEARS_LEFT: self._birth_year,
            CAPPED: _capped_age,
        }
        shown = {}
        for column in frame.columns:
            treatment = self.treatment(column)
            if treatment == LEFT_OUT:
                continue
            values = frame[column]
            if treatment == RANDOM_CODE:
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


def _zip3(value: object) -> str | None:
    """Three digits of a postal code; of anything else that tells a place, nothing."""
    if not re.fullmatch(r"[0-9]{3}|[0-9]{5}(-?[0-9]{4})?", str(value)):
        return None
    prefix = str(value)[:3]
    return "000" if is_restricted(prefix) else prefix


def _five_digits(value: object) -> object:
    """A postal code without its last four digits, wherever they stand; a distance as it is."""
    text = str(value)
    if re.fullmatch(r"[0-9]{5}-?[0-9]{4}", text):
        return text[:5]
    return None if re.fullmatch(r"[0-9]{4}", text) else value


def _capped_age(value: object) -> object:
    """An age up to 89, or a band of ages; anything else is no age."""
    try:
        return OLDEST_BAND if float(str(value)) > OLDEST_EXACT_AGE else value
    except ValueError:
        return value if AGE_BAND.fullmatch(str(value)) else None
