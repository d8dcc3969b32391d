"""Mask a frame by the classification of its columns; the screen profile of 45 CFR 164.514(b)(2)
lives here.

On a screen (used inside the organisation, masked by default): a birth date becomes an age band, a
patient id keeps its last three digits, an encounter id its first six characters, a patient's ZIP
its first three digits, an age stops at 90.
"""

from datetime import date, datetime
from functools import lru_cache

import pandas as pd

from pipeline.declared.sources import load_contracts, source_names

HIDDEN = "hidden"
SENSITIVE = ("phi", "identifier")
#: Columns that carry copies of other values: bookkeeping of the build, delivered leftovers, lines
#: that are no row.
HIDDEN_COLUMNS = ("_extra", "_content", "_key", "_family", "raw_line", "row_hash")
AGE_BANDS = (
    (0, "0–17"),
    (18, "18–34"),
    (35, "35–49"),
    (50, "50–64"),
    (65, "65–74"),
    (75, "75–84"),
    (85, "85+"),
)
OLDEST_SHOWN_AGE = 90
#: A provider with fewer encounters than this shows no outcome: it says more about chance, and leads
#: back to patients.
SMALLEST_CELL = 11
COUNTS = ("n", "encounters", "enc_count_td", "pp_count_td")
OUTCOMES = ("ae_", "pp_ae_", "oe", "eb_", "pp_eb_", "wilson_", "midp_", "rs_rate", "expected_ae")


@lru_cache
def sensitive_columns(table: str) -> dict[str, str]:
    """Column -> classification for the columns of `table` that a screen masks.

    A table of one source is judged by its contract; any other by the names that are sensitive in
    some contract (a plain ZIP is a provider's there, so it stays).
    """
    contracts = load_contracts()
    entity = next((name for name in source_names() if table.endswith(f"_{name}")), None)
    if entity:
        classifications = {
            name: column.classification
            for column in contracts[entity].columns
            for name in (column.name, column.delivered)
            if name
        }
    else:
        classifications = {
            name: column.classification
            for contract in contracts.values()
            for column in contract.columns
            for name in (column.name, column.delivered)
            if name and not name.startswith("zip")
        }
    sensitive = {name: label for name, label in classifications.items() if label in SENSITIVE}
    return (
        sensitive
        | {"birth_year": "phi", "age": "phi", "age_as_of": "phi", "ln_age": "phi"}
        | dict.fromkeys(HIDDEN_COLUMNS, "phi")
    )


def mask_for_screen(frame: pd.DataFrame, table: str, as_of: str | None = None) -> pd.DataFrame:
    """A copy of `frame` (rows of `table`) with every sensitive column masked; `as_of` (ISO date)
    dates the age band.
    """
    sensitive = sensitive_columns(table)
    masked = frame.copy()
    for column in frame.columns:
        if column in sensitive:
            masked[column] = masked_values(frame[column], column, as_of)
    return without_small_cells(masked)


def without_small_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of a provider (a column `npi` and a count) keep their outcomes only from eleven
    encounters on.
    """
    count = next((column for column in COUNTS if column in frame.columns), None)
    if count is None or "npi" not in frame.columns:
        return frame
    small = pd.to_numeric(frame[count], errors="coerce") < SMALLEST_CELL
    for column in frame.columns:
        if column.startswith(OUTCOMES) and column != count:
            frame[column] = frame[column].mask(small)
    return frame


def masked_values(values: pd.Series, column: str, as_of: str | None = None) -> pd.Series:
    """One column, masked by its name; empty values stay empty, so that a gap is still seen as a
    gap.
    """
    if column in ("age", "age_as_of", "birth_year"):
        return _capped(values, column, as_of)
    return values.map(
        lambda value: value if _empty(value) else masked_value(str(value), column, as_of)
    )


def masked_value(value: str, column: str, as_of: str | None = None) -> str:
    """One sensitive value, masked by the name of its column."""
    if column == "birth_date":
        return age_band_of(value, as_of)
    if column == "patient_id":
        return f"…{value[-3:]}"
    if column == "referral_id":
        patient, _, rest = value.partition("|")
        return f"…{patient[-3:]}|{rest}"
    if column == "encounter_id":
        return f"{value[:6]}…"
    if column in ("zip", "zip5"):
        return f"{value[:3]}**"
    return HIDDEN


def age_band_of(birth_date: str, as_of: str | None) -> str:
    """`1951-02-03` on `2026-11-23` -> `75–84 years`; an unreadable date says so without repeating
    itself.
    """
    born, today = _day(birth_date), _day(as_of[:10]) if as_of else None
    if born is None:
        return "unreadable date"
    if today is None:
        return "date hidden"
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if years < 0:
        return "in the future"
    return f"{next(label for lower, label in reversed(AGE_BANDS) if years >= lower)} years"


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None


def _capped(values: pd.Series, column: str, as_of: str | None) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    if column in ("age", "age_as_of"):
        return numbers.clip(upper=OLDEST_SHOWN_AGE)
    if as_of is None:
        return numbers.map(lambda _: HIDDEN)
    return numbers.clip(lower=int(as_of[:4]) - OLDEST_SHOWN_AGE)


def _empty(value: object) -> bool:
    return value is None or value != value or value == ""
