"""Whether a text that a person writes holds what may be an identifier or a date of a patient.

Decided by shape: a reason is kept for as long as the trail is, and nobody can take a name out of it
again. The numbers of this program (`L00001-2`, `D000001`, `R000001`) are no
identifiers of patients.
"""

import re
import unicodedata
from collections.abc import Callable

from pipeline.privacy.misplaced_values import DIGITS

#: A run of digits with at most one sign between two of them: a number, a date, a telephone.
_NUMBER = re.compile(r"\d(?:[ ./\\-]?\d)+")
_OWN = re.compile(r"\b[LDR]\d{5,}(?:[-:]\d+)*\b")
_DATE = re.compile(
    r"\b(?:\d{4}[ ./-]\d{1,2}[ ./-]\d{1,2}|\d{1,2}[ ./-]\d{1,2}[ ./-](?:\d{4}|\d{2}))\b"
)
#: Letters and digits mixed without end, as generated keys are, or more capitals than a word has.
_KEY = re.compile(
    r"\b(?:(?=\w*\d)(?=\w*[A-Za-z])[0-9A-Za-z]{12,}|[0-9A-Z]{16,}|[0-9A-Za-z]{30,})\b"
)
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_MAIL = re.compile(r"\S@\S+\.\w")


def identifier_in(text: str, is_public: Callable[[str], bool]) -> str | None:
    """What kind of identifier a text may hold, in words; None for none. `is_public` says of a
    number whether it is one that may be told.
    """
    plain = _OWN.sub(" ", unicodedata.normalize("NFKC", text))
    if _MAIL.search(plain):
        return "an e-mail address"
    if _UUID.search(plain) or _KEY.search(plain):
        return "a key"
    if _DATE.search(plain):
        return "a date"
    for number in _NUMBER.findall(plain):
        digits = re.sub(r"\D", "", number)
        if len(digits) > DIGITS and not is_public(number):
            return "a number of a person"
    return None
