"""Numbers of a workbook as its number formats show them.

A number without a format keeps its 15 significant digits, as Excel does. What a format says that is
not known here (fractions, conditions) shows the number without it.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

GENERAL, AS_TEXT = "General", "@"
SIGNIFICANT_DIGITS = 15
#: Room for every digit of the largest number and its format.
WIDE = Context(prec=400)
#: One token of a format: a quoted or escaped literal, padding, a part in brackets, a placeholder,
#: a part of a date.
TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<exponent>E[+-]0+)|(?P<half>AM/PM|A/P)|(?P<digit>[0#?])"
    r"|(?P<second_part>\.0+)|(?P<date>[yY]+|[mM]+|[dD]+|[hH]+|[sS]+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
CURRENCY = re.compile(r"\$([^-]*)(-.*)?")
CONDITION = re.compile(r"[<>=]")
SECTION_END = re.compile(r'("[^"]*"|\\.|_.|\*.|\[[^\]]*\]|[^;"\\])*')


class _Unknown(Exception):
    """A format that is not known here."""


@dataclass(frozen=True)
class Shown:
    """A cell's text; `remark` says where it is not exactly what the workbook shows, or shows less
    than the cell holds.
    """

    text: str
    remark: str = ""


def general(value: int | float) -> str:
    """A number without a format: whole numbers with all digits, others with 15 significant ones."""
    if isinstance(value, int):
        return str(value)
    exact = Decimal(f"{value:.{SIGNIFICANT_DIGITS}g}")
    text = f"{exact:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


@lru_cache(maxsize=65536)
def shown_number(value: int | float, number_format: str) -> Shown:
    """A number as its format shows it."""
    if value != value or value in (float("inf"), float("-inf")):
        return Shown(str(value))
    if number_format in (GENERAL, AS_TEXT, ""):
        return Shown(general(value))
    exact = Decimal(general(value))
    sections = sections_of(number_format)
    try:
        at = _section_for(exact, sections)
        text, is_rounded = _number(exact if at == 0 else abs(exact), _tokens(sections[at]))
    except _Unknown:
        return Shown(general(value), "numbers in a format that is not known here, as they are")
    return Shown(
        text.strip(), "numbers shown with fewer digits than they have" if is_rounded else ""
    )


@lru_cache(maxsize=512)
def sections_of(number_format: str) -> tuple[str, ...]:
    found, at = [], 0
    while at <= len(number_format):
        section = SECTION_END.match(number_format, at)
        end = section.end() if section else len(number_format)
        found.append(number_format[at:end])
        at = end + 1
    return tuple(found)


def _section_for(value: Decimal, sections: tuple[str, ...]) -> int:
    if value == 0 and len(sections) > 2:
        return 2
    return 1 if value < 0 and len(sections) > 1 else 0


@lru_cache(maxsize=512)
def _tokens(section: str) -> tuple[tuple[str, str], ...]:
    """(kind, text) of each part of a section: literal, digit, point, comma, percent, exponent."""
    tokens = []
    for found in TOKEN.finditer(section):
        kind = found.lastgroup or ""
        text = found.group(kind)
        if kind in ("quoted", "escaped"):
            tokens.append(("literal", text))
        elif kind == "space":
            tokens.append(("literal", " "))
        elif kind == "fill":
            continue
        elif kind == "bracket":
            if CONDITION.match(text):
                raise _Unknown
            if currency := CURRENCY.fullmatch(text):
                tokens.append(("literal", currency.group(1)))
        elif kind == "second_part":
            tokens += [("point", "."), *[("digit", "0")] * (len(text) - 1)]
        elif kind in ("digit", "exponent", "general"):
            tokens.append((kind, text))
        elif kind == "other" and text in ".,%/@":
            if text in "/@":
                raise _Unknown
            tokens.append(({".": "point", ",": "comma", "%": "percent"}[text], text))
        elif kind == "other":
            tokens.append(("literal", text))
        else:
            raise _Unknown
    return tuple(tokens)


def _number(value: Decimal, tokens: tuple[tuple[str, str], ...]) -> tuple[str, bool]:
    """The text of a number in one section, and whether digits were lost."""
    kinds = [kind for kind, _ in tokens]
    sign = "-" if value < 0 else ""
    value = abs(value)
    if "general" in kinds:
        text = "".join(_general(value) if kind == "general" else text for kind, text in tokens)
        return sign + text, False
    digits = [at for at, kind in enumerate(kinds) if kind == "digit"]
    if not digits:
        return sign + "".join(text for _, text in tokens), value != 0
    scaled = WIDE.multiply(value, Decimal(100 ** kinds.count("percent")))
    last = digits[-1]
    after = last + 1
    while after < len(kinds) and kinds[after] == "comma":
        scaled = WIDE.divide(scaled, Decimal(1000))
        after += 1
    if "exponent" in kinds:
        text, is_rounded = _scientific(scaled, tokens)
        return sign + text, is_rounded
    point = kinds.index("point") if "point" in kinds else len(kinds)
    decimals = [text for kind, text in tokens[point:] if kind == "digit"]
    rounded = scaled.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, WIDE)
    whole, _, fraction = f"{rounded:f}".partition(".")
    wanted = sum(1 for text in decimals if text != "#")
    fraction = fraction[:wanted] + fraction[wanted:].rstrip("0")
    before = [at for at in digits if at < point]
    is_grouped = bool(before) and "comma" in kinds[before[0] : before[-1]]
    body = _whole(whole, tokens[:point], is_grouped)
    tail = _literals_and(tokens[point:], fraction)
    is_zero = not rounded
    return ("" if is_zero else sign) + body + tail, rounded != scaled


def _general(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _whole(digits: str, tokens: tuple[tuple[str, str], ...], is_grouped: bool) -> str:
    """Digits before the point over their placeholders, from the right; the first takes the rest."""
    digits = digits.lstrip("0")
    places = sum(1 for kind, _ in tokens if kind == "digit")
    out: list[str] = []
    taken = 0
    for kind, text in reversed(tokens):
        if kind in ("literal", "percent"):
            out.append(text)
            continue
        if kind != "digit":
            continue
        places -= 1
        rest = len(digits) - taken
        count = max(rest, 1) if places == 0 else 1
        for _ in range(count):
            digit = digits[-1 - taken] if taken < len(digits) else "" if text == "#" else "0"
            if text == "?" and taken >= len(digits):
                digit = " "
            if is_grouped and digit.strip() and taken and taken % 3 == 0:
                out.append(",")
            out.append(digit)
            taken += 1
    return "".join(reversed(out))


def _literals_and(tokens: tuple[tuple[str, str], ...], fraction: str) -> str:
    """The point with the fraction, and the literals behind it."""
    out, at = [], 0
    for kind, text in tokens:
        if kind == "point":
            out.append("." if fraction or not any(kind == "digit" for kind, _ in tokens) else "")
        elif kind == "digit":
            out.append(fraction[at : at + 1])
            at += 1
        elif kind in ("literal", "percent"):
            out.append(text)
    return "".join(out)


def _scientific(value: Decimal, tokens: tuple[tuple[str, str], ...]) -> tuple[str, bool]:
    kinds = [kind for kind, _ in tokens]
    exponent_at = kinds.index("exponent")
    point = kinds.index("point") if "point" in kinds else exponent_at
    decimals = sum(1 for kind, _ in tokens[point:exponent_at] if kind == "digit")
    mantissa, _, exponent = f"{value:.{decimals}E}".partition("E")
    width = len(tokens[exponent_at][1]) - 2
    power = int(exponent)
    mark = "-" if power < 0 else "+" if "+" in tokens[exponent_at][1] else ""
    text = f"{mantissa}E{mark}{abs(power):0{width}d}"
    return text, Decimal(text) != value
