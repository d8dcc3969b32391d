"""Blocks between markers: `<!-- made: name -->` ... `<!-- /made -->`. Text outside them is written
by hand.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

BLOCK = re.compile(r"(<!-- made: ([a-z0-9_-]+) -->\n)(.*?)(<!-- /made -->)", re.DOTALL)


def names(text: str) -> list[str]:
    """Names of the blocks of a page, in order."""
    return [match[2] for match in BLOCK.finditer(text)]


def filled(text: str, makers: Mapping[str, Callable[[], str]]) -> str:
    """The page with every block that a maker knows written anew; other blocks stay."""

    def write(match: re.Match) -> str:
        maker = makers.get(match[2])
        return match[0] if maker is None else f"{match[1]}{maker().strip()}\n{match[4]}"

    return BLOCK.sub(write, text)


def block(path: Path, name: str) -> str:
    """What stands in one block of a page; raises KeyError when the page has no such block."""
    for match in BLOCK.finditer(path.read_text(encoding="utf-8")):
        if match[2] == name:
            return match[3]
    raise KeyError(name)


def table(headings: tuple[str, ...], rows: list[tuple]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    lines += [f"| {' | '.join(_cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return " ".join(str("" if value is None else value).split()).replace("|", "\\|")
