"""Names of columns among the rows of a table: its header stands there again, or that of another."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from pipeline.ingest.cell_kinds import NUMBER, dominant, is_typed, unlike
from pipeline.ingest.header import KnownNames, compact, name_the_same

#: What a name may be spelled with beside its letters.
DRESS = r"[\W_]*"
#: So many names show a header, when they are half of a row's cells.
FEW_NAMES = 2


class NamesAgain:
    """Tells a line of names by its first cell: a name of the header, or another one that is
    `known` (compact), case, blanks and punctuation aside.
    """

    def __init__(
        self,
        header: Sequence[str],
        columns: Sequence[Counter],
        delimiter: str,
        known: KnownNames | None = None,
    ) -> None:
        self._header = list(map(compact, header))
        self._columns = columns
        self._known = known or {}
        other = [
            name
            for name in self._known
            if len(header) > 1 or name_the_same(self._header, [name], self._known)
        ]
        self._names = {name for name in (*self._header, *other) if name[:1].isalpha()}
        self._of_numbers = [at for at, kinds in enumerate(columns) if dominant(kinds) == NUMBER]
        spelled = "|".join(sorted(map(_spelled, self._names)))
        mark = re.escape(delimiter[:1])
        end = rf"(?:[^\w\r\n{mark}]|_)*(?:{mark}|[\r\n]|\Z)"
        self._first = re.compile(rf"{DRESS}(?:{spelled}){end}") if spelled else None
        self._further = re.compile(rf"[\r\n]{self._first.pattern}") if self._first else None

    def may_stand_among(self, cells: Sequence[str], text: str) -> bool:
        """The same for the cells of a text, one row after another: no line of names has a number,
        and whole columns of digits are seen at once.
        """
        width = len(self._header)
        for at in self._of_numbers:
            column = cells[at::width]
            if "" not in column and "".join(column).isdigit():
                return False
        return self.may_stand_in(text)

    def may_stand_in(self, text: str) -> bool:
        """Whether a line of the text may begin with a name; never False where one does."""
        if self._first is None or self._further is None:
            return False
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text).casefold()
        return bool(self._first.match(text) or self._further.search(text))

    def are_the_header(self, row: Sequence[str]) -> bool:
        """Whether the cells are the names of the header once more, however they are spelled, or
        other names of the same columns.
        """
        names = list(map(compact, row))
        return name_the_same(self._header, names, self._known) and self._is_of_names(row)

    def are_of_the_header(self, row: Sequence[str]) -> bool:
        """Whether the cells are the names of the header in whatever order."""
        names = _names_of(row)
        return (
            len(names) > 1 and names == set(filter(None, self._header)) and self._is_of_names(row)
        )

    def are_known(self, row: Sequence[str]) -> bool:
        """Whether half of the cells are names of columns, and none is a value."""
        names = _names_of(row)
        hits = len(names & self._names)
        return hits >= FEW_NAMES and 2 * hits >= len(names) and self._is_of_names(row)

    def _is_of_names(self, row: Sequence[str]) -> bool:
        """Whether the first cell with content is a name, none is a value, and the names are those
        of a source, or stand where the rows hold something else.
        """
        first = next((cell for cell in row if cell.strip()), "")
        if compact(first) not in self._names or any(map(is_typed, row)):
            return False
        known = len(_names_of(row) & self._known.keys())
        return known >= min(FEW_NAMES, len(self._header)) or unlike(row, self._columns) > 0


def _names_of(row: Sequence[str]) -> set[str]:
    return {compact(cell) for cell in row if cell.strip()}


def _spelled(name: str) -> str:
    """A pattern that finds a name in upper and lower case, with blanks and punctuation in it."""
    letters = (re.escape(letter) for letter in name)
    both = (
        f"[{letter}{letter.upper()}]" if len(letter) == len(letter.upper()) == 1 else letter
        for letter in letters
    )
    return DRESS.join(both)
