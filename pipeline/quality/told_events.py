"""Which adverse events may be counted beside encounters: those of whole blocks of so many that no
number, and no difference of two, tells the outcome of fewer.

A block is made by the data alone, whatever somebody asks for: what is counted is always a sum over
whole blocks, so what can be worked out from all that is counted is one too.
"""

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from sqlite3 import Connection
from typing import Any

from pipeline.declared.sources import SourceContract
from pipeline.store.sqlite.statements import has_relation

ENCOUNTERS, EVENTS = "encounters", "adverse_events"
KEY = "encounter_id"
#: Source -> rows.
Rows = Mapping[str, list[Mapping[str, Any]]]


class ToldEvents:
    """The blocks, made of pairs of an encounter and what its block is called; `smallest` encounters
    are needed for one. Rows of events that fail a rule of their own, named in `own`, are counted
    for themselves.
    """

    def __init__(
        self,
        blocks: Iterable[tuple[str | None, Hashable]],
        smallest: int,
        own: Iterable[str] = (),
    ) -> None:
        called: dict[str, set[Hashable]] = defaultdict(set)
        for encounter_id, name in blocks:
            if encounter_id is not None:
                called[encounter_id].add(name)
        members: dict[Hashable, set[str]] = defaultdict(set)
        for encounter_id, names in called.items():
            if len(names) == 1:
                members[next(iter(names))].add(encounter_id)
        self._block = {
            encounter_id: block
            for block in members.values()
            if len(block) >= smallest
            for encounter_id in block
        }
        self._own = frozenset(own)

    def counted(self, rows: Rows) -> dict[str, list[Mapping[str, Any]]]:
        """The rows without events of encounters among them that are no whole block."""
        told = self._told(rows)
        inside = {row[KEY] for row in rows.get(ENCOUNTERS, ())}
        events = [
            row
            for row in rows.get(EVENTS, ())
            if row[KEY] in told or row[KEY] not in inside or row.get("_row_id") in self._own
        ]
        return {**rows, **({EVENTS: events} if EVENTS in rows else {})}

    def untold(self, rows: Rows) -> list[Mapping[str, Any]]:
        """The encounters among the rows whose events are not counted, if they have any."""
        told = self._told(rows)
        return [row for row in rows.get(ENCOUNTERS, ()) if row[KEY] not in told]

    def _told(self, rows: Rows) -> set[str]:
        inside = {row[KEY] for row in rows.get(ENCOUNTERS, ())}
        whole: dict[int, bool] = {}
        told = set()
        for encounter_id in inside:
            block = self._block.get(encounter_id)
            if block is not None and whole.setdefault(id(block), block <= inside):
                told.add(encounter_id)
        return told


#: For who tells no numbers: no event is counted beside its encounter.
NO_BLOCKS = ToldEvents((), 1)


def of_waiting(
    connection: Connection, contracts: Mapping[str, SourceContract], smallest: int
) -> ToldEvents:
    """The blocks of encounters that wait: those of one provider that wait for the same rules."""
    if not all(
        source in contracts and has_relation(connection, f"row_verdicts_{source}")
        for source in (ENCOUNTERS, EVENTS)
    ):
        return ToldEvents((), smallest)
    blocks = [
        (encounter_id, (npi, tuple(sorted(_names(failed)))))
        for encounter_id, npi, failed in connection.execute(
            f"select {KEY}, npi, _failed from row_verdicts_{ENCOUNTERS} where _status = 'quarantined'"
        )
    ]
    # to wait for an encounter, or at the gate of a load, is nothing wrong with the event itself
    elsewhere = {
        rule.name
        for rule in contracts[EVENTS].rules
        if rule.parent == ENCOUNTERS or rule.kind == "load_open"
    }
    own = [
        row_id
        for row_id, failed in connection.execute(
            f"select _row_id, _failed from row_verdicts_{EVENTS} where _status = 'quarantined'"
        )
        if _names(failed) - elsewhere
    ]
    return ToldEvents(blocks, smallest, own)


def waiting_uncounted(
    connection: Connection, contracts: Mapping[str, SourceContract], smallest: int
) -> int:
    """How many events that wait are not counted among all rows that wait."""
    if not has_relation(connection, f"row_verdicts_{EVENTS}"):
        return 0
    waiting: dict[str, list[Mapping[str, Any]]] = {ENCOUNTERS: [], EVENTS: []}
    for source, rows in waiting.items():
        if has_relation(connection, f"row_verdicts_{source}"):
            rows += [
                {"_row_id": row_id, KEY: encounter_id}
                for row_id, encounter_id in connection.execute(
                    f"select _row_id, {KEY} from row_verdicts_{source} where _status = 'quarantined'"
                )
            ]
    told = of_waiting(connection, contracts, smallest).counted(waiting)
    return len(waiting[EVENTS]) - len(told[EVENTS])


def _names(failed: str) -> set[str]:
    return {each["name"] for each in json.loads(failed) if each["action"] == "quarantine"}
