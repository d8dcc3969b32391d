"""What a person writes into the audit trail: a reason, a name, a corrected value; without blanks
around it, and not without end.
"""

import unicodedata

from pipeline.errors import InputRefused
from pipeline.services.run.runs import person

#: Characters that the trail keeps of each.
LONGEST_REASON, LONGEST_NAME, LONGEST_VALUE = 2_000, 200, 2_000
LINES = "\n\r\t"


def reason(text: str | None) -> str:
    """Why somebody decided so; raises InputRefused without one."""
    checked = _checked(text, "reason", LONGEST_REASON)
    if not checked:
        raise InputRefused("a decision needs a reason", "reason", "say in a few words why")
    return checked


def author(name: str | None) -> str:
    """Who decided; the person at the keyboard when nobody is named."""
    return _checked(name, "name", LONGEST_NAME) or person()


def value(text: str | None) -> str | None:
    """A corrected value, None for an empty one."""
    return _checked(text, "value", LONGEST_VALUE) or None


def _checked(text: str | None, what: str, longest: int) -> str:
    stripped = (text or "").strip()
    if len(stripped) > longest:
        raise InputRefused(
            f"has {len(stripped):,} characters", what, f"at most {longest:,} are kept"
        )
    if any(
        unicodedata.category(letter) in ("Cc", "Cs") and letter not in LINES for letter in stripped
    ):
        raise InputRefused("holds a character that cannot be shown", what, "write it as plain text")
    return stripped
