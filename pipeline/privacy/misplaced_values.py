"""What may be a patient's number or date that stands in a wrong column of a delivered file: only
its shape is shown.

Screens mask by column. Before a file is loaded its columns may be swapped, so a column of words or
short codes can hold identifiers.
"""

import re

from pipeline.declared.sources import SourceContract

#: Digits from which on a value of such a column is no code of it; a CPT code has five characters.
DIGITS = 5
CODE = re.compile(r"\d{4}[0-9A-Z]")


def word_columns(contract: SourceContract) -> frozenset[str]:
    """Mapped and delivered names of the columns that hold words or short codes about a patient
    (gender, procedure).
    """
    return frozenset(
        name
        for column in contract.columns
        for name in (column.name, column.delivered)
        if name
        and column.classification == "quasi-identifier"
        and not column.name.endswith(("_usd", "_id"))
    )


def shape_of(value: str) -> str:
    """`1950-01-02` -> `9999-99-99`."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", value))


def without_misplaced(value: str) -> str:
    """A value of a word column as it is, unless it could be a number or a date that belongs
    elsewhere.
    """
    return (
        shape_of(value)
        if sum(map(str.isdigit, value)) >= DIGITS and not CODE.fullmatch(value.strip())
        else value
    )
