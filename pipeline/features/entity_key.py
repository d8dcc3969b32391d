"""Keys of entities as the loader stores them: a key that a person gives passes the same cleaning
as the cell of a delivered file (macros `stripped` and `cleaned`; a test compares both).
"""

import re
from decimal import Decimal
from functools import cache

import pandas as pd

from pipeline.declared.sources import load_contracts
from pipeline.store.sqlite.delivered_text import stripped, upper_ascii

WHOLE_DECIMAL = re.compile(r"([0-9]+)\.0*")
#: One digit, a fraction, and a power of ten of one or two digits: `1.234567893E+09`.
SCIENTIFIC = re.compile(r"([1-9])\.([0-9]+)[eE]\+?([0-9]{1,2})")
LARGEST_POWER = 14


def stored_key(column: str, value: object) -> str | None:
    """The value of a key column as it is stored, None where it is no value.

    Decimal numbers that a data frame or a spreadsheet made of a number become digits again, blanks
    go, codes are in capitals, as the source that delivers `column` declares; a column of no source
    only loses its blanks.
    """
    text = stripped(_written(value))
    kind = _cleanings().get(column, "text")
    if text is None or kind not in ("identifier", "code"):
        return text
    digits = _restored_digits(text)
    return upper_ascii(digits) if kind == "code" else digits


@cache
def _cleanings() -> dict[str, str]:
    """Mapped column -> how the sources that deliver it clean it."""
    return {
        column.name: column.cleaning
        for contract in load_contracts().values()
        for column in contract.columns
        if column.delivered and column.cleaning
    }


def _written(value: object) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float | Decimal) and value % 1 == 0:
        return str(int(value))
    return str(value)


def _restored_digits(text: str) -> str:
    whole = WHOLE_DECIMAL.fullmatch(text)
    if whole:
        return whole[1]
    parts = SCIENTIFIC.fullmatch(text)
    if parts:
        digit, mantissa, power = parts[1], parts[2], int(parts[3])
        has_all = len(mantissa) >= power and not mantissa[power:].strip("0")
        if 1 <= power <= LARGEST_POWER and has_all:
            return digit + mantissa[:power]
    return text
