"""What may be a patient's number or date that stands in a wrong column of a delivered file: only
its shape is shown.

Screens mask by column. Before a file is loaded its columns may be swapped, so a column of words or
short codes can hold identifiers.
"""

import re

from pipeline.declared.sources import SourceContract
from pipeline.privacy.cell_fit import shape_of

#: Digits from which on a value of such a column is no code of it; a CPT code has five characters.
DIGITS = 5
#: What the program adds to the name of a table in the name of a file: profile, moment, ending.
OWN_PARTS = re.compile(
    r"safe_harbor|limited_data_set|internal|\d{8}T\d{6}Z|\.csv|\.parquet|_latest"
)
CODE = re.compile(r"\d{4}[0-9A-Z]")


def word_columns(contract: SourceContract) -> frozenset[str]:
    """Mapped and delivered names of the columns that hold words or short codes about a patient
    (gender, procedure).
    """
    return frozenset(
        name
        for column in contract.columns
        for name in (column.name, column.delivered)
        if name and column.classification in ("demographic", "code")
    )


def name_shape(name: str, table: str) -> str:
    """The name of a file of rows of `table`: as it is where the program made it up (table, profile,
    moment), its shape where a person did, who may have written a name or a date into it.
    """
    rest = OWN_PARTS.sub("", name.removeprefix(table))
    if not re.search(r"[^\W_]", rest):
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{shape_of(stem)}{dot}{ending}" if stem else shape_of(name)


def without_misplaced(value: str) -> str:
    """A value of a word column as it is, unless it could be a number or a date that belongs
    elsewhere.
    """
    return (
        shape_of(value)
        if sum(map(str.isdigit, value)) >= DIGITS and not CODE.fullmatch(value.strip())
        else value
    )
