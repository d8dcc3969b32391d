"""k-anonymity: rows that look the same form a class, and the smallest class counts k people.

Under Safe Harbor every column of a person's row counts, but the yes or no of an outcome and the
random code of the row: an amount or a date of a build singles a row out as well as an age. Columns
enter one by one in a declared order. One that would leave more than `MOST_EMPTIED` of all rows in
classes under `SMALLEST_CLASS` enters in a coarser form, or not at all; rows that then still stand
in such a class lose their cells.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.privacy.encoded_rows import EncodedColumn, EncodedRows

SMALLEST_CLASS = 11
MOST_EMPTIED = 0.1
#: What a column tells (or its privacy class) -> its place in the order in which columns enter.
ORDER = (
    "key",
    "quasi-identifier",
    "label",
    "count",
    "measure",
    "detail",
    "code",
    "outcome",
    "technical",
)
YEARS_A_BAND = 10


@dataclass(frozen=True)
class Anonymity:
    """What was found of one export: people in the smallest class, whether that was asked for, and
    rows that lost their cells.
    """

    k: int
    emptied: int
    coarser: dict[str, str]


def people(rows: EncodedRows, person: str | None) -> int:
    """How many people the rows are about."""
    return len(np.unique(_persons(rows, person)))


def smallest_class(rows: EncodedRows, columns: Sequence[str], person: str | None) -> int:
    """People in the smallest class of equal `columns`; all of them when there is no column, 0
    without rows. `person` names the column that tells people apart; without it each row is one.
    """
    if not len(rows):
        return 0
    group = np.zeros(len(rows), dtype=np.int64)
    for name in columns:
        group = _refined(group, rows.columns[name].codes)
    return int(_people(group, _persons(rows, person)).min())


def generalise(
    rows: EncodedRows,
    columns: Sequence[str],
    ages: Sequence[str],
    years: Sequence[str],
    person: str | None,
) -> Anonymity:
    """Make `columns` (in the order in which they may enter) coarser until each class has
    `SMALLEST_CLASS` people; changes `rows`.

    `ages` are columns of ages in years, `years` of years of birth.
    """
    if not len(rows):
        return Anonymity(0, 0, {})
    persons = _persons(rows, person)
    group = np.zeros(len(rows), dtype=np.int64)
    coarser: dict[str, str] = {}
    entered = []
    for name in columns:
        for word, column in _forms(rows.columns[name], name in ages, name in years):
            refined = _refined(group, column.codes)
            if _to_empty(refined, persons).mean() <= MOST_EMPTIED:
                group, rows.columns[name] = refined, column
                entered.append(name)
                if word:
                    coarser[name] = word
                break
        else:
            coarser[name] = "left out"
            del rows.columns[name]
    emptied = _to_empty(group, persons)
    for name in entered:
        rows.columns[name] = rows.columns[name].without(emptied)
    return Anonymity(smallest_class(rows, entered, person), int(emptied.sum()), coarser)


def _forms(column: EncodedColumn, is_age: bool, is_year: bool) -> list[tuple[str, EncodedColumn]]:
    """A column as it is, then coarser, each with the word for what was done."""
    forms = [("", column)]
    if is_age:
        forms.append(("bands of ten years", column.changed(_age_band)))
    elif is_year:
        forms.append(("decade", column.changed(_decade)))
    elif column.values and all(_is_number(value) for value in column.values):
        forms.append(("one significant digit", column.changed(lambda value: rounded(value, 1))))
    return forms


def rounded(value: Any, digits: int = 2) -> Any:
    """A number to so many significant digits; a whole number stays whole, anything else as it
    is.
    """
    if not _is_number(value) or not value or not np.isfinite(value):
        return value
    places = digits - 1 - int(np.floor(np.log10(abs(value))))
    return type(value)(round(value, places))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _age_band(age: Any) -> str:
    text = str(age)
    if not text.replace(".", "", 1).isdigit():
        return text
    start = int(float(text)) // YEARS_A_BAND * YEARS_A_BAND
    return f"{start}–{start + YEARS_A_BAND - 1}"


def _decade(year: Any) -> str:
    text = str(year)
    return f"{text[:3]}0s" if text.isdigit() else text


def _persons(rows: EncodedRows, person: str | None) -> np.ndarray:
    """A number a row for whom it is about; a row that names nobody is somebody of its own."""
    alone = np.arange(len(rows), dtype=np.int64)
    if person is None:
        return alone
    codes = rows.columns[person].codes
    return np.where(codes < 0, alone + len(rows.columns[person].values), codes)


def _refined(group: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Groups divided further by a column; a missing value is a value."""
    if not len(group):
        return group
    pairs = group * (int(codes.max()) + 2) + codes + 1
    return np.unique(pairs, return_inverse=True)[1].reshape(-1)


def _people(group: np.ndarray, persons: np.ndarray) -> np.ndarray:
    """People in each group."""
    pairs = np.unique(group * (int(persons.max()) + 1) + persons)
    return np.bincount(pairs // (int(persons.max()) + 1), minlength=int(group.max()) + 1)


def _to_empty(group: np.ndarray, persons: np.ndarray) -> np.ndarray:
    """Rows of small groups; where these are few people themselves, the smallest others as well."""
    sizes = _people(group, persons)[group]
    emptied = sizes < SMALLEST_CLASS
    while 0 < len(np.unique(persons[emptied])) < SMALLEST_CLASS and not emptied.all():
        emptied |= sizes == sizes[~emptied].min()
    return emptied


def entry_order(tells: Callable[[str], str], rows: EncodedRows) -> list[str]:
    """The columns of `rows` in the order in which they enter: by what they tell, then those with
    few values first.
    """
    return sorted(
        rows.columns,
        key=lambda name: (ORDER.index(tells(name)), len(rows.columns[name].values), name),
    )
