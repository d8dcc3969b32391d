"""Rows that wait, each with every reason and what it holds back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any

from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.quality.held_back import HoldsBack, WaitingRows
from pipeline.store.sqlite.statements import has_relation, quoted, records


@dataclass(frozen=True)
class OpenRow:
    """One quarantined row: rule ids (the first is the primary one), key columns, and the line of
    the file it came on.
    """

    entity: str
    row_id: str
    rules: tuple[str, ...]
    key: dict[str, Any] = field(hash=False)
    source_file: str
    source_row_number: int
    load_id: str
    first_seen_at: str | None
    builds_open: int
    holds_back: HoldsBack


def open_rows(
    connection: Connection,
    contracts: Iterable[SourceContract],
    first_seen: Mapping[tuple[str, str], dict[str, Any]],
    suggested_npis: Mapping[str, str],
    rule_id: str | None = None,
) -> list[OpenRow]:
    """All open rows of the sources, of one rule when given.

    `seen` maps (entity, row id) to first_seen_at and builds_open; `suggested_npis` maps a provider
    row without an NPI to the NPI that its encounters use, so that what it holds back can be told.
    """
    waiting = WaitingRows(connection, load_contracts())
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
                    waiting.held_back_by(
                        (contract.entity, row["_row_id"]),
                        {"npi": suggested_npis.get(row["_row_id"])},
                    ),
                )
            )
    return rows
