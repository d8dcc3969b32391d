"""Which of several files is newer by what their names say: dates in any order that has a year of
four digits, numbers as numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        start=1,
    )
}
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
        return NameOrder(keys, "names have a date without a year of four digits")
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
    """Whether days come before months in names such as `13-02-2026`; None when no name tells."""
    dates = (YEAR_LAST.search(name) for name in names if not PLAIN_DATE.search(name))
    pairs = [tuple(map(int, date.groups()[:2])) for date in dates if date]
    if any(first > 12 for first, _ in pairs):
        return True
    return False if any(second > 12 for _, second in pairs) else None


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
