"""Text that a spreadsheet would run as a formula, made harmless by an apostrophe in front.

A spreadsheet looks at what a cell looks like, not at its bytes: full-width signs count as plain
ones, and marks without width, blanks, controls and line breaks in front of a sign do not count. So
a text is folded (NFKC) and stripped before its first character is looked at.
"""

import unicodedata

import pandas as pd

SIGNS = ("=", "+", "-", "@")
#: Beyond a sign: what some programs take for one, or for the end of a cell, when it comes first.
CONTROLS = ("\t", "\r", "\n", "\0")
MINUS_SIGN = "\N{MINUS SIGN}"


def runs_as_formula(text: str) -> bool:
    """Whether a spreadsheet may take this text for a formula.

    Categories C (controls, marks without width) and Z (blanks) in front are passed over; a text
    that begins with a control counts as well.
    """
    if text.startswith(CONTROLS):
        return True
    folded = unicodedata.normalize("NFKC", text).replace(MINUS_SIGN, "-")
    first = next((sign for sign in folded if unicodedata.category(sign)[0] not in "CZ"), "")
    return first in SIGNS


def disarmed(value: object) -> object:
    """A text that may run as a formula gets an apostrophe in front; other values stay."""
    return f"'{value}" if isinstance(value, str) and runs_as_formula(value) else value


def safe_for_spreadsheets(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose texts, headings included, no spreadsheet runs; numbers stay numbers."""
    safe = frame.rename(columns=disarmed)
    for position, kind in enumerate(frame.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            values = frame.iloc[:, position]
            safe.isetitem(position, values.map(disarmed, na_action="ignore").astype(object))
    return safe
