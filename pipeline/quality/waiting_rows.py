"""The rows in quarantine, the reasons of each, and which of them waits for which."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from sqlite3 import Connection
from typing import Any, NamedTuple

from pipeline.declared.sources import Rule, SourceContract
from pipeline.quality.suggestions import Suggestion
from pipeline.quality.told_events import ToldEvents
from pipeline.quality.value_form import value_form
from pipeline.quality.what_if import Free, Released, released
from pipeline.store.sqlite.statements import has_relation, quoted, records

#: A waiting row: its source and its id. The gate of a load stands among them as (GATE, load id).
Row = tuple[str, str]
GATE = "gate"
#: The kind of the rule that holds back a whole load.
GATE_KIND = "load_open"


class Reason(NamedTuple):
    """Why a row waits: a rule, the form and text of its cell, the source that lacks the key."""

    rule: Rule
    form: str | None
    value: str | None
    missing: str | None


class WaitingRows:
    """All rows in quarantine with the reasons of each, and which of them waits for which."""

    def __init__(
        self,
        connection: Connection,
        contracts: Mapping[str, SourceContract],
        told: ToldEvents,
        suggestions: Sequence[Suggestion] = (),
    ) -> None:
        self._events = told
        self._contracts = contracts
        self._rules = {
            name: {rule.name: rule for rule in contract.rules if rule.action == "quarantine"}
            for name, contract in contracts.items()
        }
        self.cells: dict[Row, Mapping[str, Any]] = {}
        for name in contracts:
            if has_relation(connection, f"row_verdicts_{name}"):
                self._read(connection, contracts[name])
        self._suggested = {(each.entity, each.row_id, each.column) for each in suggestions}
        self._keyed = self._by_key(suggestions)
        self.reasons: dict[Row, list[Reason]] = {}
        self.parents: dict[Row, list[frozenset[Row]]] = {}
        self._children: dict[Row, list[Row]] = defaultdict(list)
        for row in self.cells:
            self._place(row)
        self._gates: dict[Row, set[Row]] = defaultdict(set)
        self._close_gates()

    def followers(self, rows: Iterable[Row]) -> set[Row]:
        """The rows, and those that wait for them, down to the last child."""
        held, front = set(rows), list(rows)
        while front:
            for child in self._children[front.pop()]:
                if child not in held:
                    held.add(child)
                    front.append(child)
        return held

    def numbers(self, rows: Iterable[Row]) -> Released:
        """Rows by source, and the dollars of the encounters among them."""
        return released(self._by_source(rows), self._events)

    def told(self, rows: Iterable[Row]) -> list[Row]:
        """Those of the rows that are counted: without events that would tell of few encounters."""
        counted = self._events.counted(self._by_source(rows))
        return [(name, row["_row_id"]) for name, each in counted.items() for row in each]

    def _by_source(self, rows: Iterable[Row]) -> Free:
        free: Free = {name: [] for name in self._contracts}
        for row in rows:
            if row in self.cells:
                free[row[0]].append(self.cells[row])
        return free

    def at_gate(self, rows: Iterable[Row]) -> int:
        """How many of these rows wait for nothing but the gate of their load."""
        return sum(
            any(source == GATE for parents in self.parents.get(row, ()) for source, _ in parents)
            for row in self.told(rows)
        )

    def undecided(self, decided: Collection[Row]) -> int:
        """Rows that are neither decided on nor wait for nothing but such rows."""
        settled, before = set(decided), -1
        while len(settled) > before:  # a gate settles rows that come before those it waits for
            before = len(settled)
            settled |= {gate for gate, rows in self._gates.items() if rows <= settled}
            for row in self.cells:  # parents come before their children
                is_derived = not self.reasons[row] and self.parents[row]
                if is_derived and all(parents <= settled for parents in self.parents[row]):
                    settled.add(row)
        return sum(row not in settled for row in self.told(self.cells))

    def _close_gates(self) -> None:
        """A load waits at the gate because of its bad rows: its other rows wait for these."""
        for row, cells in self.cells.items():
            others = [each for each in self.reasons[row] if each.rule.kind != GATE_KIND]
            if others or self.parents[row]:
                self._gates[GATE, cells["_load_id"]].add(row)
        for row, cells in self.cells.items():
            gate = (GATE, cells["_load_id"])
            others = [each for each in self.reasons[row] if each.rule.kind != GATE_KIND]
            if len(others) == len(self.reasons[row]) or gate not in self._gates:
                continue
            if not others and not self.parents[row]:
                self.parents[row] = [frozenset({gate})]
                self._children[gate].append(row)
            self.reasons[row] = others
        for gate, rows in self._gates.items():
            if gate in self._children:
                for row in rows:
                    self._children[row].append(gate)

    def _read(self, connection: Connection, contract: SourceContract) -> None:
        names = ", ".join(quoted(name) for name in contract.mapped)
        for cells in records(
            connection,
            f"select _row_id, _failed, _source_file, _load_id, {names} from row_verdicts_{contract.entity} "
            "where _status = 'quarantined' order by _load_seq, _source_row_number, _position",
        ):
            self.cells[contract.entity, cells["_row_id"]] = cells

    def _by_key(
        self, suggestions: Iterable[Suggestion]
    ) -> dict[tuple[str, str], dict[str | None, set[Row]]]:
        """(source, field) -> value -> the waiting rows that have it, or would with what is
        suggested.
        """
        fields = {
            (rule.parent, rule.arguments["field"])
            for rules in self._rules.values()
            for rule in rules.values()
            if rule.parent
        }
        index: dict[tuple[str, str], dict[str | None, set[Row]]] = {
            each: defaultdict(set) for each in fields
        }
        for row, cells in self.cells.items():
            for source, name in fields:
                if source == row[0] and cells[name]:
                    index[source, name][cells[name]].add(row)
        for each in suggestions:
            row = (each.entity, each.row_id)
            if (each.entity, each.column) in fields and row in self.cells:
                index[each.entity, each.column][each.new].add(row)
        return index

    def _place(self, row: Row) -> None:
        """Tell the reasons of a row apart from the parents that it waits for."""
        reasons: list[Reason] = []
        parents: list[frozenset[Row]] = []
        cells = self.cells[row]
        for failure in _failures(cells["_failed"]):
            rule = self._rules[row[0]].get(failure["name"])
            if rule is None:
                continue
            value = cells[rule.column] if rule.column else None
            form = value_form(value) if rule.column else None
            missing = None
            if rule.parent and rule.column:
                waiting = self._keyed[rule.parent, rule.arguments["field"]].get(value, set())
                if waiting - {row}:
                    parents.append(frozenset(waiting - {row}))
                    continue
                if (*row, rule.column) not in self._suggested:
                    missing, form = rule.parent, None
            reasons.append(Reason(rule, form, value, missing))
        self.reasons[row], self.parents[row] = reasons, parents
        for parent in set().union(*parents):
            self._children[parent].append(row)


@lru_cache(maxsize=1024)
def _failures(text: str) -> tuple[dict[str, Any], ...]:
    """Rows that fail alike say so in the same words."""
    return tuple(json.loads(text))
