"""Write a table to a file under a privacy profile, with a manifest of what was done to each column."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.orchestrate.build import project_version
from pipeline.privacy_cells import ALL_ROWS, emptied
from pipeline.privacy_export import Profile, safe_for_spreadsheets
from pipeline.services.shown import open_shown
from pipeline.store import builds
from pipeline.store.clock import utc_now
from pipeline.store.rows import chunks
from pipeline.store.statements import has_relation
from pipeline.store.tables import column_types

#: Copies of what senders delivered, with every patient value in them: not for export under any profile but internal.
AS_DELIVERED = ("raw_", "mapped_", "ops_")


def export(settings: Settings, table: str, path: Path, profile: str = "safe_harbor") -> dict:
    """Write `table` as CSV or Parquet (by the ending of `path`) and a manifest beside it; returns the manifest.

    `profile` is safe_harbor, limited_data_set or internal. Raises InputRefused for an unknown table, profile or ending.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise InputRefused("is neither .csv nor .parquet", path.name, "name the file accordingly")
    if profile != "internal" and table.startswith(AS_DELIVERED):
        raise InputRefused("holds cells as delivered, which no profile covers", table, "export its std_ table, or use --profile internal")
    tables = (table,) if profile != "internal" else ()
    with open_shown(settings, *tables, for_export=True) as connection:
        if tables and has_relation(connection, table) and any(
                each.grain == ALL_ROWS for each in emptied(column_types(connection, table), for_export=True)):
            raise InputRefused("holds almost only small cells, which no profile covers", table, "export a table that sums them up")
        stamp = builds.newest_stamp(connection) or {}
        treated = Profile(profile, table, stamp.get("as_of"))
        columns, pieces = chunks(connection, table)
        path.parent.mkdir(parents=True, exist_ok=True)
        write = _write_csv if path.suffix == ".csv" else _write_parquet
        rows = write(path, (treated.apply(piece) for piece in pieces))
    manifest = {
        "file": str(path), "table": table, "profile": profile, "rows": rows, "made_at": utc_now(), **stamp,
        "project_version": project_version(), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "columns": [{"name": column, "treatment": treated.treatment(column)} for column in columns],
        "manifest": str(path.with_name(path.name + ".manifest.json"))}
    Path(manifest["manifest"]).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def _write_csv(path: Path, pieces) -> int:
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, piece in enumerate(pieces):
            safe_for_spreadsheets(piece).to_csv(file, index=False, header=number == 0, lineterminator="\n")
            rows += len(piece)
    return rows


def _write_parquet(path: Path, pieces) -> int:
    import pandas as pd

    whole = pd.concat(list(pieces), ignore_index=True)
    whole.to_parquet(path, index=False)
    return len(whole)
