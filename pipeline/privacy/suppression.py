"""Which cells of a table stay hidden so that no small one can be worked out from those that are
shown.

A cell is a count and stands in two lines: the lines that it is a part of, or the line whose total
it is. A provider at a procedure is a part of the line of the provider and of the line of the
procedure; the total of a provider is the total of its own line and a part of the line of all
providers. Hiding a small cell alone hides nothing: the rest of its line and the total give it back.
So more cells are hidden (complementary suppression) until

- each line with a hidden part hides at least two cells, and if its total is shown at least `least`
  in sum, of each number of people that may not be small nobody or as many, and
- each hidden cell is on a ring of hidden cells, for on a ring values can move without any shown
  number changing. A hidden cell on no ring (a bridge, if cells are edges between lines) is what the
  equations of its lines leave no choice about.

- each hidden cell can be another number: events are neither negative nor more than encounters, so
  on some ring those that would have to fall are above 0 and those that would have to rise below n.

The smallest cells are hidden first, totals only where no part is left. All cells that need another
one get theirs in one round, so the rounds are few however large the table is.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.privacy import rings

Line = Hashable
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Cell:
    """One count `n`; `parts_of` are the lines it is added up in, `total_of` those whose total it is
    (two lines in all). `people` are further numbers of people in it: nobody, or not few.
    """

    key: Key
    n: float
    parts_of: tuple[Line, ...]
    total_of: tuple[Line, ...] = ()
    events: float | None = None
    people: tuple[float, ...] = ()

    @property
    def can_rise(self) -> bool:
        """Whether more of the `n` may have had an event than had; true where that is not known."""
        return self.events is None or self.events < self.n

    @property
    def can_fall(self) -> bool:
        """Whether fewer may have had one."""
        return self.events is None or self.events > 0

    def is_small(self, least: int) -> bool:
        """Whether it may not be shown by itself."""
        return self.n < least or any(0 < number < least for number in self.people)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Both lines of the cell."""
        return (*self.parts_of, *self.total_of)


def hidden_cells(
    cells: Iterable[Cell], least: int, hidden_before: Set[Key] = frozenset()
) -> set[Key]:
    """Keys of the cells below `least` or `hidden_before`, and of those that must stay hidden with
    them.
    """
    table = _Table(list(cells), least)
    table.hide(
        [
            place
            for place, cell in enumerate(table.cells)
            if cell.is_small(least) or cell.key in hidden_before
        ]
    )
    while table.close_bridges() or table.free_fixed():
        pass
    return {table.cells[place].key for place in table.hidden}


class _Table:
    def __init__(self, cells: list[Cell], least: int) -> None:
        self.cells, self.least = cells, least
        number: dict[Line, int] = {}
        self.lines = [
            tuple(number.setdefault(line, len(number)) for line in cell.lines) for cell in cells
        ]
        self.parts: list[list[int]] = [[] for _ in number]
        self.total: list[int | None] = [None for _ in number]
        for place in sorted(range(len(cells)), key=lambda place: cells[place].n):
            for line, is_total in self._sides(place):
                if is_total:
                    self.total[line] = place
                else:
                    self.parts[line].append(place)
        self.beside = [
            _Waiting(sorted(parts if total is None else [*parts, total], key=self._cost))
            for parts, total in zip(self.parts, self.total, strict=True)
        ]
        self.smallest = [_Waiting(parts) for parts in self.parts]
        self.hidden: set[int] = set()
        self.ends = np.array(self.lines, dtype=int).reshape(-1, 2)
        self.can_rise = np.array([cell.can_rise and bool(cell.n) for cell in cells], dtype=bool)
        self.can_fall = np.array([cell.can_fall and bool(cell.n) for cell in cells], dtype=bool)
        self.unclosable: set[int] = set()
        self.unfreeable: set[int] = set()
        self.hidden_parts = [0 for _ in number]
        kinds = max((1 + len(cell.people) for cell in cells), default=1)
        self.hidden_sums = [[0.0] * kinds for _ in number]
        self.arcs = np.array([self._direction(place) for place in self._signed()]).reshape(-1, 2)

    def _sides(self, place: int) -> list[tuple[int, bool]]:
        parts = len(self.cells[place].parts_of)
        return [(line, side >= parts) for side, line in enumerate(self.lines[place])]

    def hide(self, places: Iterable[int]) -> None:
        """Hide cells, and what the first of the conditions asks for."""
        waiting: deque[int] = deque()
        for place in places:
            waiting.extend(self._hide(place))
        while waiting:
            line = waiting.popleft()
            while (missing := self._missing(line)) is not None:
                waiting.extend(self._hide(missing))

    def _hide(self, place: int) -> tuple[int, ...]:
        if place not in self.hidden:
            self.hidden.add(place)
            for line, is_total in self._sides(place):
                if not is_total:
                    self.hidden_parts[line] += 1
                    for kind, n in enumerate((self.cells[place].n, *self.cells[place].people)):
                        self.hidden_sums[line][kind] += n
        return self.lines[place]

    def _missing(self, line: int) -> int | None:
        """The next cell to hide in a line, None when the line is safe."""
        total, hidden = self.total[line], self.hidden_parts[line]
        if total in self.hidden:
            if hidden or not self.parts[line]:
                return None
        elif not hidden or (hidden >= 2 and self._is_enough(line)):
            return None
        shown = self.smallest[line].first(self.hidden)
        return total if shown is None else shown

    def _is_enough(self, line: int) -> bool:
        n, *people = self.hidden_sums[line]
        return n >= self.least and not any(0 < number < self.least for number in people)

    def close_bridges(self) -> bool:
        """Put bridges on rings: what hangs on one bridge alone gets a second hidden cell that leads
        out of it, the smallest. False when there is no bridge left to close.
        """
        while True:
            hidden = self._hidden_places()
            bridges = {int(place) for place in hidden[self._bridges(hidden)]} - self.unclosable
            if not bridges:
                return False
            others = np.array(sorted(self.hidden - bridges), dtype=int)
            side = rings.components(self.ends[others], len(self.parts))
            ends: dict[int, list[int]] = defaultdict(list)
            for bridge in sorted(bridges):
                for line in self.lines[bridge]:
                    ends[side[line]].append(bridge)
            leaves = {part: own[0] for part, own in ends.items() if len(own) == 1}
            leading_out = self._leading_out(side, leaves)
            chosen: set[int] = set()
            reached: set[int] = set()
            for part, bridge in sorted(leaves.items(), key=lambda leaf: leaf[1]):
                out = leading_out.get(part)
                if out is None:
                    self.unclosable.add(bridge)
                elif part not in reached:
                    chosen.add(out)
                    reached.update(side[line] for line in self.lines[out])
            if chosen:
                self.hide(sorted(chosen))
                return True

    def _leading_out(self, side: np.ndarray, leaves: dict[int, int]) -> dict[int, int]:
        """Part -> the smallest shown cell with one line in it and the other outside."""
        sides = side[self.ends]
        leads_out = sides[:, 0] != sides[:, 1]
        leads_out[self._hidden_places()] = False
        found: dict[int, int] = {}
        for place in np.flatnonzero(leads_out).tolist():
            for part in sides[place].tolist():
                if part in leaves and (
                    part not in found or self._size(place) < self._size(found[part])
                ):
                    found[part] = place
        return found

    def free_fixed(self) -> bool:
        """Hide the smallest cell beside hidden ones that can be no other number; False when there
        is none, or nothing is left to hide beside them.
        """
        reached: set[int] = set()
        for place in sorted(self._fixed() - self.unfreeable):
            if not reached.isdisjoint(self.lines[place]):
                continue
            beside = [
                shown
                for line in self.lines[place]
                if (shown := self.beside[line].first(self.hidden)) is not None
            ]
            if beside:
                chosen = min(beside, key=self._cost)
                reached.update(self.lines[chosen])
                self.hide([chosen])
            else:
                self.unfreeable.add(place)
        return bool(reached)

    def _fixed(self) -> set[int]:
        """Hidden cells that can be no other number: no other hidden cells can make up for one event
        more in them, nor for one less.

        Each cell that can rise leads from one of its lines to the other, each that can fall leads
        back. A cell that leads one way is free where its lines lead to each other (strongly
        connected). One that leads both ways makes them so by itself: it is free unless all ways
        between its lines use it, which makes it a bridge among the cells within strong components.
        """
        places = self._hidden_places()
        rising, falling = places[self.can_rise[places]], places[self.can_fall[places]]
        start = np.concatenate([self.arcs[rising, 0], self.arcs[falling, 1]])
        end = np.concatenate([self.arcs[rising, 1], self.arcs[falling, 0]])
        strong = rings.strong_components(np.column_stack([start, end]), len(self.parts))
        # a cell of nobody is no secret
        places = places[self.can_rise[places] | self.can_fall[places]]
        is_within = strong[self.ends[places, 0]] == strong[self.ends[places, 1]]
        within = places[is_within]
        bridges = within[self._bridges(within)]
        fixed = bridges[self.can_rise[bridges] & self.can_fall[bridges]]
        return {int(place) for place in (*places[~is_within], *fixed)}

    def _bridges(self, places: np.ndarray) -> np.ndarray:
        return rings.bridges(self.ends[places], len(self.parts))

    def _hidden_places(self) -> np.ndarray:
        return np.array(sorted(self.hidden), dtype=int)

    def _size(self, place: int) -> tuple[bool, float]:
        return bool(self.cells[place].total_of), self.cells[place].n

    def _cost(self, place: int) -> tuple[bool, bool, float]:
        cell = self.cells[place]
        return bool(cell.total_of), not (cell.can_rise and cell.can_fall), cell.n

    def _direction(self, place: int) -> tuple[int, int]:
        """The lines from which and to which one event more in the cell leads: lines have a sign, by
        which each cell counts up in one and down in the other.
        """
        first, second = self.lines[place]
        is_part = not self._sides(place)[0][1]
        return (first, second) if is_part == (self.signs[first] > 0) else (second, first)

    def _signed(self) -> range:
        """All places, once the signs of the lines are worked out."""
        around: list[list[tuple[int, int]]] = [[] for _ in self.parts]
        for place, (first, second) in enumerate(self.lines):
            (_, one), (_, other) = self._sides(place)
            same = -1 if one == other else 1
            around[first].append((second, same))
            around[second].append((first, same))
        self.signs = [0 for _ in self.parts]
        for root in range(len(self.parts)):
            if self.signs[root]:
                continue
            self.signs[root] = 1
            waiting = [root]
            while waiting:
                line = waiting.pop()
                for neighbour, sign in around[line]:
                    if not self.signs[neighbour]:
                        self.signs[neighbour] = self.signs[line] * sign
                        waiting.append(neighbour)
        return range(len(self.cells))


class _Waiting:
    """Places in an order, of which more and more are hidden."""

    def __init__(self, places: list[int]) -> None:
        self.places, self.passed = places, 0

    def first(self, hidden: Set[int]) -> int | None:
        """The first that is not hidden."""
        while self.passed < len(self.places) and self.places[self.passed] in hidden:
            self.passed += 1
        return self.places[self.passed] if self.passed < len(self.places) else None
