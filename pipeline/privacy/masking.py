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
from pipeline.privacy.column_meaning import UNDECLARED, meaning

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


@lru_cache
def sensitive_columns(table: str) -> dict[str, str]:
    """Column -> classification for the columns of `table` that a screen masks.

    A table of gold or features is judged by its YAML, a table of one source by its contract; any
    other by the names that are sensitive in some contract (a plain ZIP is a provider's there, so it
    stays).
    """
    told = meaning(table)
    if told is not None and told.classes:
        return {name: label for name, label in told.classes.items() if label in SENSITIVE}
    contracts = load_contracts()
    entity = next((each for each in source_names() if table.endswith(f"_{each}")), None)
    chosen = {
        name: column.classification
        for contract in ([contracts[entity]] if entity else contracts.values())
        for column in contract.columns
        for name in (column.name, column.delivered)
        if name and (entity or not name.startswith("zip"))
    }
    found = {name: label for name, label in chosen.items() if label in SENSITIVE}
    return found | dict.fromkeys(HIDDEN_COLUMNS, "phi")


def column_class(table: str, column: str) -> str:
    """The privacy class of a column as screens and exports apply it; `undeclared` where gold,
    features or silver say nothing of it, so that it is hidden.
    """
    told = meaning(table)
    if told is not None and told.undeclared([column]):
        return UNDECLARED
    declared = told.classes.get(column) if told else None
    return sensitive_columns(table).get(column) or declared or "public"


def mask_for_screen(frame: pd.DataFrame, table: str, as_of: str | None = None) -> pd.DataFrame:
    """A copy of `frame` (rows of `table`) with every sensitive or undeclared column masked; `as_of`
    (ISO date) dates the age band.
    """
    sensitive = sensitive_columns(table)
    told = meaning(table)
    masked = frame.copy()
    for column in frame.columns:
        if column in sensitive:
            masked[column] = masked_values(frame[column], column, as_of)
    for column in told.undeclared(frame.columns) if told else ():
        masked[column] = masked_values(frame[column].astype(object), "")
    return without_small_cells(masked, table)


def without_small_cells(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Rows of a provider (a column `npi` and the count of its cells) keep their outcomes only from
    eleven encounters on.
    """
    told = meaning(table)
    if told is None:
        return frame
    counts = told.that_tell("count")
    if not set(counts) & set(frame.columns) or "npi" not in frame.columns:
        return frame
    small = pd.to_numeric(frame[counts[0]], errors="coerce") < SMALLEST_CELL
    for column in told.that_tell("outcome"):
        if column in frame.columns:
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
