"""Dates of a workbook as text.

A date comes as it is shown where that can be read in one way only (year first, or a month's name
with a year of four digits), else as ISO 8601: `03/04/1950` is clear in the workbook and would no
longer be.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from pipeline.ingest.number_formats import TOKEN, Shown, sections_of

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def shown_date(value: datetime | date | time | timedelta, number_format: str) -> Shown:
    """A date, time or span: as shown where that reads in one way only, else as ISO 8601."""
    if isinstance(value, time):
        return Shown(value.isoformat())
    if isinstance(value, timedelta):
        return Shown(str(value))
    text = _date(value, number_format)
    if text is not None:
        return Shown(text)
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    is_day = moment.time() == time()
    iso = moment.date().isoformat() if is_day else moment.isoformat(sep=" ")
    return Shown(
        iso, "dates whose format can be misread or hides a part of them, written as year-month-day"
    )


@lru_cache(maxsize=512)
def _date_parts(number_format: str) -> tuple[tuple[str, str], ...] | None:
    """(kind, text) of the parts of a date format, minutes told from months; None when it does not
    show a day in one way only.
    """
    parts: list[list[str]] = []
    for found in TOKEN.finditer(sections_of(number_format)[0]):
        kind = found.lastgroup or ""
        text = found.group(kind)
        if kind in ("quoted", "escaped", "other"):
            parts.append(["literal", text])
        elif kind == "space":
            parts.append(["literal", " "])
        elif kind == "date":
            parts.append(["date", text.lower()])
        elif kind == "half":
            parts.append(["half", text])
        elif kind == "second_part":
            parts.append(["fraction", text])
        elif kind == "bracket" and (text.startswith("$") or text.isalpha() and len(text) > 2):
            continue
        else:
            return None
    dates = [part for part in parts if part[0] == "date"]
    for at, part in enumerate(dates):
        if part[1] in ("m", "mm") and (
            (at and dates[at - 1][1][0] == "h")
            or (at + 1 < len(dates) and dates[at + 1][1][0] == "s")
        ):
            part[0], part[1] = "minute", part[1]
    days = [part[1] for part in parts if part[0] == "date" and part[1][0] in "ymd"]
    letters = "".join(each[0] for each in days if each not in ("ddd", "dddd"))
    is_clear = sorted(letters) == ["d", "m", "y"] and any(each.startswith("yyy") for each in days)
    is_named = any(each in ("mmm", "mmmm") for each in days)
    clear = tuple((kind, text) for kind, text in parts)
    return clear if is_clear and (letters == "ymd" or is_named) else None


def _date(value: datetime | date, number_format: str) -> str | None:
    """The text of a date that reads in one way only, else None."""
    parts = _date_parts(number_format)
    if parts is None:
        return None
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    has_time = any(kind == "minute" or text[0] == "h" for kind, text in parts if text)
    if not has_time and moment.time() != time():
        return None
    is_half_day = any(kind == "half" for kind, _ in parts)
    return "".join(_date_part(moment, kind, text, is_half_day) for kind, text in parts).strip()


def _date_part(moment: datetime, kind: str, text: str, is_half_day: bool) -> str:
    if kind == "literal":
        return text
    if kind == "half":
        return ("AM" if moment.hour < 12 else "PM")[: 1 if text.lower() == "a/p" else 2]
    if kind == "minute":
        return f"{moment.minute:0{len(text)}d}"
    if kind == "fraction":
        return f".{moment.microsecond:06d}"[: len(text)]
    hour = (moment.hour % 12 or 12) if is_half_day else moment.hour
    return {
        "yy": f"{moment.year % 100:02d}",
        "m": str(moment.month),
        "mm": f"{moment.month:02d}",
        "mmm": MONTHS[moment.month - 1][:3],
        "mmmm": MONTHS[moment.month - 1],
        "d": str(moment.day),
        "dd": f"{moment.day:02d}",
        "ddd": DAYS[moment.weekday()][:3],
        "dddd": DAYS[moment.weekday()],
        "h": str(hour),
        "hh": f"{hour:02d}",
        "s": str(moment.second),
        "ss": f"{moment.second:02d}",
    }.get(text, f"{moment.year:04d}")
