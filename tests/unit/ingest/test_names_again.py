"""A line of names among the rows is never a row, however it is spelled, and rows beneath other
names are never read as if they stood beneath the header.
"""

import random

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.ingest.header import compact, known_names
from tests.factories import small_world

SPELLINGS = [
    str.upper,
    str.title,
    lambda name: name.replace("_", " "),
    lambda name: name.replace("_", ""),
    lambda name: f"[{name}]",
    lambda name: f'"{name.replace("_", "-").capitalize()}"',
    lambda name: f" {name}. ",
    lambda name: name.upper().replace("I", "İ"),
    lambda name: "".join(chr(ord(letter) + 0xFEE0) if letter != "_" else " " for letter in name),
]


def deliveries(seed: str):
    """(contract, header, lines beneath it) of each source with more rows than are read at once."""
    chance = random.Random(seed)
    for entity, contract in load_contracts().items():
        rows = small_world()[entity]
        lines = [
            ",".join(f'"{cell}"' if "," in cell else cell for cell in row.values()) for row in rows
        ]
        header = list(rows[0])
        yield chance, contract, header, [*lines] * (1 + 800 // len(lines))


@pytest.mark.parametrize("gap", ["", "\n"])
def test_a_header_that_stands_again_in_another_spelling_is_no_row(home, gap):
    for chance, contract, header, lines in deliveries(f"again {gap}"):
        at = chance.randrange(1, len(lines))
        again = ",".join(map(chance.choice(SPELLINGS), header))
        text = "\n".join([",".join(header), *lines[:at], f"{gap}{again}", *lines[at:], ""])
        result = home.load(contract.file_name, text)
        assert (result.status, result.rejected) == ("loaded", 1), (again, result.reason)
        assert result.received == len(lines) + 1
    reasons = {row["reason"] for row in home.rows("raw_rejects")}
    assert reasons == {"repeats the header"}


@pytest.mark.parametrize("seed", range(3))
def test_a_header_that_stands_again_under_other_names_of_its_columns_is_no_row(home, seed):
    """Some of its columns, or all of them, go by an alias where it stands again."""
    for chance, contract, header, lines in deliveries(f"aliases {seed}"):
        names = names_of(contract)
        at = chance.randrange(1, len(lines))
        aside = chance.randrange(len(header))
        again = [chance.choice(names[name][n == aside :]) for n, name in enumerate(header)]
        again = ",".join(map(chance.choice(SPELLINGS), again))
        text = "\n".join([",".join(header), *lines[:at], again, *lines[at:], ""])
        result = home.load(contract.file_name, text)
        assert (result.status, result.rejected) == ("loaded", 1), (again, result.reason)
        assert result.received == len(lines) + 1
    reasons = {row["reason"] for row in home.rows("raw_rejects")}
    assert reasons == {"repeats the header"}


def names_of(contract) -> dict[str, list[str]]:
    """Delivered column -> its names, that of the contract first."""
    columns = [column for column in contract.columns if column.delivered]
    return {column.delivered: [column.delivered, *column.aliases] for column in columns}


def test_rows_under_other_names_or_in_another_order_are_not_read_on(home):
    """An alias, a column of another meaning, or the same ones the other way round."""
    for chance, contract, header, lines in deliveries("other"):
        if len(header) < 2:
            continue
        changes = (
            [header[::-1], [*header[:-1], "something_else"]] if len(header) > 2 else [header[::-1]]
        )
        for other in changes:
            again = ",".join(map(chance.choice(SPELLINGS), other))
            text = "\n".join([",".join(header), *lines[:700], again, *lines[700:], ""])
            result = home.load(contract.file_name, text)
            assert result.status == "refused", (contract.entity, again)
            assert "holds a second table" in result.reason
    assert home.rows("ops_loads") == []


def test_names_beneath_the_header_describe_it(home):
    """A second header line, in words of people, costs itself alone."""
    text = "patient_id,gender,birth_date\nPatient,Sex,Born on\n"
    result = home.load(
        "patients.csv", text + "".join(f"10020{n:02},male,1950-01-02\n" for n in range(9))
    )
    assert (result.status, result.received, result.rejected) == ("loaded", 10, 1), result.reason
    assert home.rows("raw_rejects", "reason") == [{"reason": "describes the columns"}]


def test_a_refusal_says_what_most_of_the_lines_are(home):
    header, *rows = [
        "patient_id,gender,birth_date",
        *(f"10020{n:02},male,1950-01-02" for n in range(9)),
    ]
    result = home.load("patients.csv", "\n".join([*rows, header, ""]))
    assert result.status == "refused"
    assert "9 of them: stands above the header" in result.reason and "names first" in result.reason


@pytest.mark.parametrize("seed", range(3))
def test_names_in_two_lines_are_joined_wherever_they_are_parted(home, seed):
    """Each name stands in the upper line, in the lower one, or in both, as merged cells do."""
    for chance, contract, header, lines in deliveries(f"levels {seed}"):
        parted = [_parted(name, chance) for name in header]
        if not _is_told_by_a_column_of_values(contract, parted):
            continue
        levels = [",".join(level) for level in zip(*parted, strict=True)]
        result = home.load(contract.file_name, "\n".join([*levels, *lines, ""]))
        assert (result.status, result.rejected) == ("loaded", 0), (levels, result.reason)
        assert result.received == len(lines)


def _parted(name: str, chance: random.Random) -> tuple[str, str]:
    words = name.title().split("_")
    at = chance.randrange(len(words) + 1)
    return " ".join(words[:at]), " ".join(words[at:])


def _is_told_by_a_column_of_values(contract, parted) -> bool:
    """Whether half of the cells of some line are known, so that it is found, and the lower one
    stands over numbers, dates or codes.
    """
    known = known_names({contract.entity: contract})
    shares = [
        sum(compact(cell) in known for cell in level if cell) / max(sum(map(bool, level)), 1)
        for level in zip(*parted, strict=True)
    ]
    return max(shares) >= 0.5 and all(any(level) for level in zip(*parted, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_blank_cells_behind_a_whole_row_are_none(home, seed):
    """Spreadsheets write more delimiters in some lines than in others."""
    for chance, contract, header, lines in deliveries(f"ragged {seed}"):
        if len(header) < 2:
            continue
        ragged = [line + "," * chance.choice([0, 0, 1, 2, 5]) for line in lines]
        result = home.load(contract.file_name, "\n".join([",".join(header), *ragged, ""]))
        assert (result.status, result.rejected) == ("loaded", 0), (contract.entity, result.reason)


def test_a_row_that_lacks_its_last_cell_is_not_whole(home):
    rows = [f"10020{number:02},male,1950-01-02" for number in range(30)]
    shifted = ["1003000,,female,", "1003001,female,,", "1003002,,1950-01-02,", "male,1003003,x,"]
    result = home.load(
        "patients.csv", "\n".join(["patient_id,gender,birth_date", *rows, *shifted, ""])
    )
    assert (result.status, result.received, result.rejected) == ("loaded", 34, 4), result.reason


@pytest.mark.parametrize(
    "types",
    [
        "varchar(20),char(1),date",
        "int64,object,datetime64",
        "bigint,nvarchar(6),timestamp",
        "required,optional,required",
    ],
)
def test_types_of_columns_beneath_the_header_are_no_row(home, types):
    rows = [f"10020{number:02},male,1950-01-02" for number in range(9)]
    result = home.load(
        "patients.csv", "\n".join(["patient_id,gender,birth_date", types, *rows, ""])
    )
    assert (result.status, result.received, result.rejected) == ("loaded", 10, 1), result.reason


def test_a_table_beneath_many_notes_is_found(home):
    rows = [f"10020{number:02},male,1950-01-02" for number in range(9)]
    notes = [f"note {number} of the sender" for number in range(90)]
    result = home.load(
        "patients.csv", "\n".join([*notes, "patient_id,gender,birth_date", *rows, ""])
    )
    assert (result.status, result.received, result.lines["preamble"]) == ("loaded", 9, 90)
