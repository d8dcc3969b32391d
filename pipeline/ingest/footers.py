"""Footers that are as wide as their table: a total, a trailer or a remark in the last rows, with
blank cells behind it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from pipeline.ingest.batches import Batch, Noticed, Reject
from pipeline.ingest.cell_kinds import MOST, TYPED, dominant, is_typed, kind
from pipeline.ingest.dialect import Dialect
from pipeline.ingest.side_lines import FOOTER_WORDS

FOOTER = "is a footer of the table"
#: More rows at the end are none.
LAST_ROWS = 6
#: A cell that is a footer in a column of texts as well.
SURELY = re.compile(
    r"\W*(((grand|sub)[ -]?)?totals?|sum|trailer|trl|tlr|eof|end of (file|report|data))\W*"
    r"|\W*(prepared|generated|created|exported|printed|produced|reported) (by|on|at|for|from)\b.*"
    r"|.*\b(rows?|records?|lines?)\)? *(were |was )?(affected|selected|returned|exported|fetched)\W*",
    re.IGNORECASE,
)


class Footers:
    """Takes the footers off the end of a table: `columns` are the kinds of its cells."""

    def __init__(self, columns: Sequence[Counter], dialect: Dialect, noticed: Noticed) -> None:
        self._columns = columns
        self._is_cut = bool(dialect.spans)
        self._between = " " if dialect.spans else dialect.delimiter
        self._noticed = noticed

    def off(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches; the footers among the last rows of all are rejects."""
        last = None
        for batch in batches:
            if last is not None:
                yield last
            last = batch
        if last is not None:
            yield self._without(last)

    def _without(self, batch: Batch) -> Batch:
        rows = [list(row) for row in batch.rows[-LAST_ROWS:]]
        worded = sum(1 for _ in takewhile(self._begins_so, reversed(rows)))
        count = sum(1 for _ in takewhile(lambda row: self._is_footer(row, worded), reversed(rows)))
        if not count:
            return batch
        keep = len(batch.rows) - count
        rejects = [
            Reject(line, self._between.join(cell or "" for cell in row), FOOTER)
            for line, row in zip(batch.numbers[keep:], rows[-count:], strict=True)
        ]
        self._noticed.lines["rows"] -= count
        self._noticed.lines["rejects"] += count
        everything = sorted([*batch.rejects, *rejects], key=lambda each: each.line)
        return Batch(batch.rows[:keep], batch.numbers[:keep], everything)

    def _begins_so(self, row: Sequence[str]) -> bool:
        return FOOTER_WORDS.match(self._first_text(row)) is not None

    def _first_text(self, row: Sequence[str]) -> str:
        """The first cell that holds something; positions may have cut it anywhere."""
        filled = [cell for cell in row if (cell or "").strip()]
        return "".join(filled) if self._is_cut else "".join(filled[:1])

    def _is_footer(self, row: Sequence[str], footers: int) -> bool:
        """Whether a row that is among so many last ones tells of the table: it begins with a word
        of footers, where its column holds something else, and leaves most other cells empty.
        """
        filled = [at for at, cell in enumerate(row) if (cell or "").strip()]
        if not filled or len(row) > len(self._columns):
            return False
        text = self._first_text(row)
        if not self._begins_so(row) or is_typed(text):
            return False
        is_sure = SURELY.fullmatch(text) is not None
        kinds = self._columns[filled[0]]
        others = kinds.total() - footers
        if others <= 0:
            return is_sure or len(filled) == 1
        if sum(kinds[each] for each in TYPED) >= max(1, MOST * others):
            return len(row) == 2 or len(filled) <= max(1, (len(row) + 1) // 2)
        return is_sure and self._leaves_out(row, filled)

    def _leaves_out(self, row: Sequence[str], filled: Sequence[int]) -> bool:
        """Whether a row has no cell, or one of another kind, where others have theirs."""
        if len(row) > 2:
            return len(filled) <= (len(row) + 1) // 2
        usual = dominant(self._columns[-1])
        return usual is not None and kind(row[-1]) != usual
