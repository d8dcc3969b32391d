"""Reads delivered files for the oracle: plain Python, the csv and json modules, nothing shared with
ingest.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.synthetic.tables import TABLES, Table

_ALIASES = {"provider_npi": "npi", "cpt": "cpt", "procedure_code": "cpt"}
_NOTHING = {"", "null", "na", "n/a", "-"}
_GENDERS = {"f": "female", "m": "male"}


@dataclass
class DeliveredRow:
    """One row as delivered and cleaned; `line` is the physical line (JSON: the ordinal)."""

    entity: str
    delivery: int
    line: int
    values: dict[str, str]
    key: tuple[str, ...] | None
    status: str = ""
    rules: list[str] = field(default_factory=list)


def read_delivery(
    folder: Path, delivery: int, digests: set[str]
) -> tuple[list[DeliveredRow], dict[str, int]]:
    """The rows of the six files that a folder holds, and the lines by entity that are no rows.

    A file whose digest is in `known` is skipped, as if it had not come; the others' digests are
    added.
    """
    rows: list[DeliveredRow] = []
    rejected: dict[str, int] = {}
    for table in TABLES:
        for path in sorted(folder.glob(f"{table.stem}.*")):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if digest in digests:
                continue
            digests.add(digest)
            file_rows, refused = _read(path, table)
            rejected[table.entity] = rejected.get(table.entity, 0) + refused
            for line, raw in file_rows:
                rows += [
                    _cleaned(table, delivery, line, values) for values in _unpivoted(table, raw)
                ]
    return rows, rejected


def _read(path: Path, table: Table) -> tuple[list[tuple[int, dict[str, str]]], int]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    if path.suffix == ".csv":
        return _read_csv(text, table)
    items = (
        json.loads(text)
        if path.suffix == ".json"
        else [json.loads(line) for line in text.splitlines() if line]
    )
    return [
        (at, {c: "" if item.get(c) is None else str(item[c]) for c in table.columns})
        for at, item in enumerate(items, 1)
    ], 0


def _read_csv(text: str, table: Table) -> tuple[list[tuple[int, dict[str, str]]], int]:
    reader = csv.reader(io.StringIO(text, newline=""))
    names = [re.sub(r"\W+", "_", name.strip().lower()) for name in next(reader, [])]
    names = [name if name in table.columns else _ALIASES.get(name, name) for name in names]
    rows, refused, line = [], 0, 2
    for cells in reader:
        if len(cells) == len(names):
            rows.append((line, {c: dict(zip(names, cells, strict=True))[c] for c in table.columns}))
        elif cells:
            refused += 1
        line = reader.line_num + 1
    return rows, refused


def _unpivoted(table: Table, raw: dict[str, str]) -> list[dict[str, str]]:
    if table.entity != "employer_networks":
        return [raw]
    listed = raw["in_network_npis"].strip("[]").replace("'", "").split(",")
    return [{"employer_id": raw["employer_id"], "npi": token} for token in listed]


def _cleaned(table: Table, delivery: int, line: int, raw: dict[str, str]) -> DeliveredRow:
    values = {}
    for name, text in raw.items():
        text = re.sub(r"[\x00-\x1f\x7f]", "", text.replace("\u00a0", " ")).strip()
        values[name] = "" if text.lower() in _NOTHING else text
        if name in ("patient_id", "npi", "employer_id", "zip"):
            values[name] = re.sub(r"^(\d+)\.0$", r"\1", values[name])
    if "gender" in values:
        values["gender"] = _GENDERS.get(values["gender"].lower(), values["gender"].lower())
    if "paid_amount" in values:
        values["paid_amount"] = values["paid_amount"].replace("$", "").replace(",", "")
    columns = ("employer_id", "npi") if table.entity == "employer_networks" else table.key
    key = tuple(values[column] for column in columns)
    return DeliveredRow(table.entity, delivery, line, values, key if all(key) else None)
