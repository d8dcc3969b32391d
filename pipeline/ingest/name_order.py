"""Which of several files is newer by what their names say: dates in any order that has a year of
four digits, numbers as numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        start=1,
    )
} | {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12}
YEAR_FIRST = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[-_. ]?(1[0-2]|0?[1-9])(?!\d)(?:[-_. ](3[01]|[12]\d|0?[1-9])(?!\d))?"
)
PLAIN_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
YEAR_LAST = re.compile(
    r"(?<!\d)(?:(?=\d{8}(?!\d))|(?=\d{1,2}[-_. ]\d{1,2}[-_. ]))"
    r"([0-3]?\d)[-_. ]?([0-3]?\d)[-_. ]?((?:19|20)\d{2})(?!\d)"
)
#: A date whose year has two digits may be in any order.
SHORT_YEAR = re.compile(r"(?<![\dv.])\d{1,2}([-_. ])\d{1,2}\1\d{2}(?!\d)")
SIX_DIGITS = re.compile(r"(?<!\d)(\d\d)(\d\d)(\d\d)(?!\d)")
#: Places of year, month and day in six digits.
SHORT_ORDERS = ((0, 1, 2), (2, 1, 0), (2, 0, 1))
QUARTER = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_ ]?q([1-4])|q([1-4])[-_ ]?((?:19|20)\d{2})", re.I)
NAMED_MONTH = re.compile(
    rf"(?:(\d{{1,2}})[-_. ]?)?({'|'.join(MONTHS)})[a-z]*[-_. ]?((?:19|20)\d{{2}})(?!\d)", re.I
)
NAMED_AFTER = re.compile(
    rf"(?<!\d)((?:19|20)\d{{2}})[-_. ]?({'|'.join(MONTHS)})[a-z]*(?:[-_. ]?(\d{{1,2}}))?(?!\d)",
    re.I,
)
YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
NUMBER = re.compile(r"\d+")

WITHOUT_YEAR = "names have a date without a year of four digits"

Key = tuple[tuple[int, int, int], tuple[int, ...]]


@dataclass(frozen=True)
class NameOrder:
    """Name -> key to sort by; `doubt` says why names do not tell, '' when they do."""

    keys: dict[str, Key]
    doubt: str = ""


def name_order(names: Sequence[str]) -> NameOrder:
    """The order of files of one kind by their names."""
    is_day_first = _day_first(names)
    keys = {name: _key(name, bool(is_day_first)) for name in names}
    dated = [name for name in names if keys[name][0] != (0, 0, 0)]
    if is_day_first is None and any(
        YEAR_LAST.search(name) and not PLAIN_DATE.search(name) for name in names
    ):
        return NameOrder(keys, "names do not say which of day and month comes first")
    if any(SHORT_YEAR.search(name) for name in names if keys[name][0] == (0, 0, 0)):
        return NameOrder(keys, WITHOUT_YEAR)
    if not dated and _may_be_short_dates(names):
        return NameOrder(keys, WITHOUT_YEAR)
    if dated and len(dated) < len(names):
        return NameOrder(keys, "not every name has a date")
    if len(set(keys.values())) < len(names):
        return NameOrder(keys, "names do not say which is newer")
    return NameOrder(keys)


def is_older(name: str, other: str) -> bool:
    """Whether the date or number in a name is surely before that in another of the same words."""
    if _words(name) != _words(other):
        return False
    order = name_order([name, other])
    return not order.doubt and order.keys[name] < order.keys[other]


def _words(name: str) -> tuple[str, ...]:
    return tuple(
        word
        for word in re.split(r"[\W\d_]+", name.casefold())
        if word and word[:3] not in MONTHS and word != "q"
    )


def _day_first(names: Sequence[str]) -> bool | None:
    """Whether days come before months in names such as `13-02-2026`; None when no name tells, or
    some tell this and some that.
    """
    dates = (YEAR_LAST.search(name) for name in names if not PLAIN_DATE.search(name))
    pairs = [tuple(map(int, date.groups()[:2])) for date in dates if date]
    days_first = any(first > 12 for first, _ in pairs)
    days_second = any(second > 12 for _, second in pairs)
    return None if days_first == days_second else days_first


def _may_be_short_dates(names: Sequence[str]) -> bool:
    """Whether six digits in every name are dates, none after next year, in some order of day,
    month and year in which the names are in another order than as numbers.
    """
    last = datetime.now(UTC).year % 100 + 1
    found = [SIX_DIGITS.search(name) for name in names]
    pieces = [tuple(map(int, each.groups())) for each in found if each]
    if len(pieces) < len(names):
        return False
    for order in SHORT_ORDERS:
        dates = [tuple(digits[at] for at in order) for digits in pieces]
        are_dates = all(y <= last and 1 <= m <= 12 and 1 <= d <= 31 for y, m, d in dates)
        if are_dates and _ranks(dates) != _ranks(pieces):
            return True
    return False


def _ranks(values: Sequence[tuple[int, ...]]) -> list[int]:
    return sorted(range(len(values)), key=values.__getitem__)


def _key(name: str, is_day_first: bool) -> Key:
    stem = name.split(".", 1)[0] if name.count(".") == 1 else name
    for pattern, read in (
        (PLAIN_DATE, lambda y, m, d: (y, m, d)),
        (YEAR_LAST, lambda a, b, y: (y, b, a) if is_day_first else (y, a, b)),
        (QUARTER, lambda y, q, p, z: (y or z, 3 * (q or p) - 2, 0)),
        (NAMED_MONTH, lambda d, m, y: (y, m, d)),
        (NAMED_AFTER, lambda y, m, d: (y, m, d)),
        (YEAR_FIRST, lambda y, m, d: (y, m, d)),
        (YEAR, lambda y: (y, 0, 0)),
    ):
        if found := pattern.search(stem):
            moment = read(*map(_number, found.groups()))
            rest = stem[: found.start()] + " " + stem[found.end() :]
            return moment, tuple(map(int, NUMBER.findall(rest)))
    return (0, 0, 0), tuple(map(int, NUMBER.findall(stem)))


def _number(text: str | None) -> int:
    return 0 if text is None else MONTHS.get(text[:3].casefold()) or int(text)
