"""Follow a row of gold or silver back to the lines of the files that it came from."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts, source_names
from pipeline.errors import InputRefused
from pipeline.store.sqlite.database import Database, open_warehouse
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import lineage, load_origins

#: Raw rows shown a table; the step of the table tells how many there are.
RAW_ROWS_SHOWN = 100
IDENTIFIERS = ("referral_id", "encounter_id", "npi", "patient_id", "employer_id", "cpt")


@dataclass(frozen=True)
class TraceStep:
    """One step down: a table, the key there, what it says; file and physical line (header = 1)
    where it ends.
    """

    table: str
    key: str
    detail: str
    source_file: str | None = None
    source_row_number: int | None = None


def trace(settings: Settings, table: str, key: str) -> tuple[TraceStep, ...]:
    """From a row of `table` to file and line. `key` is a value, values joined by `|`, or
    `column=value,column=value`.

    Raises InputRefused when there is no such table or no row with that key.
    """
    with open_warehouse(settings) as connection:
        columns = lineage.column_names(connection, table)
        if not columns:
            raise InputRefused("there is no such table", table, "see: status")
        return _steps(
            settings, connection, table, columns, _key_columns(connection, table, columns, key)
        )


def trace_row(
    settings: Settings, table: str, key: dict[str, str], row: Mapping[str, object]
) -> tuple[TraceStep, ...]:
    """The same for one row that has been read: its key, and its cells by column; empty without a
    key.
    """
    if not key:
        return ()
    with open_warehouse(settings) as connection:
        first = TraceStep(table, _text(key), "1 row")
        if set(lineage.ROW_LINEAGE) <= set(row):
            return (first, *_raw_steps(connection, table, [row]))
        held = {
            name: str(row[name]) for name in IDENTIFIERS if name in row and row[name] is not None
        }
        return (first, *_silver_steps(settings, connection, table, held | key, key))


def _steps(
    settings: Settings, connection: Database, table: str, columns: list[str], origin: dict[str, str]
) -> tuple[TraceStep, ...]:
    rows = lineage.count_matching(connection, table, origin)
    first = TraceStep(table, _text(origin), f"{rows:,} row{'s' if rows != 1 else ''}")
    if set(lineage.ROW_LINEAGE) <= set(columns):
        return (
            first,
            *_raw_steps(
                connection, table, lineage.lineage_of(connection, table, origin, RAW_ROWS_SHOWN)
            ),
        )
    held = (
        lineage.identifiers_of(
            connection, table, origin, [column for column in IDENTIFIERS if column in columns]
        )
        | origin
    )
    return (first, *_silver_steps(settings, connection, table, held, origin))


def _silver_steps(
    settings: Settings,
    connection: Database,
    table: str,
    held: dict[str, str],
    origin: dict[str, str],
) -> list[TraceStep]:
    """The rows of silver that went into a row with the identifiers `held`, each with its delivered
    lines.
    """
    steps = []
    for silver, silver_key in _silver_keys(
        connection, held, origin, _silver_above(settings, connection, table)
    ).items():
        count = lineage.count_matching(connection, silver, silver_key)
        if count:
            steps.append(
                TraceStep(
                    silver,
                    _text(silver_key),
                    f"{count:,} row{'s' if count != 1 else ''} went into it",
                )
            )
            steps += _raw_steps(
                connection,
                silver,
                lineage.lineage_of(connection, silver, silver_key, RAW_ROWS_SHOWN),
            )
    return steps


def _key_columns(connection: Database, table: str, columns: list[str], key: str) -> dict[str, str]:
    """Which columns a typed key means: named ones, the first column that holds the value, or the
    first of several.
    """
    named = dict(part.split("=", 1) for part in key.split(",")) if "=" in key.rstrip("=") else {}
    if named and set(named) <= set(columns):
        tried = [named]
    else:
        parts = key.split("|")
        key_columns = [
            column
            for column in columns
            if column in IDENTIFIERS or column.endswith("_id") and not column.startswith("_")
        ]
        ordered = key_columns + [column for column in columns if column not in key_columns]
        tried = [{column: key} for column in ordered]
        if len(parts) > 1:
            tried += [
                dict(zip(key_columns, parts, strict=False)),
                dict(zip(columns, parts, strict=False)),
            ]
    for candidate in tried:
        if lineage.count_matching(connection, table, candidate):
            return candidate
    raise InputRefused(
        "there is no row with this key", f"{table} {key}", f"columns: {', '.join(columns[:8])}"
    )


def _silver_above(settings: Settings, connection: Database, table: str) -> list[str]:
    """Silver tables that `table` is built from, by dbt's manifest; all of them when dbt has left
    none.
    """
    standing = [
        f"std_{entity}" for entity in source_names() if has_relation(connection, f"std_{entity}")
    ]
    manifest = settings.dbt_dir / "target" / "manifest.json"
    if not manifest.exists():
        return standing
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    parents = {
        node["name"]: [
            nodes[node_id]["name"] for node_id in node["depends_on"]["nodes"] if node_id in nodes
        ]
        for node in nodes.values()
        if node["resource_type"] in ("model", "snapshot")
    }
    above, waiting = set(), [table]
    while waiting:
        fresh = [parent for parent in parents.get(waiting.pop(), ()) if parent not in above]
        above.update(fresh)
        waiting += fresh
    return [name for name in standing if name in above] or standing


def _silver_keys(
    connection: Database, held: dict[str, str], key: dict[str, str], upstream: list[str]
) -> dict[str, dict[str, str]]:
    """Silver table -> the part of the key that it shares with the traced row.

    The key of the source itself wins (one encounter for an encounter's row), else what the traced
    key shares with it.
    """
    grain = set(key) & set(IDENTIFIERS)
    if "encounter_id" in grain or "referral_id" in grain:
        grain = set(held)
    keys = {}
    for silver in upstream:
        own = lineage.column_names(connection, silver)
        source_key = load_contracts()[silver.removeprefix("std_")].key
        if grain == set(held) and set(source_key) <= set(held) & set(own):
            shared = {column: held[column] for column in source_key}
        else:
            shared = {column: held[column] for column in own if column in grain & set(key)}
        if shared:
            keys[silver] = shared
    return keys


def _raw_steps(connection: Database, table: str, rows: Iterable[Mapping]) -> list[TraceStep]:
    entity = next((entity for entity in source_names() if table.endswith(f"_{entity}")), None)
    steps = []
    for row in rows:
        applied = lineage.decisions_on(connection, entity, row["_row_id"]) if entity else []
        remark = "".join(
            f", {decision['kind']} {decision['decision_id']}{' of ' + decision['column_name'] if decision['column_name'] else ''}"
            for decision in applied
        )
        place = load_origins.place_of(connection, row["_load_id"], row["_source_row_number"])
        remark = (f", as message {place}" if place else "") + remark
        steps.append(
            TraceStep(
                f"raw_{entity}" if entity else table,
                row["_row_id"],
                f"delivered with load {row['_load_id']}{remark}",
                row["_source_file"],
                row["_source_row_number"],
            )
        )
    return steps


def _text(key: dict[str, str]) -> str:
    return ", ".join(f"{column}={value}" for column, value in key.items())
