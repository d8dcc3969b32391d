"""Streams a planned delivery into files, a chunk of rows at a time, and counts what it held
back.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.synthetic.encoding import FORMATS, Layout, pack
from pipeline.synthetic.plan import DeliveryPlan, Planted, Row, TablePlan
from pipeline.synthetic.population import Population
from pipeline.synthetic.selection import cascades
from pipeline.synthetic.tables import TABLES

CHUNK_ROWS = 200_000
_SMALL = ("providers", "employer_networks")


@dataclass(frozen=True)
class WrittenFile:
    """One file: rows without header, bytes, digest, planted defects with their physical line."""

    entity: str
    path: Path
    rows: int
    size_bytes: int
    sha256: str
    planted: tuple[tuple[Planted, int], ...]


@dataclass
class _Sink:
    """An open file that knows its line, its digest and what was planted."""

    path: Path
    layout: Layout
    rows: int = 0
    size_bytes: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    planted: list[tuple[Planted, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._file = self.path.open("wb")
        self._write(self.layout.opening)

    def add(self, packed: bytes, rows: int) -> None:
        """Rows that begin with their separators."""
        if rows and not self.rows:
            packed = self.layout.first_separator + packed[len(self.layout.separator) :]
        self.rows += rows
        self._write(packed)

    def add_row(self, row: Row) -> None:
        """One row; the physical line of a CSV counts the header, JSON rows count from 1."""
        self.add(self.layout.row(row.values), 1)
        line = self.rows + (1 if self.layout.fmt == "csv" else 0)
        self.planted += [(note, line) for note in row.planted]

    def close(self, final_newline: bool) -> None:
        """Writes what ends the file."""
        self._write(self.layout.closing(final_newline))
        self._file.close()

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self.digest.update(content)
        self.size_bytes += len(content)


def write_delivery(
    population: Population,
    plan: DeliveryPlan,
    folder: Path,
    *,
    fmt: str = "csv",
    crlf: tuple[str, ...] = (),
    final_newline: bool = True,
    chunk_rows: int = CHUNK_ROWS,
) -> tuple[list[WrittenFile], dict[str, int]]:
    """Writes the tables of one delivery; returns its files and the rows held back per rule by
    cascades.

    `crlf` names entities written with CRLF. Memory depends on `chunk_rows`, not on the rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files, cascade = [], Counter[str]()
    for table in TABLES:
        tplan = plan.tables[table.entity]
        if not tplan.delivered:
            continue
        layout = Layout(table, fmt, "\r\n" if table.entity in crlf else "\n")
        sink = _Sink(folder / (table.stem + FORMATS[fmt]), layout)
        for first in (
            range(tplan.first, tplan.last, chunk_rows) if table.entity not in _SMALL else ()
        ):
            last = min(first + chunk_rows, tplan.last)
            members = population.members(table.entity, first, last)
            _write_chunk(population, tplan, sink, members)
            _count_cascades(population, plan, table.entity, members, cascade)
        for row in tplan.after:
            sink.add_row(row)
        sink.close(final_newline)
        files.append(
            WrittenFile(
                table.entity,
                sink.path,
                sink.rows,
                sink.size_bytes,
                sink.digest.hexdigest(),
                tuple(sink.planted),
            )
        )
    cascade["ADV-03"] += plan.held.early_adverse_events
    cascade["NET-05"] += _network_tokens_of_held(population, plan)
    return files, {rule_id: count for rule_id, count in sorted(cascade.items()) if count}


def _write_chunk(
    population: Population, tplan: TablePlan, sink: _Sink, members: np.ndarray
) -> None:
    if not len(members):
        return
    block = sink.layout.block(population.columns(sink.layout.table.entity, members), len(members))
    rows_done = 0
    inside = (number for number in tplan.instead if members[0] <= number <= members[-1])
    for number in sorted(inside):
        at = int(np.searchsorted(members, number))
        if members[at] != number:
            continue
        sink.add(pack(block[rows_done:at]), at - rows_done)
        for row in tplan.instead[number]:
            sink.add_row(row)
        rows_done = at + 1
    sink.add(pack(block[rows_done:]), len(members) - rows_done)


def _count_cascades(
    population: Population,
    plan: DeliveryPlan,
    entity: str,
    members: np.ndarray,
    cascade: Counter[str],
) -> None:
    if entity not in ("encounters", "adverse_events"):
        return
    held = plan.held
    direct = np.isin(members, list(held.encounters))
    if entity == "encounters":
        for rule_id, numbers, bad in (
            ("ENC-06", population.provider_of, held.providers),
            ("ENC-08", population.patient_of, held.patients),
        ):
            if bad:
                cascade[rule_id] += int(np.sum(np.isin(numbers(members), list(bad)) & ~direct))
    else:
        moved = np.isin(members, list(plan.tables[entity].instead))
        cascade["ADV-03"] += int(np.sum((cascades(population, held, members) | direct) & ~moved))


def _network_tokens_of_held(population: Population, plan: DeliveryPlan) -> int:
    npis = {population.roster.npis[provider] for provider in plan.held.providers}
    rows = (
        plan.tables["employer_networks"].after if plan.tables["employer_networks"].delivered else []
    )
    good = [
        row for row in rows if not any(note.rule_id in ("NET-01", "NET-02") for note in row.planted)
    ]
    return sum(token in npis for row in good for token in row.values["in_network_npis"].split(", "))
