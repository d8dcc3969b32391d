"""What a sender writes arrives: rows in the styles of many programs, and hostile cells in them.

Each seed is one sender. Every cell comes as it was written, or its row is a reject, or the file is
refused; nothing is read as something else.
"""

import random
from collections import Counter

import pytest

from pipeline.declared.sources import load_contracts
from tests.factories import small_world

DELIMITERS = [",", ";", "\t", "|", "||", "^", "~"]
ENDS = ["\n", "\r\n", "\r"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]
HEADERS = [
    str,
    str.upper,
    lambda name: f"[{name}]",
    lambda name: f" {name} ",
    lambda name: name.replace("_", " ").title(),
]
#: A column of the sender's own, by name.
EXTRA = [None, None, "2024", "0", "note"]
HOSTILE = [
    *[
        "a\nb",
        "a\r\nb",
        "a\tb",
        '"',
        '""',
        '"x" y',
        "\\",
        "{",
        "[1,2",
        "$",
        "a;b",
        "||",
        "a||b",
        ",",
    ],
    *[
        "1e400",
        "NaN",
        "-0",
        "=1+1",
        "@x",
        "7.206,00",
        "24-MAR-1950",
        "\x1c",
        "\x1e",
        "\x85",
        "\u2028",
    ],
    *[
        "Total",
        "(3 rows affected)",
        "patient_id",
        "---",
        "#",
        "\u202e1",
        "\ufeffx",
        "N/A",
        "x" * 3000,
    ],
]


class Sender:
    """One style of writing, at random."""

    def __init__(self, chance: random.Random) -> None:
        self.delimiter, self.end = chance.choice(DELIMITERS), chance.choice(ENDS)
        self.encoding, self.header = chance.choice(ENCODINGS), chance.choice(HEADERS)
        self.extra = chance.choice(EXTRA)
        self.guard = chance.choice([None, None, None, "=", "'"])
        self.quotes_all = chance.random() < 0.3
        self.gap = chance.choice([0, 0, 7])

    def file(self, rows: list[dict]) -> bytes:
        """The bytes of a file of these rows."""
        extra = [self.extra] if self.extra else []
        lines = [self.line([self.cell(self.header(name)) for name in [*extra, *rows[0]]])]
        for at, row in enumerate(rows):
            cells = [self.cell(str(at)) for _ in extra]
            lines.append(self.line([*cells, *map(self.guarded, row.items())]))
            if self.gap and at % self.gap == 0:
                lines.append("")
        return (self.end.join(lines) + self.end).encode(self.encoding)

    def line(self, cells: list[str]) -> str:
        return self.delimiter.join(cells)

    def guarded(self, item: tuple[str, str]) -> str:
        name, cell = item
        if name in ("gender", "provider_name") or not self.guard:
            return self.cell(cell)
        quoted = cell.replace('"', '""')
        return f'="{quoted}"' if self.guard == "=" else self.cell(f"'{cell}")

    def cell(self, cell: str) -> str:
        needs = any(sign in cell for sign in (self.delimiter[0], '"', "\n", "\r"))
        quoted = cell.replace('"', '""')
        return f'"{quoted}"' if needs or self.quotes_all else cell


def written(chance: random.Random, rows: list[dict]) -> list[dict]:
    """Rows enough to tell what is usual, some of them with a hostile cell."""
    many = [dict(row) for row in [*rows] * (1 + 30 // len(rows))]
    for row in many:
        if chance.random() < 0.1:
            row[chance.choice(list(row))] = chance.choice(HOSTILE)
    return many


@pytest.mark.parametrize("seed", range(10))
def test_what_a_sender_writes_arrives(home, seed):
    for entity, contract in load_contracts().items():
        chance = random.Random(f"{seed} {entity}")
        sender, rows = Sender(chance), written(chance, small_world()[entity])
        result = home.load(contract.file_name, sender.file(rows))
        about = (entity, vars(sender), result.reason)
        assert result.status == "loaded", about
        came = home.rows(contract.raw_table)
        arrived = Counter(tuple(row[name] or "" for name in contract.delivered) for row in came)
        sent = Counter(tuple(row[name] for name in contract.delivered) for row in rows)
        assert not arrived - sent, (about, arrived - sent, sent - arrived)
        assert (sent - arrived).total() == result.rejected, (about, sent - arrived)
        assert result.rejected <= 2, about


@pytest.mark.parametrize("sign", ["+", "$", "?", "…", "(.)", "#", "*", "\u2028", "N/A", "=", "%"])
def test_a_first_row_of_signs_is_no_part_of_the_header(home, sign):
    """Nor is it lost as something else: it is a row or a reject."""
    for entity, contract in load_contracts().items():
        rows = [*small_world()[entity], *small_world()[entity]]
        strange = dict.fromkeys(rows[0], sign)
        file = Sender(random.Random(entity)).file([strange, *rows])
        result = home.load(contract.file_name, file)
        assert (result.status, result.received) == ("loaded", 1 + len(rows)), (entity, result)
