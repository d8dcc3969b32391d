"""Rows that wait, each with every reason and what it holds back."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection

from pipeline.declared.sources import SourceContract
from pipeline.store.sqlite.statements import has_relation, quoted, records


@dataclass(frozen=True)
class HoldsBack:
    """What stays out of silver because of one row, itself included; dollars are those of the
    encounters.
    """

    encounters: int = 0
    paid_amount_usd: float = 0.0
    adverse_events: int = 0
    referrals: int = 0


@dataclass(frozen=True)
class OpenRow:
    """One quarantined row: rule ids (the first is the primary one), key columns, and the line of
    the file it came on.
    """

    entity: str
    row_id: str
    rules: tuple[str, ...]
    key: dict = field(hash=False)
    source_file: str
    source_row_number: int
    load_id: str
    first_seen_at: str | None
    builds_open: int
    holds_back: HoldsBack


#: Column -> its value -> what quarantined encounters with that value hold back.
Blocked = dict[str, dict[str, HoldsBack]]


def open_rows(
    connection: Connection,
    contracts: Iterable[SourceContract],
    first_seen: Mapping[tuple[str, str], dict],
    suggested_npis: Mapping[str, str],
    rule_id: str | None = None,
) -> list[OpenRow]:
    """All open rows of the sources, of one rule when given.

    `seen` maps (entity, row id) to first_seen_at and builds_open; `suggested_npis` maps a provider
    row without an NPI to the NPI that its encounters use, so that what it holds back can be told.
    """
    blocked = _blocked(connection)
    rows = []
    for contract in contracts:
        table = f"quarantine_{contract.entity}"
        if not has_relation(connection, table):
            continue
        keys = ", ".join(quoted(column) for column in contract.key)
        for row in records(
            connection,
            f"select _row_id, _load_id, _source_file, _source_row_number, rules, {keys} from {table} "
            "order by _load_id, _source_row_number, _row_id",
        ):
            rules = tuple(json.loads(row["rules"]))
            if rule_id is not None and rule_id not in rules:
                continue
            history = first_seen.get((contract.entity, row["_row_id"]), {})
            key = {column: row[column] for column in contract.key}
            rows.append(
                OpenRow(
                    contract.entity,
                    row["_row_id"],
                    rules,
                    key,
                    row["_source_file"],
                    row["_source_row_number"],
                    row["_load_id"],
                    history.get("first_seen_at"),
                    history.get("builds_open", 0),
                    _held_back_by(contract.entity, row["_row_id"], key, blocked, suggested_npis),
                )
            )
    return rows


def _blocked(connection: Connection) -> Blocked:
    by: Blocked = {"encounter_id": {}, "npi": {}, "patient_id": {}}
    if not has_relation(connection, "quarantine_encounters"):
        return by
    events = Counter()
    if has_relation(connection, "quarantine_adverse_events"):
        events.update(
            encounter_id
            for (encounter_id,) in connection.execute(
                "select encounter_id from quarantine_adverse_events"
            )
        )
    for encounter_id, npi, patient_id, paid in connection.execute(
        "select encounter_id, npi, patient_id, case when paid_amount_usd glob '*[0-9]*' "
        "then cast(paid_amount_usd as real) else 0.0 end from quarantine_encounters"
    ):
        for column, value in (
            ("encounter_id", encounter_id),
            ("npi", npi),
            ("patient_id", patient_id),
        ):
            before = by[column].get(value, HoldsBack())
            by[column][value] = HoldsBack(
                before.encounters + 1,
                round(before.paid_amount_usd + paid, 2),
                before.adverse_events + events.get(encounter_id, 0),
            )
    return by


def _held_back_by(
    entity: str, row_id: str, key: dict, blocked: Blocked, suggested_npis: Mapping[str, str]
) -> HoldsBack:
    if entity == "providers":
        return blocked["npi"].get(key["npi"] or suggested_npis.get(row_id), HoldsBack())
    if entity == "patients":
        return blocked["patient_id"].get(key["patient_id"], HoldsBack())
    if entity == "encounters":
        return blocked["encounter_id"].get(key["encounter_id"], HoldsBack(encounters=1))
    if entity == "adverse_events":
        return HoldsBack(adverse_events=1)
    if entity == "referrals":
        return HoldsBack(referrals=1)
    return HoldsBack()
