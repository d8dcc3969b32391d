"""Mask cells for a screen by the class of their column.

An identifier becomes a code that is keyed by the table and by this process, so that codes of two
tables do not join and none can be guessed; a date of birth an age band; a ZIP code its first three
digits; an age stops at 90; of the name of a file only words of its source are left. Texts in which
anything may stand, and columns without a class, are hidden. Empty values stay empty, so a gap is
still seen as a gap.
"""

import hmac
import re
import secrets
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import pandas as pd

from pipeline.declared.classes import class_of
from pipeline.declared.sources import load_contracts
from pipeline.privacy import treatments
from pipeline.privacy.cell_fit import shape_of
from pipeline.privacy.column_meaning import UNDECLARED, meaning
from pipeline.privacy.treatments import is_usable, treatment

HIDDEN = "hidden"
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
AGE_BAND = re.compile(r"[0-9]{1,2}[-–][0-9]{1,2}|[0-8]?[0-9]\+|90\+|unknown")
POSTAL = re.compile(r"[0-9]{5}(-?[0-9]{4})?")
#: Words and numbers of a name.
WORDS = re.compile(r"[^\W\d_]+|\d+")
FILE_ENDINGS = frozenset(["csv", "tsv", "txt", "json", "parquet", "xlsx", "gz", "zip", "purged"])
#: What programs and people call a sheet, or a list of JSON, whatever is in it.
SHEET_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "sheet tabelle table feuil feuille hoja foglio blad planilha ark worksheet data export "
        "report query output list page people rows records results result items values value",
    )
)
#: What `code_of` makes.
MASK = re.compile(r"#[0-9a-f]{8}")
_KEY = secrets.token_bytes(32)


def sensitive_columns(table: str) -> dict[str, str]:
    """Column -> class for the columns of `table` whose values may not be used: not compared, added
    up, drawn or written into an address.
    """
    return {name: told for name, told in meaning(table).classes.items() if not is_usable(told)}


def is_hidden(table: str, column: str) -> bool:
    """Whether the values of a column may not be used; a column without a class is hidden."""
    return not is_usable(class_of(table, column))


def column_class(table: str, column: str) -> str:
    """The privacy class of a column as screens and exports apply it; `undeclared` without one."""
    return class_of(table, column) or UNDECLARED


def mask_for_screen(frame: pd.DataFrame, table: str, as_of: str | None = None) -> pd.DataFrame:
    """A copy of `frame` (rows of `table`) with every cell as a screen may show it; `as_of` (ISO
    date) dates the age band.
    """
    masked = frame.copy()
    for column in frame.columns:
        mask = mask_of(table, column, as_of)
        if mask is not None:
            masked[column] = frame[column].astype(object).map(mask)
    return without_small_cells(masked, table)


def without_small_cells(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Rows of a provider (a column `npi` and the count of its cells) keep their outcomes only from
    eleven encounters on.
    """
    told = meaning(table)
    if told.count not in frame.columns or "npi" not in frame.columns:
        return frame
    small = pd.to_numeric(frame[told.count], errors="coerce") < SMALLEST_CELL
    for column in told.of_classes("outcome"):
        if column in frame.columns:
            frame[column] = frame[column].mask(small)
    return frame


def mask_of(table: str, column: str, as_of: str | None = None) -> Callable[[Any], Any] | None:
    """What a screen makes of a cell; None where the cell stays as it is."""
    how = treatment(class_of(table, column), "screen")
    masks: dict[str, Callable[[str], object]] = {
        treatments.HIDDEN: lambda text: HIDDEN,
        treatments.CODE: lambda text: code_of(text, table),
        treatments.YEARS: lambda text: _years(text, as_of),
        treatments.COARSE: _coarse_place,
        treatments.CAPPED: _capped,
        treatments.FILE_WORDS: file_words,
    }
    if how not in masks:
        return None
    mask = masks[how]
    return lambda value: value if is_missing(value) else mask(str(value))


def masked_values(
    values: pd.Series, table: str, column: str, as_of: str | None = None
) -> pd.Series:
    """One column of a table, masked."""
    mask = mask_of(table, column, as_of)
    return values if mask is None else values.astype(object).map(mask)


def masked_value(value: str, table: str, column: str, as_of: str | None = None) -> str:
    """One cell of a table, masked."""
    mask = mask_of(table, column, as_of)
    return value if mask is None else str(mask(value))


def code_of(text: str, table: str) -> str:
    """A code for an identifier that is the same within one table while the process lives, and says
    nothing elsewhere.
    """
    digest = hmac.new(_KEY, f"{table}\0{text}".encode("utf-8", "surrogatepass"), "sha256")
    return f"#{digest.hexdigest()[:8]}"


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


def _years(text: str, as_of: str | None) -> object:
    """Of a year what is not of somebody of 90 or more, of a day the age band."""
    if re.fullmatch(r"[0-9]{4}", text) and as_of:
        return max(int(text), int(as_of[:4]) - OLDEST_SHOWN_AGE)
    return HIDDEN if re.fullmatch(r"[0-9]{4}", text) else age_band_of(text, as_of)


def _coarse_place(text: str) -> str:
    if POSTAL.fullmatch(text):
        return f"{text[:3]}**"
    return text if re.fullmatch(r"[0-9]{3}", text) else HIDDEN


def _capped(text: str) -> object:
    """An age up to 90, or a band of ages as it is; anything else is no age."""
    try:
        years = float(text)
    except ValueError:
        return text if AGE_BAND.fullmatch(text) else HIDDEN
    return min(int(years), OLDEST_SHOWN_AGE) if years == years else HIDDEN


@lru_cache(maxsize=512)
def file_words(name: str, said: frozenset[str] = frozenset()) -> str:
    """The name of a file with only the words that some source is known by, or that are `said`; of
    the rest the shape: `patients_smith_1950.csv` -> `patients_aaaaa_9999.csv`.
    """
    known = FILE_ENDINGS | words_of_sources() | said
    return WORDS.sub(
        lambda word: word[0] if word[0].lower() in known else shape_of(word[0]),
        name,
    )


def sheet_words(name: str) -> str:
    """The name of a sheet (or list of a JSON document) as it is, where it holds only words of
    sources and such as programs call sheets by: `Sheet1`. Else as that of a file.
    """
    known = SHEET_WORDS | words_of_sources()
    is_ours = all(
        word.lower() in known or re.fullmatch("[0-9]{1,2}", word) for word in WORDS.findall(name)
    )
    return name if is_ours else file_words(name)


def words_of_sources() -> frozenset[str]:
    """The words of what sources and their files are called."""
    return frozenset(
        word
        for source, contract in load_contracts().items()
        for text in (source, contract.file_name, *contract.aliases)
        for word in re.findall(r"[a-z]+", text.lower())
    )


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: null, not a number, or an empty text."""
    return value is None or value != value or value == ""
