"""Picks rows to spoil: disjoint, and outside whatever a cascade already hits, unless overlap is
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from pipeline.errors import InputRefused
from pipeline.synthetic.hashing import draw_one
from pipeline.synthetic.plan import Held
from pipeline.synthetic.population import Population

_TRIES = 20_000


class Selection:
    """Draws row numbers of one population; every number is given once per kind of row."""

    def __init__(self, population: Population, held: Held, overlap: bool = False) -> None:
        self._population = population
        self._held = held
        self._overlap = overlap
        self._taken: dict[str, set[int]] = {}

    def rows(
        self,
        entity: str,
        purpose: str,
        count: int,
        first: int,
        last: int,
        adverse: bool | None = None,
    ) -> list[int]:
        """`count` row numbers of an entity in [first, last), for one purpose (a name that seeds the
        draw).

        `adverse` asks for encounters with (True) or without (False) an adverse event. Encounters,
        patients and adverse events share their numbers, so a row taken for one is taken for all
        three. Raises InputRefused when the range holds too few free rows.
        """
        family = "referrals" if entity == "referrals" else "encounters"
        used = self._taken.setdefault(family, set())
        rows: list[int] = []
        for index in self._candidates(purpose, first, last):
            if len(rows) == count:
                break
            if (index in used and not self._overlap) or index in rows:
                continue
            if family == "encounters" and not self._suits(index, adverse):
                continue
            rows.append(index)
        if len(rows) < count:
            raise InputRefused(
                f"{count} rows for {purpose} do not fit into {last - first} rows of {entity}",
                "generate",
                "ask for more rows or fewer defects",
            )
        used.update(rows)
        return rows

    def _candidates(self, purpose: str, first: int, last: int) -> Iterator[int]:
        if last > first:
            for attempt in range(_TRIES):
                yield first + draw_one(
                    self._population.seed, f"select-{purpose}", attempt, last - first
                )

    def _suits(self, index: int, adverse: bool | None) -> bool:
        one = np.array([index], np.int64)
        if adverse is not None and bool(self._population.has_adverse_event(one)[0]) != adverse:
            return False
        if self._overlap:
            return True
        return not cascades(self._population, self._held, one)[0]


def cascades(population: Population, held: Held, index: np.ndarray) -> np.ndarray:
    """Which encounters wait because their provider or patient is held back; bool, shape of
    `index`.
    """
    waits = np.zeros(len(index), bool)
    for members, numbers in (
        (held.providers, population.provider_of),
        (held.patients, population.patient_of),
    ):
        if members:
            waits |= np.isin(numbers(index), list(members))
    return waits


def split(total: int, deliveries: int) -> list[tuple[int, int]]:
    """Index ranges of the deliveries: all in one, else 70 % first and the rest 2:1 (or evenly
    beyond three).
    """
    edges, running = [0], 0
    for share in (
        [100] if deliveries == 1 else [70, 20, 10] if deliveries == 3 else _even(deliveries)
    ):
        running += share
        edges.append(total * running // 100)
    edges[-1] = total
    return list(pairwise(edges))


def _even(deliveries: int) -> list[int]:
    rest = 30 // (deliveries - 1)
    return [70] + [rest] * (deliveries - 1)
