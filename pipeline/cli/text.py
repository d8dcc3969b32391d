"""Answers for people as plain text: aligned tables, numbers with separators, times in short."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

#: More rows than this are written plainly also on a terminal: Rich takes a millisecond a row.
LONGEST_TABLE = 500


@dataclass(frozen=True)
class Table:
    """Rows under headings, with a title above and a note below when there are any."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    note: str = ""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold nothing but numbers, and so stand to the right."""
        return tuple(all(map(_is_number, column)) for column in zip(*self.rows, strict=True))


#: One part of an answer.
Part = str | Table


def table(
    rows: Iterable[Sequence], headings: Sequence[str], title: str = "", note: str = ""
) -> Table:
    """A table of values: each cell as text."""
    cells = tuple(tuple(_cell(value) for value in row) for row in rows)
    return Table(tuple(headings), cells, title, note)


def plain(parts: Sequence[Part]) -> str:
    """The parts with a blank line between them, for a pipe or a file."""
    return "\n\n".join(part if isinstance(part, str) else _aligned(part) for part in parts)


def is_terminal(stream: IO[str]) -> bool:
    """Whether a person watches this stream on a terminal that can draw."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def is_long(parts: Sequence[Part]) -> bool:
    """Whether the tables have more rows than anybody reads on a screen."""
    return sum(len(part.rows) for part in parts if isinstance(part, Table)) > LONGEST_TABLE


def _aligned(of: Table) -> str:
    """Columns aligned, numbers to the right; a line says so when there are no rows."""
    lines = [of.title] if of.title else []
    if of.rows:
        widths = [max(map(len, column)) for column in zip(of.headings, *of.rows, strict=True)]
        for row in (of.headings, *of.rows):
            cells = zip(row, widths, of.numeric, strict=True)
            aligned = (
                cell.rjust(width) if is_number else cell.ljust(width)
                for cell, width, is_number in cells
            )
            lines.append(f"  {'  '.join(aligned).rstrip()}")
    else:
        lines.append("  nothing")
    return "\n".join([*lines, f"  {of.note}"] if of.note else lines)


def seconds(value: float | None) -> str:
    """`4.2 s`, `1 min 12 s`."""
    if value is None:
        return ""
    if value < 60:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"


def moment(value: str | None) -> str:
    """`2026-07-01 12:00 UTC` of a stored time."""
    return f"{value[:10]} {value[11:16]} UTC" if value else ""


def counted(count: int, what: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {what if count == 1 else what + 's'}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    # a delivered text must not steer the terminal
    return "".join(letter if letter.isprintable() else " " for letter in str(value))


def _is_number(text: str) -> bool:
    return bool(text) and not text.strip("0123456789,.-")
