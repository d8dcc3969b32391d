"""One meaning on every engine: the macros of cross_db, and the cleanings made of them, yield the
same for the same random cells and numbers on SQLite and DuckDB.
"""

import math
import random
import sqlite3

import pytest
import yaml

from pipeline.config.project import PROJECT_DIR
from tests.macros import macro

duckdb = pytest.importorskip("duckdb")
#: What cells are made of: what the macros look for, and what looks like it.
PIECES = [*"0123456789", *"0019", "-", ".", ",", "/", ":", " ", "  ", "$", "(", ")", "E+09", "e"]
PIECES += [
    "\u00a0",
    "\t",
    "\n",
    "\r",
    "\x1f",
    "\u2003",
    "\u0130",
    "\u0131",
    "é",
    "É",
    "ß",
    "ſ",
    "💉",
]
PIECES += [
    "NULL",
    "n/a",
    "NaN",
    "None",
    "M",
    "f",
    "[",
    "]",
    '"',
    "'",
    "\\",
    ";",
    "|",
    "%",
    "_",
    "\u0660",
]
PIECES += [
    "Jan",
    "MARCH",
    "sept",
    "24th",
    "1950",
    "2000-02-29",
    "1900-02-29",
    "0000-01-01",
    "T00:00",
    " 12:00 AM",
]
PIECES += [
    "27130",
    "1234567893",
    "29806.0",
    "1.234567893E+09",
    "1,234.50",
    "00501-1234",
    "A" * 25 + "A======",
]
SHAPES = ("patient_id", "npi", "cpt", "zip", "encounter_id", "number", "iso_date")
KINDS = ("text", "code", "identifier", "gender", "date", "money")


def opened(engine: str):
    """A database in memory, as dbt's profile has it."""
    if engine == "sqlite":
        return sqlite3.connect(":memory:")
    profile = yaml.safe_load((PROJECT_DIR / "icon_dbt" / "profiles.yml").read_text("utf-8"))
    target = profile["icon_health"]["outputs"]["duckdb"]
    connection = duckdb.connect(config=target["config_options"])
    for name, value in target["settings"].items():
        connection.execute(f"set {name} = {value}")
    return connection


def cells(seed: int, count: int) -> list[str | None]:
    chance = random.Random(seed)
    made = ["".join(chance.choices(PIECES, k=chance.randint(0, 5))) for _ in range(count)]
    return [None, "", *PIECES, *made]


def expressions(engine: str) -> dict[str, str]:
    """SQL over the column `cell` (and `stated`, the order of day and month), by name."""

    def of(name: str, *arguments: str) -> str:
        return macro(name, engine)(*arguments)

    made = {f"shape {shape}": of("has_shape", "cell", shape) for shape in SHAPES}
    made |= {f"cleaned {kind}": of("cleaned", kind, "cell", "stated") for kind in KINDS}
    made |= {name: of(name, "cell") for name in ("stripped", "is_digits", "is_printed")}
    made |= {name: of(name, "cell") for name in ("lower_ascii", "upper_ascii", "is_real_date")}
    made |= {name: of(name, "cell") for name in ("trimmed", "comma_list", "cents_of")}
    made |= {f"{name} -": of(name, "cell", "'-'") for name in ("contains", "position_of")}
    made |= {f"{name} null": of(name, "cell", "null") for name in ("differs", "same")}
    made["substr"], made["length"] = "substr(cell, -4) || substr(cell, 2, 3)", "length(cell)"
    return made


def answers(engine: str, values: list[str | None]) -> dict[str, list]:
    rows = [
        (number, cell, stated)
        for stated in (None, "MDY", "DMY")
        for number, cell in enumerate(values)
    ]
    connection = opened(engine)
    connection.execute("create table cells (number integer, cell text, stated text)")
    connection.executemany("insert into cells values (?, ?, ?)", rows)
    return {
        name: connection.execute(
            f"select number, stated, {sql} from cells order by stated, number"
        ).fetchall()
        for name, sql in expressions(engine).items()
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_text_means_the_same_on_both_engines(seed):
    values = cells(seed, 2500)
    ours, theirs = answers("sqlite", values), answers("duckdb", values)
    different = {
        name: [
            (values[one[0]], one[1:], other[1:])
            for one, other in zip(ours[name], theirs[name], strict=True)
            if one != other
        ][:3]
        for name in ours
    }
    assert {name: found for name, found in different.items() if found} == {}


def test_elements_of_a_list_are_the_same_on_both_engines():
    values = [cell for cell in cells(3, 1500) if cell is not None]

    def elements(engine: str) -> list[tuple]:
        connection = opened(engine)
        connection.execute("create table cells (number integer, cell text)")
        connection.executemany("insert into cells values (?, ?)", list(enumerate(values)))
        return connection.execute(
            "select number, element.key, element.value from cells cross join "
            f"{macro('elements_of', engine)('cell')} as element order by 1, 2"
        ).fetchall()

    assert elements("sqlite") == elements("duckdb")


def test_numbers_mean_the_same_on_both_engines():
    chance = random.Random(4)
    numbers = [0.0, -0.5, 0.5, 2.5, -2.5, 1e15, -1e15, 0.1 + 0.2]
    numbers += [chance.uniform(-1e6, 1e6) for _ in range(300)]
    rows = [
        (
            number,
            chance.choice([None, 0.0, *numbers]),
            chance.randint(-99, 99),
            chance.randint(-9, 9),
        )
        for number in [None, *numbers]
    ]

    def answered(engine: str) -> list[tuple]:
        connection = opened(engine)
        connection.execute("create table t (n integer, a double, b double, i bigint, j bigint)")
        connection.executemany(
            "insert into t values (?, ?, ?, ?, ?)", [(n, *row) for n, row in enumerate(rows)]
        )
        macros = [
            macro("truncated", engine)("a"),
            macro("larger_of", engine)("a", "b"),
            macro("smaller_of", engine)("a", "b"),
            macro("whole_quotient", engine)("i", "j"),
        ]
        parts = [
            *macros,
            *(f"{called} - 2 * ({called})" for called in macros),
            *(f"({called}) - 2 * {called}" for called in macros),
            "a / b",
            "i / j",
            "i % j",
            "round(a)",
        ]
        return connection.execute(f"select {', '.join(parts)} from t order by n").fetchall()

    for ours, theirs in zip(answered("sqlite"), answered("duckdb"), strict=True):
        # a macro stands for one value, whatever stands beside it
        assert ours[4:8] == ours[8:12] == tuple(None if one is None else -one for one in ours[:4])
        for one, other in zip(ours, theirs, strict=True):
            assert (one is None) == (other is None), (ours, theirs)
            assert one is None or math.isclose(one, other, rel_tol=1e-15), (ours, theirs)


FUNCTIONS = ("ln(a)", "sqrt(a)", "pow(a, b)", "pow(a, i)", "asin(a)", "exp(i)", "abs(a)", "a / 0.0")


def test_functions_outside_of_their_domain_are_null_on_both_engines():
    values = [None, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -8.0, 1e-300, 1e300, 1e-3]
    rows = [(a, b, i) for a in values for b in values for i in (-3, 0, 2, 3)]

    def answered(engine: str) -> list[tuple]:
        connection = opened(engine)
        for statement in macro("define_functions", engine)().split(";"):
            connection.execute(statement)
        connection.execute("create table t (a double, b double, i bigint)")
        connection.executemany("insert into t values (?, ?, ?)", rows)
        sql = f"select {', '.join(FUNCTIONS)} from t order by a, b, i"
        return connection.execute(
            macro("duckdb__as_meant")(sql) if engine == "duckdb" else sql
        ).fetchall()

    for row, ours, theirs in zip(
        sorted(rows, key=lambda row: tuple((each is not None, each or 0.0) for each in row)),
        answered("sqlite"),
        answered("duckdb"),
        strict=True,
    ):
        for name, one, other in zip(FUNCTIONS, ours, theirs, strict=True):
            assert (one is None) == (other is None), (name, row, one, other)
            assert one is None or math.isclose(one, other, rel_tol=1e-15), (name, row, one, other)
