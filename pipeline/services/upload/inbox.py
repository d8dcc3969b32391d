"""What lies in a folder and was not loaded yet: read only, for a scheduler's sensor."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.batch import deliveries
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.inspection import inspect
from pipeline.ingest.limits import Limits
from pipeline.ingest.results import LoadResult
from pipeline.store.sqlite.database import Database, open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import loads


@dataclass(frozen=True)
class InboxFile:
    """One file: `state` is new, loaded, arriving (written a moment ago), refused or left_out;
    `reason` says why of the last two.
    """

    file: str
    state: str
    bytes: int = 0
    reason: str | None = None


def look(
    settings: Settings, paths: Iterable[str | Path], settled_seconds: float = 0.0
) -> list[InboxFile]:
    """Every file of the paths, with what became of it; nothing is written. A file that was written
    to within `settled_seconds` is still arriving.

    Raises InputRefused for a path that does not exist.
    """
    found: list[InboxFile] = []
    others: list[LoadResult] = []
    is_new_home = not warehouse_exists(settings)
    with (
        TemporaryDirectory() as scratch,
        nullcontext() if is_new_home else open_warehouse(settings) as warehouse,
    ):
        for path in (Path(each).expanduser().resolve() for each in paths):
            if not path.exists():
                raise InputRefused("there is no such file or folder", str(path))
            contracts, limits = load_contracts(), Limits.of(settings)
            for delivery, _ in deliveries(path, contracts, others, Path(scratch), limits):
                knows = warehouse is not None and has_relation(warehouse, "ops_loads")
                found.append(_judged(warehouse if knows else None, delivery, settled_seconds))
    found += [InboxFile(each.file, each.status, reason=each.reason) for each in others]
    return found


def _judged(warehouse: Database | None, delivery: Delivery, settled_seconds: float) -> InboxFile:
    if isinstance(delivery.source, Path):
        age = time.time() - delivery.source.stat().st_mtime
        if 0 <= age < settled_seconds:
            return InboxFile(delivery.name, "arriving", delivery.size)
    try:
        sha256 = inspect(delivery).sha256
    except InputRefused as error:
        return InboxFile(delivery.name, "refused", reason=str(error))
    is_known = warehouse is not None and loads.is_known(
        warehouse, sha256, delivery.name, delivery.delivered_at
    )
    return InboxFile(delivery.name, "loaded" if is_known else "new", delivery.size)
