"""Look at a delivery, load it, take it back, let it pass the gate."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.contracts import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest import preview as ingest_preview
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.loader import load
from pipeline.ingest.results import LoadResult
from pipeline.orchestrate.lock import hold_lock
from pipeline.orchestrate.runner import LOCK_PATIENCE_SECONDS, ingest_files, prepare
from pipeline.services.runs import person
from pipeline.store import decisions, header_mappings
from pipeline.store import loads as load_records
from pipeline.store.database import open_control, open_warehouse, warehouse_exists
from pipeline.store.statements import has_relation

if TYPE_CHECKING:
    import pandas as pd

HISTORY_COLUMNS = ["load_id", "entity", "source_file", "status", "gate", "received", "accepted", "rejected", "delivered_at",
                   "loaded_at", "undone_at", "encoding", "delimiter", "quotechar", "line_ending", "header", "sha256"]


@dataclass(frozen=True)
class Preview:
    """How a file would be read: what was inferred and why (`reasons`), its first rows, why it would be refused."""

    entity: str | None
    encoding: str | None
    delimiter: str | None
    quotechar: str | None
    line_ending: str | None
    header: dict
    rows: pd.DataFrame
    refused: str | None
    already_loaded: str | None
    reasons: tuple[str, ...]
    header_cells: tuple[str, ...] = ()
    mapping: dict[str, str | None] | None = None


def preview(settings: Settings, name: str, data: bytes | Path, *, mapping: Mapping[str, str | None] | None = None,
            entity: str | None = None) -> Preview:
    """Look at a file without loading it; a bad file is a preview that says what is wrong.

    `mapping` (name in the file -> delivered column, None: leave aside) and `entity` overrule the header. A file whose
    header alone does not do is looked at with the mapping that was loaded with the same header before.
    """
    import pandas as pd

    found = _look(settings, Delivery(name, data), mapping, entity)
    remembered = _recalled(settings, found.shape) if found.refused and mapping is None else None
    if remembered:
        entity, mapping = remembered
        found = _look(settings, Delivery(name, data), mapping, entity)
    rows = pd.DataFrame([list(row) for row in found.rows], columns=list(found.columns))
    return Preview(found.entity, found.encoding, found.delimiter, found.quotechar, found.line_ending, found.header, rows,
                   found.refused, found.already_loaded,
                   (*_reasons(found), *(["columns mapped as in the last file with this header"] if remembered else ())),
                   found.header_cells, dict(mapping) if mapping else None)


def ingest(settings: Settings, paths: Sequence[Path | str]) -> list[LoadResult]:
    """Load files and folders, one transaction a file; the same bytes again are a no-op. Waits for a build to end.

    A refused file is a result with its reason. Raises PipelineBusy when the pipeline stays busy.
    """
    return _ingest(settings, [Path(path).expanduser().resolve() for path in paths])


def ingest_bytes(settings: Settings, name: str, data: bytes | Path, *, mapping: Mapping[str, str | None] | None = None,
                 entity: str | None = None) -> LoadResult:
    """Load one file given by its bytes, as `ingest` does; a `mapping` of its columns is remembered for its header."""
    if mapping is None:
        return _ingest(settings, [Delivery(name, data)])[0]
    shape = _look(settings, Delivery(name, data), mapping, entity).shape
    with hold_lock(settings, "ingest", LOCK_PATIENCE_SECONDS):
        prepare(settings)
        with open_warehouse(settings, write=True) as connection:
            result = load(connection, settings.delivered_dir, Delivery(name, data), mapping=mapping, entity=entity,
                          reject_threshold=settings.reject_threshold)
    if result.status == "loaded" and shape and result.entity:
        with open_control(settings) as control:
            header_mappings.remember(control, shape, result.entity, mapping)
    return result


def undo(settings: Settings, load_id: str) -> dict:
    """Take a load back: the next build takes its rows out. Returns the load; raises InputRefused when it cannot be."""
    _require_loads(settings, load_id)
    with hold_lock(settings, f"undo {load_id}", LOCK_PATIENCE_SECONDS), open_warehouse(settings, write=True) as connection:
        return load_records.undo(connection, load_id)


def release(settings: Settings, load_id: str, reason: str = "released after review", by: str | None = None) -> dict:
    """Let a held load pass the gate from the next build on; raises InputRefused when it is not held."""
    _require_loads(settings, load_id)
    with hold_lock(settings, f"release {load_id}", LOCK_PATIENCE_SECONDS), open_warehouse(settings, write=True) as connection:
        load = load_records.get(connection, load_id)
        if load["gate"] != "held" or load["status"] != "loaded":
            raise InputRefused("does not wait at the gate", load_id, f"it is {load['status']}, its gate {load['gate']}")
        load_records.set_gate(connection, load_id, "released")
        with open_control(settings) as control:
            decisions.record_release(control, load_id, reason, by or person())
        return load_records.get(connection, load_id)


def history(settings: Settings) -> pd.DataFrame:
    """Every load, newest first (columns HISTORY_COLUMNS); empty before the first."""
    import pandas as pd

    if not _has_loads(settings):
        return pd.DataFrame(columns=HISTORY_COLUMNS)
    with open_warehouse(settings) as connection:
        return pd.DataFrame(load_records.history(connection), columns=HISTORY_COLUMNS)


def template(entity: str) -> bytes:
    """A CSV file with the header of one source and no rows; raises InputRefused for an unknown source."""
    contract = load_contracts().get(entity)
    if contract is None:
        raise InputRefused("is no source", entity, f"sources: {', '.join(load_contracts())}")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(contract.delivered)
    return text.getvalue().encode()


def _ingest(settings: Settings, deliveries: Iterable[Path | Delivery]) -> list[LoadResult]:
    with hold_lock(settings, "ingest", LOCK_PATIENCE_SECONDS):
        return list(ingest_files(settings, deliveries))


def _look(settings: Settings, delivery: Delivery, mapping: Mapping[str, str | None] | None, entity: str | None):
    if not _has_loads(settings):
        return ingest_preview.preview(delivery, mapping=mapping, entity=entity)
    with open_warehouse(settings) as connection:
        return ingest_preview.preview(delivery, connection=connection, mapping=mapping, entity=entity)


def _recalled(settings: Settings, shape: str | None) -> tuple[str, dict[str, str | None]] | None:
    if shape is None or not settings.control_path.exists():
        return None
    with open_control(settings) as control:
        return header_mappings.recall(control, shape)


def _has_loads(settings: Settings) -> bool:
    if not warehouse_exists(settings):
        return False
    with open_warehouse(settings) as connection:
        return has_relation(connection, "ops_loads")


def _require_loads(settings: Settings, load_id: str) -> None:
    if not _has_loads(settings):
        raise InputRefused("there is no such load", load_id, "nothing is loaded yet")


def _reasons(found) -> tuple[str, ...]:
    reasons = []
    if found.entity:
        matched = len(found.header["matched"])
        reasons.append(f"{found.entity}: its name and {matched} of its column names say so")
    if found.encoding and found.encoding.lower() not in ("utf-8", "ascii"):
        reasons.append(f"encoding {found.encoding}: the bytes are no plain UTF-8")
    reasons += [f"column {delivered!r} is read as {name}" for name, delivered in dict(found.header["renamed"]).items()]
    reasons += [f"line {line} is no row: {why}" for line, why in found.rejects]
    return tuple(reasons)
