"""What a person writes into the audit trail: a reason, a name, a corrected value; without blanks
around it, and not without end.
"""

import unicodedata

from pipeline.errors import InputRefused
from pipeline.privacy.id_shapes import identifier_in
from pipeline.quality import npi
from pipeline.services.run.runs import person
from pipeline.store.control import actor

#: Characters that the trail keeps of each.
LONGEST_REASON, LONGEST_NAME, LONGEST_VALUE = 2_000, 200, 2_000
LONGEST_QUESTION = 10_000
LINES = "\n\r\t"


def reason(text: str | None) -> str:
    """Why somebody decided so; raises InputRefused without one, and for one that may hold an
    identifier of a patient.
    """
    checked = words(text)
    if not checked:
        raise InputRefused("a decision needs a reason", "reason", "say in a few words why")
    return checked


def words(text: str | None) -> str:
    """What somebody adds in their own words, '' for nothing; raises InputRefused as `reason`."""
    return _without_identifier(_checked(text, "reason", LONGEST_REASON), "reason")


def comment(text: str) -> str:
    """What somebody says about something, '' for nothing; raises InputRefused as `reason`."""
    return _without_identifier(_checked(text, "comment", LONGEST_REASON), "comment")


def colleague(name: str) -> str:
    """Who is to take care of something, '' for nobody; raises InputRefused as `reason`, but not for
    the name under which the one who acts is known.
    """
    checked = _checked(name, "assigned to", LONGEST_NAME)
    return checked if checked == author(None) else _without_identifier(checked, "assigned to")


def question(text: str) -> str:
    """A statement in SQL that is kept; raises InputRefused as `reason`."""
    checked = _checked(text, "question", LONGEST_QUESTION)
    if not checked:
        raise InputRefused("asks nothing", "question", "write a SELECT")
    return _without_identifier(checked, "question")


def _without_identifier(checked: str, what: str) -> str:
    if kind := identifier_in(checked, npi.is_valid):
        raise InputRefused(
            f"may hold {kind}, and what is written here can never be taken out again",
            what,
            "say it without numbers of persons and without full dates",
        )
    return checked


def author(name: str | None) -> str:
    """Who decided: the name of the login, or where that has none the name that is given, or else
    the person at the keyboard.
    """
    return actor.current().name or _checked(name, "name", LONGEST_NAME) or person()


def value(text: str | None) -> str | None:
    """A corrected value, None for an empty one."""
    return _checked(text, "value", LONGEST_VALUE) or None


def _checked(text: str | None, what: str, longest: int) -> str:
    stripped = (text or "").strip()
    if len(stripped) > longest:
        raise InputRefused(
            f"has {len(stripped):,} characters", what, f"the trail keeps {longest:,} at most"
        )
    if any(
        unicodedata.category(letter) in ("Cc", "Cs") and letter not in LINES for letter in stripped
    ):
        raise InputRefused("holds a character that cannot be shown", what, "write it as plain text")
    return stripped
