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
_NUMBER = re.compile(r"\d(?:[\s./\\:-]?\d)+")
#: A load, a line of it and its place in the line; a decision; a run.
_OWN = re.compile(r"\b[LDR]\d{5,6}(?:[-:](?:0|[1-9]\d{0,7})){0,2}\b(?![-:]?\d)")
_TIME = re.compile(r"(?<![\d:])[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?![\d:])")
_MONTH = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|m(?:ä|ae)rz?|apr(?:il)?|ma[yi]|jun[ei]?|jul[yi]?|"
    r"aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)
_DAY, _YEAR = r"\d{1,2}(?:st|nd|rd|th)?", r"'?(?:\d{4}|\d{2})"
_GAP = r"(?:\s*[.,/-]?\s*(?:of\s+)?)"
_DATE = re.compile(
    r"\b(?:\d{4}[\s./-]\d{1,2}[\s./-]\d{1,2}|\d{1,2}[\s./-]\d{1,2}[\s./-](?:\d{4}|\d{2})|"
    rf"{_DAY}{_GAP}{_MONTH}{_GAP}{_YEAR}|{_MONTH}{_GAP}{_DAY}(?!\d){_GAP}{_YEAR}|\d{{4}}{_GAP}{_MONTH}{_GAP}{_DAY})\b",
    re.IGNORECASE,
)
#: Letters and digits mixed without end, or in turns, as generated keys are, or more capitals than a
#: word has.
_KEY = re.compile(
    r"\b(?:(?=\w*\d)(?=\w*[A-Za-z])[0-9A-Za-z]{12,}|[0-9A-Z]{16,}|[0-9A-Za-z]{30,}|"
    r"(?=[0-9A-Za-z]{8})(?:[A-Za-z]+\d+[A-Za-z]+\d|\d+[A-Za-z]+\d+[A-Za-z])[0-9A-Za-z]*)\b"
)
#: A few letters in front of many digits, as in a number of a medical record, and the number of a
#: Medicare card.
_RECORD = re.compile(r"\b(?!(?:CPT|NPI)[ -]?\d)[A-Za-z]{1,4}-?\d{5,}(?:-?[A-Za-z0-9]{1,2})?\b")
_MEDICARE = re.compile(r"\b[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}\b", re.IGNORECASE)
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_MAIL = re.compile(r"\S@\S+\.\w")


def identifier_in(text: str, is_public: Callable[[str], bool]) -> str | None:
    """What kind of identifier a text may hold, in words; None for none. `is_public` says of a
    number whether it is one that may be told.
    """
    plain = _TIME.sub(" ; ", _OWN.sub(" ; ", _plain(text)))
    if _MAIL.search(plain):
        return "an e-mail address"
    if any(shape.search(plain) for shape in (_UUID, _KEY, _RECORD, _MEDICARE)):
        return "a key"
    if _DATE.search(plain):
        return "a date"
    for number in _NUMBER.findall(plain):
        digits = re.sub(r"\D", "", number)
        if len(digits) > DIGITS and not is_public(number):
            return "a number of a person"
    return None


def _plain(text: str) -> str:
    """A text as it is read: without letters that nobody sees, every dash one dash, every digit one
    of ten, and `_` no letter.
    """
    signs = []
    for sign in unicodedata.normalize("NFKC", text):
        kind = unicodedata.category(sign)
        if kind == "Pd" or sign == "\N{MINUS SIGN}":
            signs.append("-")
        elif kind == "Nd":
            signs.append(str(unicodedata.digit(sign)))
        elif kind != "Cf":
            signs.append(" " if sign == "_" else sign)
    return "".join(signs)
