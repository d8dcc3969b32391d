"""Find what makes a step fail by trying it without: first without loads and decisions, then without
lines, then with another value in one cell. No message is read and no kind of fault is known here.

What is to blame is the smallest part whose absence makes the step pass. Parts are put in a row and
the shortest beginning is searched without which it passes; its last part is needed. So n parts take
log2(n) trials. A row waits for its parents, so a step also passes without a blameless parent: the
search begins once at the children and once at the parents, and believes the load of which one cell
that ties no rows together decides.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.declared.sources import SourceContract
from pipeline.orchestrate.failure_cause import FailureCause
from pipeline.store.warehouse.suspects import Cell, Change, Suspect


class OutOfTime(Exception):
    """There is no time for another trial; the text says why."""


class Warehouse(Protocol):
    """What the search may do with a warehouse; nothing it tries stays."""

    def fails(self, change: Change, anew: bool) -> bool:
        """Whether the step fails after a change; `anew` maps every row again. Raises OutOfTime."""

    def lines_of(self, load: Suspect) -> list[int]:
        """The lines of a load that are rows, last first."""

    def place_of(self, decision: Suspect) -> tuple[str, str, int] | None:
        """Load, file and line of the row of a decision."""

    def usual_value(self, load: Suspect, line: int, column: str) -> str | None:
        """The commonest other value of a column."""


def search(
    warehouse: Warehouse,
    suspects: Sequence[Suspect],
    contracts: Mapping[str, SourceContract],
    cause: FailureCause,
) -> FailureCause:
    """The cause of a failure as far as time allows; `suspects` are all loads and decisions in
    force, newest first, `contracts` the sources, parents before children.
    """
    loads = [one for one in suspects if one.kind == "load"]
    first = tuple(sorted(one.name for one in loads if one.is_new) or (one.name for one in loads))
    trial = _Search(warehouse, contracts, replace(cause, suspects=first))
    try:
        trial.run(list(suspects))
    except OutOfTime as out:
        trial.cause = replace(trial.cause, note=str(out))
    return trial.cause


def shortest(count: int, passes_without: Callable[[int], bool]) -> int:
    """The smallest n from 1 to `count` so that it passes without the first n; without all of them
    it does.
    """
    low, high = 1, count
    while low < high:
        middle = (low + high) // 2
        if passes_without(middle):
            high = middle
        else:
            low = middle + 1
    return low


class _Search:
    """One search; `cause` is what is known so far."""

    def __init__(
        self, warehouse: Warehouse, contracts: Mapping[str, SourceContract], cause: FailureCause
    ) -> None:
        self._warehouse = warehouse
        self._contracts = contracts
        self.cause = cause

    def run(self, suspects: list[Suspect]) -> None:
        """Narrow the suspects down to one cell."""
        if not self._fails(Change()):
            self.cause = replace(self.cause, verdict="passing", suspects=())
            return
        if self._fails(_without(suspects)):
            self.cause = replace(self.cause, verdict="project", suspects=())
            return
        places = list(self._contracts)
        by_children = self._needed(
            sorted(suspects, key=lambda one: _rank(one, -places.index(one.entity)))
        )
        self._blame(by_children)
        if by_children[0].kind == "decision" or self._is_decided(by_children):
            return
        first = self.cause
        by_parents = self._needed(
            sorted(suspects, key=lambda one: _rank(one, places.index(one.entity)))
        )
        if set(by_parents) != set(by_children):
            self._blame(by_parents)
            if not self._is_decided(by_parents):
                self.cause = first

    def _needed(self, ordered: list[Suspect]) -> list[Suspect]:
        """A smallest set of suspects without which the step passes; the first one is that which
        the order asks for first.
        """
        needed: list[Suspect] = []
        rest = ordered
        while not needed or (rest and self._fails(_without(needed))):
            last = self._shortest_beginning(needed, rest)
            needed, rest = [*needed, rest[last - 1]], rest[: last - 1]
        return needed

    def _shortest_beginning(self, needed: list[Suspect], rest: list[Suspect]) -> int:
        return shortest(len(rest), lambda n: not self._fails(_without([*needed, *rest[:n]])))

    def _blame(self, needed: list[Suspect]) -> None:
        """What is known once the loads or the decision are."""
        culprit = needed[0]
        decided = [one.name for one in needed if one.kind == "decision"]
        bare = FailureCause(
            self.cause.node,
            loads=tuple(sorted(one.name for one in needed if one.kind == "load")),
            decision_id=decided[0] if decided else None,
        )
        if culprit.kind == "load":
            self.cause = replace(bare, verdict="load", source_file=culprit.source_file)
            return
        place = self._warehouse.place_of(culprit)
        self.cause = replace(bare, verdict="decision", column=culprit.column)
        if place:
            load_id, source_file, line = place
            self.cause = replace(self.cause, loads=(load_id,), source_file=source_file, line=line)

    def _is_decided(self, needed: list[Suspect]) -> bool:
        """Find line and column in the load of the first suspect; whether the column is one that
        ties no rows together.
        """
        load, others = needed[0], frozenset(one.name for one in needed[1:])
        lines = self._warehouse.lines_of(load) if load.kind == "load" else []
        if not lines:
            return False

        def passes_without(first: int, last: int) -> bool:
            gone = (load.table, load.name, min(first, last), max(first, last))
            return not self._fails(Change(others, lines=gone), load)

        line = lines[shortest(len(lines), lambda n: passes_without(lines[0], lines[n - 1])) - 1]
        is_last = line == lines[0]
        self.cause = replace(self.cause, line=line)
        later = None
        if not is_last and not passes_without(line, line):
            later = (load.table, load.name, line + 1, lines[0])
            self.cause = replace(self.cause, more_lines=True)
        for column, value, is_free in self._attempts(load, line):
            cell = Cell(load.table, load.name, line, column, value)
            if not self._fails(Change(others, lines=later, cell=cell), load):
                self.cause = replace(self.cause, column=column)
                return is_free
        return False

    def _attempts(self, load: Suspect, line: int) -> Iterator[tuple[str, str | None, bool]]:
        """Columns and other values for them, in the order in which they tell most: a usual value
        keeps the row as it was but for the cell, an empty cell may hold it back.
        """
        contract = self._contracts[load.entity]
        ties = {*contract.key, *contract.parents}
        columns = [(each.name, each.delivered) for each in contract.columns if each.delivered]
        free = [delivered for name, delivered in columns if name not in ties]
        links = [delivered for name, delivered in columns if name in contract.parents]
        key = [delivered for name, delivered in columns if name in ties and delivered not in links]
        for name in (*free, *links, *key):
            value = self._warehouse.usual_value(load, line, name)
            if value is not None:
                yield name, value, name in free
        for name in (*key, *links, *free):
            yield name, None, False

    def _fails(self, change: Change, load: Suspect | None = None) -> bool:
        is_judged = load is not None and not load.is_new
        return self._warehouse.fails(change, anew=change.changes_rows and is_judged)


def _without(suspects: Sequence[Suspect]) -> Change:
    return Change(frozenset(one.name for one in suspects))


def _rank(suspect: Suspect, place: int) -> tuple[bool, int, bool]:
    """Decisions first; within a source what is new, then the newest, which came first."""
    return suspect.kind == "load", place, not suspect.is_new
