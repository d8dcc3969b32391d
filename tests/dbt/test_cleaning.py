"""What cleaning makes of a cell, compared with parsers of its own in Python: thousands of generated
cells, written well, nearly well and badly.
"""

import re
import sqlite3
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.macros import macro

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
A_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
AN_AMOUNT = re.compile(
    r"(?P<minus>-)?\$ ?(?P<after>-)?(?P<body>[\d.,]+)|(?P<sign>-)?(?P<bare>[\d.,]+)"
)
A_BODY = re.compile(r"(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d*)?|\.\d+")


@pytest.fixture(scope="module")
def cleaned():
    """A function that cleans one cell as the models do."""
    connection = sqlite3.connect(":memory:")
    statements = {
        kind: f"select {macro('cleaned')(kind, 'cell', 'stated')} from (select ? as cell, ? as stated)"
        for kind in ("money", "date", "identifier", "code")
    }

    def clean(kind: str, cell: str, order: str | None = None) -> str:
        return connection.execute(statements[kind], (cell, order)).fetchone()[0]

    yield clean
    connection.close()


def amount(cell: str) -> Decimal | None:
    """Dollars of a cell in the agreed forms, None for any other."""
    if A_NUMBER.fullmatch(cell):
        return Decimal(cell) if len(cell) <= 40 else None
    is_bracketed = len(cell) >= 2 and cell[0] == "(" and cell[-1] == ")"
    match = AN_AMOUNT.fullmatch(cell[1:-1].strip(" ") if is_bracketed else cell)
    if not match:
        return None
    body = match["body"] or match["bare"]
    signs = is_bracketed + sum(match[name] is not None for name in ("minus", "after", "sign"))
    if signs > 1 or not A_BODY.fullmatch(body):
        return None
    digits = body.partition(".")[0].replace(",", "")
    if len(digits) > 15:
        return None
    value = Decimal(body.replace(",", ""))
    return -value if signs else value


def day(cell: str, order: str | None) -> date | None:
    """The day of a cell that can be read in one way only, None for any other."""
    cell = re.sub(
        r"(?i)(?:[ T]0{1,2}:00(?::00(?:\.0{1,9})?)?(?:Z|\+00(?::?00)?| UTC)?"
        r"| 12:00(?::00(?:\.0{1,9})?)? ?AM|:00:00:00)$",
        "",
        cell,
    )
    readings = set()
    if match := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", cell):
        readings.add(match.groups())
    if match := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", cell):
        readings.add((match[1], match[3], match[4]))
    if match := re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", cell):
        if order in (None, "MDY") and (order or int(match[1]) <= 12):
            readings.add((match[4], match[1], match[3]))
        if order in (None, "DMY") and (order or int(match[3]) <= 12):
            readings.add((match[4], match[3], match[1]))
    names = "|".join([*MONTHS, "sept", *(name[:3] for name in MONTHS)])
    gap, ordinal = r"(?:[ ,.\-/]|, |\. )?", r"(?:(?<=1)st|(?<=2)nd|(?<=3)rd|(?<=\d)th)?"
    for pattern in (
        rf"(?P<d>\d{{1,2}}){ordinal}(?: of )?{gap}(?P<m>{names}){gap}(?P<y>\d{{4}})",
        rf"(?P<m>{names}){gap}(?P<d>\d{{1,2}}){ordinal}(?:[ ,.\-/]|, |\. )(?P<y>\d{{4}})",
        rf"(?P<y>\d{{4}}){gap}(?P<m>{names}){gap}(?P<d>\d{{1,2}}){ordinal}",
    ):
        if match := re.fullmatch(pattern, cell.lower()):
            month = next(
                number for number, name in enumerate(MONTHS, 1) if name[:3] == match["m"][:3]
            )
            readings.add((match["y"], month, match["d"]))
    days = set()
    for reading in readings:
        try:
            days.add(date(*map(int, reading)))
        except ValueError:
            continue
    return days.pop() if len(days) == 1 else None


amounts = st.one_of(
    st.text("0123456789.,$()- ", max_size=14),
    st.from_regex(r"\A[(]?-?[$]? ?-?[0-9]{1,4}(,[0-9]{2,4}){0,4}([.,][0-9]{0,3})?[)]?\Z"),
    st.decimals(-(10**9), 10**9, places=2).map("{:,}".format),
)


@settings(max_examples=3000, deadline=None)
@given(cell=amounts)
def test_an_amount_is_what_an_independent_parser_reads_or_stays_as_it_came(cleaned, cell):
    expected, clean = amount(cell), cleaned("money", cell)
    if expected is None:
        assert clean == cell
        assert not A_NUMBER.fullmatch(clean) or len(clean) > 40
    else:
        assert A_NUMBER.fullmatch(clean) and Decimal(clean) == expected


@pytest.mark.parametrize(
    "cell", ["120 50", "1,2345,678", "7.206,00", "1.234.567", "0,123", "12-", "USD 5", "€5", "1e5"]
)
def test_an_amount_that_is_grouped_otherwise_is_no_number(cleaned, cell):
    assert cleaned("money", cell) == cell and amount(cell) is None


numbers = st.integers(0, 40).flatmap(lambda n: st.sampled_from([str(n), f"{n:02d}"]))
years = st.one_of(st.integers(1880, 2030).map(str), st.integers(0, 99).map("{:02d}".format))
spellings = st.sampled_from(
    [*MONTHS, "sept", "Sept", *(name[:3] for name in MONTHS)]
    + [name[:3].upper() for name in MONTHS]
    + [name.title() for name in MONTHS]
    + ["marchh", "janaury", "mai"]
)
signs = st.sampled_from(["-", "/", ".", " ", ", ", ",", "", ". ", "--", "  "])
ordinals = st.sampled_from(["", "", "", "st", "nd", "rd", "th"])
times = st.sampled_from(
    ["", "", " 00:00", "T00:00:00Z", " 0:00", " 12:00:00 AM", " 12:00:00", " 14:30:00", ":00:00:00"]
)
dates = st.one_of(
    st.tuples(numbers, signs, numbers, signs, years),
    st.tuples(years, signs, numbers, signs, numbers),
    st.tuples(numbers, st.just("/"), numbers, st.just("/"), years, times),
    st.tuples(numbers, ordinals, signs, spellings, signs, years, times),
    st.tuples(spellings, signs, numbers, ordinals, signs, years),
    st.tuples(years, signs, spellings, signs, numbers),
    st.text("0123456789-/. marchMAYT:", max_size=12),
).map("".join)


@settings(max_examples=3000, deadline=None)
@given(cell=dates, order=st.sampled_from([None, None, "MDY", "DMY"]))
def test_a_date_is_what_an_independent_parser_reads_or_stays_as_it_came(cleaned, cell, order):
    while "  " in cell:
        cell = cell.replace("  ", " ")
    expected = day(cell, order)
    assert cleaned("date", cell, order) == (cell if expected is None else expected.isoformat())


def test_every_day_is_read_in_every_form_that_is_clear(cleaned):
    for year, month, number in product((1950, 2024), range(1, 13), range(1, 32)):
        try:
            expected = date(year, month, number)
        except ValueError:
            for cell in (f"{month}/{number}/{year}", f"{number} {MONTHS[month - 1]} {year}"):
                assert cleaned("date", cell) == cell
            continue
        name = MONTHS[month - 1]
        forms = [
            f"{year}-{month}-{number}",
            f"{year}/{month:02d}/{number:02d}",
            f"{number}-{name[:3].upper()}-{year}",
            f"{name.title()} {number}, {year}",
            f"{number:02d}{name[:3].upper()}{year}",
            f"{number} of {name} {year}",
        ]
        for cell in forms:
            assert cleaned("date", cell) == expected.isoformat()
        month_first, day_first = f"{month}/{number}/{year}", f"{number}.{month}.{year}"
        assert cleaned("date", month_first, "MDY") == expected.isoformat()
        assert cleaned("date", day_first, "DMY") == expected.isoformat()
        is_clear = number > 12 or number == month
        for cell in (month_first, day_first):
            assert cleaned("date", cell) == (expected.isoformat() if is_clear else cell)


@pytest.mark.parametrize("cell", ["13/13/2020", "31/02/1950", "24-MAR-50", "03/24/50", "18346"])
def test_a_date_that_is_none_or_has_two_digits_for_the_year_stays(cleaned, cell):
    for order in (None, "MDY", "DMY"):
        assert cleaned("date", cell, order) == cell


def as_spreadsheet(number: int) -> list[str]:
    """The forms in which a program writes a whole number of which it keeps every digit."""
    digits = str(number)
    power = len(digits) - 1
    forms = [f"{digits}.0", f"{digits}.00", f"{digits}."]
    if power:
        mantissa = f"{digits[0]}.{digits[1:]}"
        forms += [f"{mantissa}E+{power:02d}", f"{mantissa}E{power}", f"{mantissa}0e+{power}"]
    return forms


@settings(max_examples=500, deadline=None)
@given(number=st.integers(1, 10**15 - 1))
def test_an_identifier_that_a_spreadsheet_kept_whole_is_restored(cleaned, number):
    for kind, cell in product(("identifier", "code"), as_spreadsheet(number)):
        assert cleaned(kind, cell) == str(number)


@settings(max_examples=1000, deadline=None)
@given(cell=st.one_of(st.text("0123456789.eE+-", max_size=14), st.floats(0, 1e20).map(repr)))
def test_an_identifier_that_lost_digits_stays_as_it_came(cleaned, cell):
    clean = cleaned("identifier", cell)
    if clean != cell:
        assert clean.isdigit() and Decimal(clean) == Decimal(cell.rstrip("."))
        shown = re.sub(r"[.]|[eE].*", "", cell)
        assert len(shown.rstrip("0")) <= len(clean) <= len(shown)
