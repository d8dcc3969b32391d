"""Rows that are one half of a record: a cell in single quotes holds a line end, in a file that has
other quotes, so its lines were taken for records of their own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.ingest.batches import Batch, Noticed, Reject, joined
from pipeline.ingest.dialect import Dialect

HALF = "is part of a row with a line end within single quotes"
SINGLE = "'"
#: Of a cell.
MOST_LINES = 100
#: Lines of batches that are looked at together.
MOST_JOINED = 50_000
LINE_END = re.compile(r"\r\n|\r|\n")


class Halves:
    """Takes rows off that go on in a line that is no row, or began in one."""

    def __init__(self, dialect: Dialect, noticed: Noticed) -> None:
        self._delimiter = dialect.delimiter
        self._may_be = not dialect.spans and dialect.quotechar != SINGLE
        self._noticed = noticed

    def off(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches; halves of rows are rejects."""
        last = None
        for batch in batches:
            if last is not None and self._may_be and _may_go_on(last, batch):
                width = len((last.rows or batch.rows or [[""]])[0])
                last = joined([last, batch], width)
                continue
            if last is not None:
                yield self._checked(last)
            last = batch
        if last is not None:
            yield self._checked(last)

    def _checked(self, batch: Batch) -> Batch:
        is_clean = not self._may_be or not any(SINGLE in each.text for each in batch.rejects)
        return batch if is_clean else self._without(batch)

    def _without(self, batch: Batch) -> Batch:
        places = {line: at for at, line in enumerate(batch.numbers)}
        others = {each.line: each for each in batch.rejects}
        halves = sorted(
            {*self._later(batch, places, others), *self._earlier(batch, places, others)}
        )
        if not halves:
            return batch
        rejects = [
            Reject(batch.numbers[at], self._delimiter.join(batch.rows[at]), HALF) for at in halves
        ]
        lines = sum(map(_lines, rejects))
        self._noticed.lines["rows"] -= lines
        self._noticed.lines["rejects"] += lines
        kept = sorted(set(range(len(batch.rows))).difference(halves))
        return Batch(
            [batch.rows[at] for at in kept],
            [batch.numbers[at] for at in kept],
            sorted([*batch.rejects, *rejects], key=lambda each: each.line),
        )

    def _later(
        self, batch: Batch, places: dict[int, int], others: dict[int, Reject]
    ) -> Iterator[int]:
        """Rows whose first cell closes the quote that a line above them opened."""
        for reject in batch.rejects:
            if not _opens(reject.text.split(self._delimiter)):
                continue
            line = _next_row(reject.line, 1, places, others)
            if line is not None and _closes(batch.rows[places[line]]):
                yield places[line]

    def _earlier(
        self, batch: Batch, places: dict[int, int], others: dict[int, Reject]
    ) -> Iterator[int]:
        """Rows whose last cell opens the quote that a line beneath them closes."""
        for reject in batch.rejects:
            if not _closes(reject.text.split(self._delimiter)):
                continue
            line = _next_row(reject.line, -1, places, others)
            if line is not None and _opens(batch.rows[places[line]]):
                yield places[line]


def _may_go_on(batch: Batch, following: Batch) -> bool:
    """Whether a line with a single quote that is no row is the last of a batch, or the first of the
    one that follows; of no more lines than memory should hold at once.
    """
    if len(batch.rows) + len(batch.rejects) > MOST_JOINED:
        return False
    end = batch.numbers[-1] if batch.numbers else 0
    start = following.numbers[0] if following.numbers else None
    return any(SINGLE in each.text for each in batch.rejects if each.line > end) or any(
        SINGLE in each.text for each in following.rejects if start is None or each.line < start
    )


def _next_row(
    line: int, step: int, places: dict[int, int], others: dict[int, Reject]
) -> int | None:
    """The line of the next row, down or up, with nothing between but blank lines and such without
    a single quote; None where there is none so near.
    """
    for _ in range(MOST_LINES):
        line += step
        if line in places:
            return line
        if line in others and SINGLE in others[line].text:
            return None
    return None


def _opens(cells: Sequence[str]) -> bool:
    return cells[-1].lstrip().startswith(SINGLE) and cells[-1].count(SINGLE) == 1


def _closes(cells: Sequence[str]) -> bool:
    return cells[0].rstrip().endswith(SINGLE) and cells[0].count(SINGLE) == 1


def _lines(reject: Reject) -> int:
    return 1 + len(LINE_END.findall(reject.text))
