"""Why rows wait, by cause: the rows in which a value of one form fails one rule, and the keys that
no row of a parent describes. Rows that wait for nothing but such rows follow them and are no cause;
so do the good rows of a load that waits at the gate because of its bad ones.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any

from pipeline.declared.sources import Rule, SourceContract
from pipeline.quality.suggestions import Suggestion
from pipeline.quality.told_events import NO_BLOCKS, ToldEvents
from pipeline.quality.waiting_rows import Reason, Row, WaitingRows
from pipeline.quality.what_if import Released
from pipeline.store.sqlite.statements import quoted, records


@dataclass(frozen=True)
class Cause:
    """`rows` of `entity` fail `rule`, their cells in its column being of one `form` (None: the rule
    is about the whole row).

    `missing` is the source that does not describe `keys` different keys, where that is the cause.
    `values` counts the cells. `alone` rows of it fail nothing else. `holds_back` is what waits
    because of them, themselves included, and of that `at_gate` rows in which nothing is wrong but
    their load; the `undecided` rows are without a decision that waits for the build.
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
    at_gate: int = 0

    @property
    def cause_id(self) -> str:
        """Its name, the same in each build; tells nothing of the cells."""
        told = "\x1f".join([self.entity, self.rule.name, self.form or "", self.missing or ""])
        return hashlib.sha256(f"{told}\x1f{self.form is None}".encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Causes:
    """The causes, those that hold back most first; of `waiting` rows in all, `undecided` wait for
    a decision and the others for the build.
    """

    causes: tuple[Cause, ...]
    waiting: int
    undecided: int


def causes(
    connection: Connection,
    contracts: Mapping[str, SourceContract],
    suggestions: Sequence[Suggestion] = (),
    decided: Collection[Row] = (),
    waived: Collection[tuple[str, str]] = (),
    told: ToldEvents = NO_BLOCKS,
) -> Causes:
    """Every cause for which rows wait now.

    `suggestions` are the repairs that the data suggests: a child whose parent would have its key
    after one of them waits for that parent. `decided` rows, and those that fail a rule that is
    `waived` (source, rule id), have a decision that no build has applied. Events are counted
    as `told` says. Nothing is written.
    """
    waiting = WaitingRows(connection, contracts, told, suggestions)
    settled = {row for row in decided if row in waiting.cells}
    settled |= {
        row
        for row, reasons in waiting.reasons.items()
        if any((row[0], reason.rule.rule_id) in waived for reason in reasons)
    }
    groups: dict[tuple[str | None, ...], dict[Row, Reason]] = defaultdict(dict)
    for row, reasons in waiting.reasons.items():
        for reason in reasons:
            groups[row[0], reason.rule.name, reason.form, reason.missing][row] = reason
    listed = [_cause(waiting, members, settled) for members in groups.values()]
    listed.sort(key=lambda cause: (-cause.holds_back.rows, cause.entity, cause.rule.rule_id))
    return Causes(tuple(listed), len(waiting.told(waiting.cells)), waiting.undecided(settled))


def _cause(waiting: WaitingRows, members: Mapping[Row, Reason], decided: set[Row]) -> Cause:
    (entity, _), reason = next(iter(members.items()))
    counts = Counter(each.value for each in members.values() if each.value)
    held = waiting.followers(members)
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
        waiting.numbers(held),
        waiting.at_gate(held),
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
