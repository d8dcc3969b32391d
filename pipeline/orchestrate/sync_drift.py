"""How what a connector brought differs from the load of its source before: columns that are new,
gone or named otherwise, and columns whose cells are filled or written otherwise.
"""

import json
from collections.abc import Iterator
from sqlite3 import Connection
from typing import Any

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.store.warehouse import load_profile, loads
from pipeline.store.warehouse.load_profile import ColumnProfile


def drift_of(connection: Connection, settings: Settings, load_id: str) -> list[str]:
    """What changed, a sentence each, without any value; none for the first load of a source. Fill
    and kind are compared where both loads have rows enough to tell (setting `drift_min_entities`).
    """
    load = loads.get(connection, load_id)
    before = load_profile.load_before(connection, load_id)
    if before is None or not load["header"]:
        return []
    return [
        *_of_headers(json.loads(before["header"]), json.loads(load["header"])),
        *_of_cells(settings, _profile(connection, before), _profile(connection, load)),
    ]


def _of_headers(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    names = {column: name for name, column in before["renamed"].items()}
    for column in sorted(set(now["missing"]) & set(before["matched"])):
        yield f"column {column} is gone"
    for column in sorted(set(now["matched"]) & set(before["missing"])):
        yield f"column {column} has come"
    for name in sorted(set(now["extra"]) - set(before["extra"])):
        yield f"column {name} is new; it is kept beside the row"
    for name in sorted(set(before["extra"]) - set(now["extra"])):
        yield f"column {name}, which no contract knows, is gone"
    renamed = {column: name for name, column in now["renamed"].items()}
    for column in sorted(set(now["matched"]) & set(before["matched"])):
        was, is_now = names.get(column, column), renamed.get(column, column)
        if was != is_now:
            yield f"column {column} is named {is_now}, before {was}"


def _profile(connection: Connection, load: dict[str, Any]) -> dict[str, ColumnProfile]:
    contract = load_contracts()[load["entity"]]
    matched = set(json.loads(load["header"])["matched"])
    columns = [column for column in contract.delivered if column in matched]
    rows = (load["first_row"], load["last_row"])
    return load_profile.profile(connection, contract.raw_table, columns, rows)


def _of_cells(
    settings: Settings, before: dict[str, ColumnProfile], now: dict[str, ColumnProfile]
) -> Iterator[str]:
    for column in sorted(before.keys() & now.keys()):
        was, is_now = before[column], now[column]
        if min(was.rows, is_now.rows) < settings.drift_min_entities:
            continue
        assert was.fill is not None and is_now.fill is not None
        if abs(was.fill - is_now.fill) > settings.drift_missing:
            yield f"column {column} is filled to {is_now.fill:.0%}, before {was.fill:.0%}"
        if was.kind and is_now.kind and was.kind != is_now.kind:
            yield f"column {column} holds {is_now.kind}, before {was.kind}"
