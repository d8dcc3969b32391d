"""ZIP codes that a spreadsheet took for numbers, and so lost their leading zeros."""

import re

#: ZIP codes are issued from 005 on.
FIRST_AREA = 5
AS_NUMBER = re.compile(r"(\d{3,4})(-\d{4})?|(\d{7,8})")


def with_zeros(text: str) -> str | None:
    """The ZIP (five or nine digits, with the hyphen as it stands) that lost one or two leading
    zeros and was left as `text`; None for any other text.
    """
    match = AS_NUMBER.fullmatch(text)
    if not match or not text.isascii():
        return None
    return match[1].zfill(5) + (match[2] or "") if match[1] else match[3].zfill(9)


def is_issued(zip_code: str) -> bool:
    """Whether codes are issued in the area of a ZIP."""
    return int(zip_code[:3]) >= FIRST_AREA


def zeros_lost(text: str) -> int:
    """How many zeros `with_zeros` puts back."""
    restored = with_zeros(text)
    return len(restored) - len(text) if restored else 0
