"""Files of the tray on their way to the rules: opened, cut to the rows that are judged, weighed by
size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pipeline.config import Settings
from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.acceptance import refuse_if_cut_off
from pipeline.ingest.header import HeaderMatch
from pipeline.ingest.identification import identify
from pipeline.ingest.raw_rows import arranged
from pipeline.ingest.reader import Table
from pipeline.services.upload.tray import Waiting, inspected, look

REJECTS_SHOWN = 10


@dataclass
class FileToJudge:
    """One file that can be judged, and what became of its rows on the way to the bench."""

    waits: Waiting
    table: Table
    match: HeaderMatch
    contract: SourceContract
    load_id: str = ""
    rows: int = 0
    rejected: int = 0
    is_whole: bool = True
    rejects: list[dict] = field(default_factory=list)

    def batches(
        self, rows_at_most: int | None, progress: Callable[[float], None]
    ) -> Iterator[Iterator[Sequence[Any]]]:
        """At most so many rows of the file, as the bench wants them; a table that turns out to be
        cut off ends there.
        """
        try:
            for batch in self.table.batches(
                lambda read_rows, total: progress(read_rows / max(total, 1))
            ):
                if rows_at_most is not None and self.rows + len(batch.rows) > rows_at_most:
                    self.is_whole = False
                    batch = batch.first(rows_at_most - self.rows)
                self.rows += len(batch.rows)
                self.rejected += len(batch.rejects)
                room = REJECTS_SHOWN - len(self.rejects)
                self.rejects += [
                    {"line": reject.line, "reason": reject.reason}
                    for reject in batch.rejects[:room]
                ]
                yield arranged(batch, self.match, self.contract.delivered, self.table.header)
                if not self.is_whole:
                    return
            refuse_if_cut_off(self.table)
        except InputRefused as error:
            self.is_whole = False
            self.rejects.insert(0, {"line": None, "reason": error.one_line})


def opened(settings: Settings, files: Sequence[Waiting]) -> list[FileToJudge]:
    """The files that can be judged."""
    tables = []
    for file in files:
        if look(settings, file).is_ready:
            table, recognised = identify(
                file.delivery, load_contracts(), file.reading, inspected(file)
            )
            tables.append(FileToJudge(file, table, recognised.match, recognised.contract))
    return tables


Part = TypeVar("Part", FileToJudge, SourceContract)


def weighed(
    parts: Sequence[Part], files: Sequence[FileToJudge]
) -> Iterator[tuple[float, float, Part]]:
    """(share of all bytes before it, its own share, it) of each file, or of each source with its
    files.
    """
    total, before = max(sum(file.waits.size for file in files), 1), 0
    for part in parts:
        size = sum(file.waits.size for file in files if part in (file, file.contract))
        yield before / total, size / total, part
        before += size
