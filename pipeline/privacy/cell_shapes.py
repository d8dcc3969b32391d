"""Which shape an exported cell may have. What does not fit is left out, whatever column it stands
in: an id under a label, a name under an amount, a date under a procedure.

A number column holds numbers. A text column whose name stands in a source's declaration with a
shape has that shape. A column that the build keeps for itself holds moments and digests. Any other
text is words and short numbers: no run of more than four digits, however it is divided, nothing
that reads like a date, no long code of letters and digits.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from numbers import Number

from pipeline.declared.sources import load_contracts
from pipeline.declared.vocabulary import shapes

NUMBERS = ("int", "real", "num", "float", "double", "dec", "bool")
LONGEST_TEXT, LONGEST_WORD, LONGEST_CODE, MOST_DIGITS = 400, 24, 6, 4
DATE = re.compile(r"\d{1,4}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{1,4}")
DIVIDED = re.compile(r"(?<=\d)[^\w]+(?=\d)|_")
FOREIGN = re.compile(r"[@=\\<>{}\x00-\x1f]|://")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)?)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TECHNICAL = re.compile(r"[0-9a-f]{6,64}|L\d{1,9}|\d{1,9}")
#: What is left of a postal code in an export, and its parts that have columns of their own.
POSTAL = re.compile(r"\d{3,5}")
Fits = Callable[[object], bool]


def shape_of_column(
    column: str, data_type: str, is_technical: bool = False, has_days: bool = False
) -> Fits:
    """What says of a cell whether it has the shape of its column.

    `is_technical`: the column is bookkeeping of the build; `has_days`: the profile lets dates of
    people out.
    """
    if data_type.lower().startswith(NUMBERS):
        return _is_number
    if is_technical:
        return lambda value: bool(MOMENT.fullmatch(str(value)) or TECHNICAL.fullmatch(str(value)))
    shape = _declared_shape(column)
    if shape is None and has_days:
        return lambda value: bool(DAY.fullmatch(str(value)))
    if shape is None:
        return lambda value: (
            not data_type
            and _is_number(value)
            or is_plain_text(str(value))
            or _is_build_moment(str(value))
        )
    return lambda value: _has_shape(str(value), shape)


def is_plain_text(text: str) -> bool:
    """Whether a text is words and short numbers, so that no id, date or long code is in it."""
    if len(text) > LONGEST_TEXT or FOREIGN.search(text) or DATE.search(text):
        return False
    if any(len(run) > MOST_DIGITS for run in re.findall(r"\d+", DIVIDED.sub("", text))):
        return False
    return all(_is_word(word) for word in re.findall(r"[^\W_]+", text))


def _is_word(word: str) -> bool:
    mixed = any(map(str.isdigit, word)) and not word.isdigit()
    return len(word) <= (LONGEST_CODE if mixed else LONGEST_WORD)


def _is_number(value: object) -> bool:
    return isinstance(value, Number)


def _is_build_moment(text: str) -> bool:
    """A moment to the second in UTC: when a load or a build was, never a day of a person's life."""
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", text))


@lru_cache
def _declared_shapes() -> dict[str, str]:
    """Column -> shape, by the rules of the sources that ask for one."""
    return {
        rule.arguments["column"]: rule.arguments["shape"]
        for contract in load_contracts().values()
        for rule in contract.rules
        if rule.kind == "matches"
    }


def _declared_shape(column: str) -> str | None:
    """The shape of a column of a source, or of one that is named after it (`zip5`,
    `cpt_set_to_date`).
    """
    return next(
        (
            shape
            for name, shape in _declared_shapes().items()
            if re.fullmatch(rf"(?:.*_)?{re.escape(name)}(?:\d*|_.*)", column)
        ),
        None,
    )


def _has_shape(text: str, shape: str) -> bool:
    if text.startswith("["):
        text = re.sub(r'[\[\]"\s]', "", text)
    pattern = re.compile(shapes()[shape])
    return all(
        pattern.fullmatch(part)
        and (shape != "npi" or is_luhn_valid(part))
        or (shape == "zip" and POSTAL.fullmatch(part))
        for part in re.split(r"[|,]", text)
    )


def is_luhn_valid(npi: str) -> bool:
    """Whether the last digit of an NPI is the check digit of the others (Luhn, over 80840 and the
    NPI).
    """
    digits = [int(digit) for digit in reversed(npi)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (24 + doubled + sum(digits[0::2])) % 10 == 0
