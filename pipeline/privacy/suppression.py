"""Which cells of a table stay hidden so that no small one can be worked out from those that are
shown.

A cell is a count and stands in two lines: the lines that it is a part of, or the line whose total
it is. A provider at a procedure is a part of the line of the provider and of the line of the
procedure; the total of a provider is the total of its own line and a part of the line of all
providers. Hiding a small cell alone hides nothing: the rest of its line and the total give it back.
So more cells are hidden (complementary suppression) until

- each line with a hidden part hides at least two cells, and if its total is shown at least `least`
  in sum, and
- each hidden cell is on a ring of hidden cells, for on a ring values can move without any shown
  number changing. A hidden
  cell on no ring (a bridge, if cells are edges between lines) is what the equations of its lines
  leave no choice about.

- each hidden cell can be another number: events are neither negative nor more than encounters, so
  on some ring those that would have to fall are above 0 and those that would have to rise below n.

The smallest cells are hidden first, totals only where no part is left.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any

Line = Hashable
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Cell:
    """One count `n`; `parts_of` are the lines it is added up in, `total_of` those whose total it is
    (two lines in all).
    """

    key: Key
    n: float
    parts_of: tuple[Line, ...]
    total_of: tuple[Line, ...] = ()
    events: float | None = None

    @property
    def can_rise(self) -> bool:
        """Whether more of the `n` may have had an event than had; true where that is not known."""
        return self.events is None or self.events < self.n

    @property
    def can_fall(self) -> bool:
        """Whether fewer may have had one."""
        return self.events is None or self.events > 0

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
            if cell.n < least or cell.key in hidden_before
        ]
    )
    while table.close_bridge() or table.free_fixed():
        pass
    return {table.cells[place].key for place in table.hidden}


class _Table:
    def __init__(self, cells: list[Cell], least: int) -> None:
        self.cells, self.least = cells, least
        self.parts: dict[Line, list[int]] = defaultdict(list)
        self.total: dict[Line, int] = {}
        for place in sorted(range(len(cells)), key=lambda place: cells[place].n):
            for line in cells[place].parts_of:
                self.parts[line].append(place)
            for line in cells[place].total_of:
                self.total[line] = place
        self.hidden: set[int] = set()
        self.unclosable: set[int] = set()
        self.unfreeable: set[int] = set()
        self.signs = self._signs()
        self.hidden_parts: dict[Line, int] = defaultdict(int)
        self.hidden_sum: dict[Line, float] = defaultdict(float)
        self.seen: dict[Line, int] = defaultdict(int)

    def hide(self, places: Iterable[int]) -> None:
        """Hide cells, and what the first of the two conditions asks for."""
        waiting: deque[Line] = deque()
        for place in places:
            waiting.extend(self._hide(place))
        while waiting:
            line = waiting.popleft()
            while (missing := self._missing(line)) is not None:
                waiting.extend(self._hide(missing))

    def _hide(self, place: int) -> tuple[Line, ...]:
        cell = self.cells[place]
        if place not in self.hidden:
            self.hidden.add(place)
            for line in cell.parts_of:
                self.hidden_parts[line] += 1
                self.hidden_sum[line] += cell.n
        return cell.lines

    def _missing(self, line: Line) -> int | None:
        """The next cell to hide in a line, None when the line is safe."""
        parts, total, hidden = self.parts[line], self.total.get(line), self.hidden_parts[line]
        if (
            total in self.hidden
            and (hidden or not parts)
            or total not in self.hidden
            and not hidden
        ):
            return None
        if total not in self.hidden and hidden >= 2 and self.hidden_sum[line] >= self.least:
            return None
        while self.seen[line] < len(parts) and parts[self.seen[line]] in self.hidden:
            self.seen[line] += 1
        return parts[self.seen[line]] if self.seen[line] < len(parts) else total

    def close_bridge(self) -> bool:
        """Put the first bridge on a ring by hiding the smallest cell that leads around it; False
        when there is none.
        """
        around = defaultdict(list)
        for place in self.hidden:
            first, second = self.cells[place].lines
            around[first].append((second, place))
            around[second].append((first, place))
        for bridge in sorted(_bridges(around) - self.unclosable):
            side = _reached(around, self.cells[bridge].lines[0], bridge)
            out = [
                place
                for place, cell in enumerate(self.cells)
                if place not in self.hidden and (cell.lines[0] in side) != (cell.lines[1] in side)
            ]
            if out:
                self.hide(
                    [
                        min(
                            out,
                            key=lambda place: (
                                bool(self.cells[place].total_of),
                                self.cells[place].n,
                            ),
                        )
                    ]
                )
                return True
            self.unclosable.add(bridge)
        return False

    def free_fixed(self) -> bool:
        """Hide the smallest cell beside the first hidden one that can be no other number; False
        when there is none, or nothing is left to hide beside it.
        """
        steps = self._steps()
        for place in sorted(self.hidden - self.unfreeable):
            if not self.cells[place].n or self._is_free(place, steps):
                continue
            beside = [
                each
                for line in self.cells[place].lines
                for each in (*self.parts[line], *([self.total[line]] if line in self.total else ()))
                if each not in self.hidden
            ]
            if beside:
                self.hide([min(beside, key=self._cost)])
                return True
            self.unfreeable.add(place)
        return False

    def _cost(self, place: int) -> tuple[bool, bool, float]:
        cell = self.cells[place]
        return bool(cell.total_of), not (cell.can_rise and cell.can_fall), cell.n

    def _steps(self) -> dict[Line, list[tuple[Line, int]]]:
        """From each line the lines that are reached by changing one hidden cell by one event: more
        here is less there. Lines have a sign, by which each cell counts up in one and down in the
        other.
        """
        steps: dict[Line, list[tuple[Line, int]]] = defaultdict(list)
        for place in self.hidden:
            up, down = self._direction(place)
            if self.cells[place].can_rise:
                steps[up].append((down, place))
            if self.cells[place].can_fall:
                steps[down].append((up, place))
        return steps

    def _direction(self, place: int) -> tuple[Line, Line]:
        cell = self.cells[place]
        first, second = cell.lines
        counts_up = (first in cell.parts_of) == (self.signs[first] > 0)
        return (first, second) if counts_up else (second, first)

    def _is_free(self, place: int, steps: dict[Line, list[tuple[Line, int]]]) -> bool:
        """Whether other hidden cells can make up for one event more, or less, in a cell."""
        up, down = self._direction(place)
        cell = self.cells[place]
        return (cell.can_rise and _leads(steps, down, up, place)) or (
            cell.can_fall and _leads(steps, up, down, place)
        )

    def _signs(self) -> dict[Line, int]:
        around: dict[Line, list[tuple[Line, int]]] = defaultdict(list)
        for cell in self.cells:
            first, second = cell.lines
            same = (first in cell.parts_of) != (second in cell.parts_of)
            around[first].append((second, 1 if same else -1))
            around[second].append((first, 1 if same else -1))
        signs: dict[Line, int] = {}
        for root in list(around):
            waiting = [root] if signs.setdefault(root, 1) else []
            while waiting:
                line = waiting.pop()
                for other, sign in around[line]:
                    if other not in signs:
                        signs[other] = signs[line] * sign
                        waiting.append(other)
        return signs


def _leads(steps: dict[Line, list[tuple[Line, int]]], start: Line, end: Line, without: int) -> bool:
    seen, waiting = {start}, deque([start])
    while waiting:
        for line, place in steps.get(waiting.popleft(), ()):
            if place == without or line in seen:
                continue
            if line == end:
                return True
            seen.add(line)
            waiting.append(line)
    return False


def _reached(around: dict[Line, list[tuple[Line, int]]], start: Line, without: int) -> set[Line]:
    reached, waiting = {start}, [start]
    while waiting:
        for line, place in around[waiting.pop()]:
            if place != without and line not in reached:
                reached.add(line)
                waiting.append(line)
    return reached


def _bridges(around: dict[Line, list[tuple[Line, int]]]) -> set[int]:
    """Cells (edges) whose removal parts their two lines: Tarjan's low links, without recursion."""
    order: dict[Line, int] = {}
    low: dict[Line, int] = {}
    bridges: set[int] = set()
    for root in list(around):
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack: list[tuple[Line, int | None, Iterator[tuple[Line, int]]]] = [
            (root, None, iter(around[root]))
        ]
        while stack:
            line, came_by, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    low[above] = min(low[above], low[line])
                    if came_by is not None and low[line] > order[above]:
                        bridges.add(came_by)
            elif step[1] != came_by:
                if step[0] in order:
                    low[line] = min(low[line], order[step[0]])
                else:
                    order[step[0]] = low[step[0]] = len(order)
                    stack.append((step[0], step[1], iter(around[step[0]])))
    return bridges
