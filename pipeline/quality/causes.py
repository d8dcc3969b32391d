"""Why rows wait, by cause: the rows in which a value of one form fails one rule, and the keys that
no row of a parent describes. Rows that wait for nothing but such rows follow them and are no cause.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from sqlite3 import Connection
from typing import Any, NamedTuple

from pipeline.declared.sources import Rule, SourceContract
from pipeline.quality.suggestions import Suggestion
from pipeline.quality.value_form import value_form
from pipeline.quality.what_if import Free, Released, released
from pipeline.store.sqlite.statements import has_relation, quoted, records

#: A waiting row: its source and its id.
Row = tuple[str, str]


@dataclass(frozen=True)
class Cause:
    """`rows` of `entity` fail `rule`, their cells in its column being of one `form` (None: the rule
    is about the whole row).

    `missing` is the source that does not describe `keys` different keys, where that is the cause.
    `values` counts the cells. `alone` rows of it fail nothing else. `holds_back` is what waits
    because of them, themselves included; the `undecided` rows are without a decision that waits
    for the build.
    """

    entity: str
    rule: Rule
    rows: tuple[str, ...] = field(hash=False)
    form: str | None = None
    missing: str | None = None
    keys: int = 0
    values: tuple[tuple[str, int], ...] = field(default=(), hash=False)
    files: tuple[str, ...] = ()
    alone: int = 0
    undecided: tuple[str, ...] = field(default=(), hash=False)
    holds_back: Released = Released()


@dataclass(frozen=True)
class Causes:
    """The causes, those that hold back most first; of `waiting` rows in all, `undecided` wait for
    a decision and the others for the build.
    """

    causes: tuple[Cause, ...]
    waiting: int
    undecided: int


class _Reason(NamedTuple):
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
        suggestions: Sequence[Suggestion] = (),
    ) -> None:
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
        self.reasons: dict[Row, list[_Reason]] = {}
        self.parents: dict[Row, list[frozenset[Row]]] = {}
        self._children: dict[Row, list[Row]] = defaultdict(list)
        for row in self.cells:
            self._place(row)

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
        free: Free = {name: [] for name in self._contracts}
        for row in rows:
            free[row[0]].append(self.cells[row])
        return released(free)

    def undecided(self, decided: Collection[Row]) -> int:
        """Rows that are neither decided on nor wait for nothing but such rows."""
        settled = set(decided)
        for row in self.cells:  # parents come before their children
            is_derived = not self.reasons[row] and self.parents[row]
            if is_derived and all(parents <= settled for parents in self.parents[row]):
                settled.add(row)
        return sum(row not in settled for row in self.cells)

    def _read(self, connection: Connection, contract: SourceContract) -> None:
        names = ", ".join(quoted(name) for name in contract.mapped)
        for cells in records(
            connection,
            f"select _row_id, _failed, _source_file, {names} from row_verdicts_{contract.entity} "
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
        reasons: list[_Reason] = []
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
            reasons.append(_Reason(rule, form, value, missing))
        self.reasons[row], self.parents[row] = reasons, parents
        for parent in set().union(*parents):
            self._children[parent].append(row)


def causes(
    connection: Connection,
    contracts: Mapping[str, SourceContract],
    suggestions: Sequence[Suggestion] = (),
    decided: Collection[Row] = (),
    waived: Collection[tuple[str, str]] = (),
) -> Causes:
    """Every cause for which rows wait now.

    `suggestions` are the repairs that the data suggests: a child whose parent would have its key
    after one of them waits for that parent. `decided` rows, and those that fail a rule that is
    `waived` (source, rule id), have a decision that no build has applied. Nothing is written.
    """
    waiting = WaitingRows(connection, contracts, suggestions)
    settled = {row for row in decided if row in waiting.cells}
    settled |= {
        row
        for row, reasons in waiting.reasons.items()
        if any((row[0], reason.rule.rule_id) in waived for reason in reasons)
    }
    groups: dict[tuple[str | None, ...], dict[Row, _Reason]] = defaultdict(dict)
    for row, reasons in waiting.reasons.items():
        for reason in reasons:
            groups[row[0], reason.rule.name, reason.form, reason.missing][row] = reason
    listed = [_cause(waiting, members, settled) for members in groups.values()]
    listed.sort(key=lambda cause: (-cause.holds_back.rows, cause.entity, cause.rule.rule_id))
    return Causes(tuple(listed), len(waiting.cells), waiting.undecided(settled))


@lru_cache(maxsize=1024)
def _failures(text: str) -> tuple[dict[str, Any], ...]:
    """Rows that fail alike say so in the same words."""
    return tuple(json.loads(text))


def _cause(waiting: WaitingRows, members: Mapping[Row, _Reason], decided: set[Row]) -> Cause:
    (entity, _), reason = next(iter(members.items()))
    counts = Counter(each.value for each in members.values() if each.value)
    return Cause(
        entity,
        reason.rule,
        tuple(row_id for _, row_id in members),
        reason.form,
        reason.missing,
        len(counts) if reason.missing else 0,
        tuple(counts.most_common()),
        tuple(dict.fromkeys(str(waiting.cells[row]["_source_file"]) for row in members)),
        sum(len(waiting.reasons[row]) == 1 and not waiting.parents[row] for row in members),
        tuple(row[1] for row in members if row not in decided),
        waiting.numbers(waiting.followers(members)),
    )


def passing_without(
    connection: Connection, contract: SourceContract, rule_id: str, row_ids: Sequence[str]
) -> tuple[dict[str, Mapping[str, Any]], Counter[str], int]:
    """What a waiver of a rule leaves of rows that wait: those that then pass (row id -> mapped
    values), how many stay for which other rule, and how many silver could not hold without it.

    Of several versions of a key the last one alone is promoted.
    """
    passing: dict[tuple[Any, ...], tuple[str, Mapping[str, Any]]] = {}
    staying: Counter[str] = Counter()
    firm = 0
    for cells in _rows(connection, contract, row_ids):
        failures = [each for each in json.loads(cells["_failed"]) if each["action"] == "quarantine"]
        others = {each["rule"] for each in failures} - {rule_id}
        if any(each.get("firm") and each["rule"] == rule_id for each in failures):
            firm += 1
        elif others:
            staying.update(others)
        else:
            key = tuple(cells[name] for name in contract.key)
            passing[key] = cells["_row_id"], cells
    return dict(passing.values()), staying, firm


def _rows(
    connection: Connection, contract: SourceContract, row_ids: Sequence[str]
) -> Iterator[dict[str, Any]]:
    names = ", ".join(quoted(name) for name in contract.mapped)
    yield from records(
        connection,
        f"select _row_id, _failed, {names} from row_verdicts_{contract.entity} where "
        "_status = 'quarantined' and _row_id in (select value from json_each(?)) "
        "order by _load_seq, _source_row_number, _position",
        (json.dumps(list(row_ids)),),
    )
