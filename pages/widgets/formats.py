"""Numbers, money, shares, dates and spans as people read them; `-` stands for "no value"."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

NO_VALUE = "–"
LONGEST = 60
LENGTH_OF_DATE = len("2026-11-23")
#: The longest text of a person or a file that stands inside a sentence.
LONGEST_QUOTED = 1_000
#: Keeps two characters apart for whatever looks for links and icons in text, and is not seen.
JOINER = "\u2060"
ABBREVIATIONS = {
    "npi": "NPI",
    "cpt": "CPT",
    "id": "ID",
    "zip": "ZIP",
    "zip3": "ZIP3",
    "zip4": "ZIP4",
    "zip5": "ZIP5",
    "oe": "O/E",
    "ln": "log of",
}
#: Names that are no words.
NAMES = {
    "encounter_count": "Encounters",
    "mature_encounter_count": "Mature encounters",
    "any": "Files of any source",
}
DELIMITER_NAMES = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    "^": "caret",
    "~": "tilde",
    ":": "colon",
    " ": "blank",
    "\x1f": "unit separator",
    "\x01": "control A",
    "¦": "broken bar",
    "#": "hash",
}


def number(value: float | int | None, unit: str = "") -> str:
    """`12345 -> '12,345'`; whole numbers without decimals, others with up to two; `unit` is put
    behind.
    """
    if value is None or value != value:
        return NO_VALUE
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    return f"{text} {unit}".strip()


def total(values: Iterable[float | None]) -> float | None:
    """The sum of numbers; None when one of them is unknown."""
    added = 0.0
    for value in values:
        if value is None or value != value:
            return None
        added += value
    return added


def change(value: float | int | None, digits: int | None = None, unit: str = "") -> str:
    """A difference, always with its sign: `+1,010`, `−9`, `0`; `digits` after the point, else as
    many as `number` shows.
    """
    if value is None or value != value:
        return NO_VALUE
    text = number(abs(value)) if digits is None else f"{abs(value):,.{digits}f}"
    sign = "" if not text.strip("0.,") else "+" if value > 0 else "−"
    return f"{sign}{text} {unit}".strip()


def counted(value: int, singular: str, plural: str | None = None) -> str:
    """`1 row`, `2 rows`, `1,204 rows`."""
    return f"{value:,} {singular if value == 1 else plural or singular + 's'}"


def money(value: float | None) -> str:
    """US dollars: whole below a million, then `$1.2 M`."""
    if value is None or value != value:
        return NO_VALUE
    sign, size = "−" if value <= -0.5 else "", abs(value)
    return f"{sign}${size / 1e6:,.2f} M" if size >= 1e6 else f"{sign}${size:,.0f}"


def money_exact(value: float | None) -> str:
    """US dollars and, if there are any, cents."""
    if value is None or value != value:
        return NO_VALUE
    return (
        f"${value:,.0f}" if float(value).is_integer() or abs(value) >= 100_000 else f"${value:,.2f}"
    )


def share(value: float | None, digits: int = 1) -> str:
    """A share between 0 and 1 as per cent; what is not nothing is not shown as 0 %, nor what is
    not all as 100 %.
    """
    if value is None or value != value:
        return NO_VALUE
    rounded, step = round(value * 100, digits), 10**-digits
    if rounded == 0 < value:
        return f"< {step:.{digits}f} %"
    if value < 1 and rounded == 100:
        return f"> {100 - step:.{digits}f} %"
    return f"{rounded:,.{digits}f} %"


def zone() -> tzinfo:
    """The time zone where the browser is; UTC where it names none that is known."""
    name = st.context.timezone
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a browser may name whatever it likes
        return UTC


def moment(value: str | None, has_seconds: bool = False) -> str:
    """An ISO timestamp in UTC as `23 Nov 2026, 16:04 CET` where the browser is; a date as
    `23 Nov 2026`.
    """
    if not value:
        return NO_VALUE
    parsed = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if len(value) > LENGTH_OF_DATE:
        parsed = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(zone())
    day = f"{parsed.day} {parsed:%b %Y}"
    clock = "%H:%M:%S %Z" if has_seconds else "%H:%M %Z"
    return day if len(value) <= LENGTH_OF_DATE else f"{day}, {parsed:{clock}}"


def ago(value: str | None, now: datetime | None = None) -> str:
    """How long ago an ISO timestamp was: `just now`, `5 minutes ago`, `3 days ago`."""
    if not value:
        return NO_VALUE
    then = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    for limit, size, word in (
        (3600, 60, "minute"),
        (86400, 3600, "hour"),
        (float("inf"), 86400, "day"),
    ):
        if seconds < limit:
            count = int(seconds // size)
            return "just now" if count < 1 else f"{counted(count, word)} ago"
    return NO_VALUE


def span(seconds: float | None) -> str:
    """A duration: `<0.1 s`, `0.4 s`, `12 s`, `3 min 05 s`."""
    if seconds is None or seconds != seconds:
        return NO_VALUE
    if seconds < 0.05:
        return "<0.1 s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"


def plain_value(value: object) -> str:
    """A value of a table as a person would type it: `27130`, not `27130.0`; a long one is cut."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def verbatim(value: object) -> str:
    """Text from a file or a person as it stands, for a place that reads markdown: no link, icon,
    formula or format comes of it.
    """
    text = " ".join(
        "".join(letter if letter.isprintable() else " " for letter in str(value)).split()
    )
    text = text if len(text) <= LONGEST_QUOTED else f"{text[: LONGEST_QUOTED - 1]}…"
    text = re.sub(r"(^[-+#]|^\d+(?=[.)])|[\\`*\[\]<>~$&]|(?<![^\W_])_|_(?![^\W_]))", _escaped, text)
    return re.sub(
        r":(?=\S)|(?<=www)(?=\.)|(?<=\S)(?=@)",
        lambda match: match[0] + JOINER,
        text,
        flags=re.IGNORECASE,
    )


def code(value: object) -> str:
    """The same as a span of code, which shows blanks and signs for what they are."""
    text = "".join(letter if letter.isprintable() else "�" for letter in str(value))[
        :LONGEST_QUOTED
    ]
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    edge = " " if "`" in text else ""
    return f"{fence}{edge}{re.sub(r':(?=material/)', f':{JOINER}', text)}{edge}{fence}"


def _escaped(match: re.Match[str]) -> str:
    return f"{match[0]}{JOINER}" if match[0].isdigit() else f"\\{match[0]}"


def plain(name: str) -> str:
    """A column name without case, blanks and punctuation, to compare it by."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def kind(name: str) -> str:
    """A kind of quality: `conformance-value -> 'Conformance: value'`."""
    return words(name.replace("-", ": "))


def words(name: str) -> str:
    """A column or table name as words: `paid_amount_usd -> 'Paid amount (USD)'`."""
    if name in NAMES:
        return NAMES[name]
    units = {"_usd": " (USD)", "_miles": " (miles)"}
    for suffix, unit in units.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix).replace("_", " ").capitalize() + unit
    name = name.replace("observed_to_expected", "oe")
    for ending, word in {"_low": "_from", "_high": "_to"}.items():
        name = name.removesuffix(ending) + word if name.endswith(ending) else name
    parts = [ABBREVIATIONS.get(part, part) for part in name.strip("_").split("_")]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def delimiter_name(delimiter: str | None) -> str:
    """`;` -> `semicolon`."""
    return DELIMITER_NAMES.get(delimiter or "", delimiter or "none")


def refusal(name: str, message: str) -> str:
    """`p.csv, line 7: is cut off (deliver it again)` -> `is cut off, line 7. Deliver it again.`, to
    stand after the name.
    """
    where, problem, what = message.removeprefix(name).lstrip(", ").partition(": ")
    if not message.startswith(name) or not problem:
        where, what = "", message
    what, hint = _hinted(what)
    hint = hint.replace("on the upload page", "below")
    line = f", {where}" if where.startswith("line ") else ""
    return f"{what}{line}. {hint[:1].upper()}{hint[1:]}{'.' if hint else ''}".strip()


def _hinted(message: str) -> tuple[str, str]:
    """`is of fixed width (export it (CSV))` -> what is wrong, what to do: the brackets that close
    with the message.
    """
    depth = 0
    for at in range(len(message) - 1, 0, -1):
        depth += (message[at] == ")") - (message[at] == "(")
        if depth == 0:
            is_hint = message.endswith(")") and message[at - 1] == " "
            return (message[: at - 1], message[at + 1 : -1]) if is_hint else (message, "")
    return message, ""
