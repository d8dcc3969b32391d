"""What a delivered cell holds, before anything is known of its column (macro `stripped`; a test
compares both).
"""

#: What stands for no value.
EMPTY = frozenset(("", "NULL", "NA", "N/A", "-", "--", "NONE", "NAN"))
#: Characters that are read as a blank.
BLANKS = str.maketrans(dict.fromkeys("\xa0\t\n\r\x1f", " "))
_SMALL = {ord("A") + place: ord("a") + place for place in range(26)}
_CAPITAL = {small: large for large, small in _SMALL.items()}


def stripped(text: str) -> str | None:
    """The text without blanks around it; None where it stands for no value."""
    plain = text.translate(BLANKS).strip(" ")
    return None if upper_ascii(plain) in EMPTY else plain


def upper_ascii(text: str) -> str:
    """a to z made capital, and no other letter, as in SQL."""
    return text.translate(_CAPITAL)


def lower_ascii(text: str) -> str:
    """A to Z made small, and no other letter, as in SQL."""
    return text.translate(_SMALL)
