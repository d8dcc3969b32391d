"""Take everything of one load out of a home for good: bytes, rows, what was derived from them, and
the pages of the files where they stood.

What a build makes is dropped as a whole and made again from the loads that stay: so nothing has to
be known of what holds a copy of a row. Of the bookkeeping only the tables in `KEPT` stay. Files
beside the databases that may hold rows (`DERIVED_FOLDERS`) are removed as a whole.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.config import Settings
from pipeline.errors import PipelineBusy
from pipeline.store import purged_traces
from pipeline.store.control import seals
from pipeline.store.control.control_file import open_control
from pipeline.store.inbox import messages
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import (
    Database,
    open_drafts,
    open_inbox,
    open_warehouse,
)
from pipeline.store.sqlite.statements import column_types, quoted, records, transaction
from pipeline.store.warehouse import load_origins, loads, raw_tables
from pipeline.store.warehouse.redo import PURGED as PURGED

#: Bookkeeping of the warehouse that no build makes again; of each, rows of the load go.
KEPT = (
    "ops_migrations",
    "ops_loads",
    "ops_load_",
    "ops_delivered_",
    "ops_date_order",
    "ops_feature_clock",
    "ops_provider_group_key",
    "ops_published_runs",
    "ops_audit_heads",
    "ops_fence",
)
RAW = "raw_"
#: Folders of a home whose files may hold rows and are made again when somebody asks for them.
DERIVED_FOLDERS = ("exports", "feast", "rules", "dbt")


@dataclass(frozen=True)
class Purge:
    """What was taken out: delivered rows, edits that nobody had saved, waiting files, and whether
    the delivered bytes went (not when another load has the same).
    """

    load_id: str
    rows: int
    drafts: int
    tray_files: int
    bytes_removed: bool


def purge(settings: Settings, load_id: str) -> Purge:
    """Take out a load, under the pipeline lock; its entry in the list of loads stays, without name
    and content. Raises InputRefused for an unknown load, PipelineBusy while somebody reads.
    """
    _forget_messages(settings, load_id)
    with open_warehouse(settings) as warehouse:
        load = loads.get(warehouse, load_id)
        traces = purged_traces.traces(warehouse, load)
        shared = _shares_its_bytes(warehouse, load)
    # the warehouse comes last: what is interrupted can be purged again as long as it knows the load
    with _sweeping(open_control(settings)) as control, transaction(control):
        _forget_values(control, load_id)
        purged_traces.forget_documents(control, load_id)
        purged_traces.forget_memories(control, traces)
        purged_traces.forget_names(control, traces.names)
    with _sweeping(open_drafts(settings)) as drafts, transaction(drafts):
        cursor = drafts.execute("delete from ops_drafts where row_id glob ?", (f"{load_id}-*",))
    if not shared:
        (settings.delivered_dir / load["sha256"]).unlink(missing_ok=True)
    for folder in DERIVED_FOLDERS:
        shutil.rmtree(settings.home / folder, ignore_errors=True)
    settings.dbt_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = len(list(settings.tray_dir.iterdir())) if settings.tray_dir.is_dir() else 0
    shutil.rmtree(settings.tray_dir, ignore_errors=True)
    with _sweeping(open_warehouse(settings, write=True)) as warehouse, transaction(warehouse):
        rows = _take_rows_out(warehouse, load)
        _drop_what_builds_make(warehouse)
        purged_traces.forget_names(warehouse, traces.names)
    return Purge(load_id, rows, cursor.rowcount, waiting, not shared)


def _forget_messages(settings: Settings, load_id: str) -> None:
    """Take out what the inbox holds of a load; first, for the warehouse knows which messages."""
    with open_warehouse(settings) as warehouse:
        origin = load_origins.range_of(warehouse, load_id)
    if origin is None or not settings.inbox_path.exists():
        return
    with _sweeping(open_inbox(settings)) as inbox, transaction(inbox):
        if messages.inbox_id(inbox) == origin.inbox_id:
            messages.forget(inbox, origin, load_id)


@contextmanager
def _sweeping(connection: Database) -> Iterator[Database]:
    """A connection that overwrites what it deletes; at the end the file is written anew and its log
    emptied.
    """
    with connection:
        connection.execute("pragma secure_delete = on")
        yield connection
        connection.execute("vacuum")
        (busy, _, _) = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        if busy:
            raise PipelineBusy(
                "somebody reads the home, so its log could not be emptied",
                "purge",
                "close the workbench and purge again",
            )


def _take_rows_out(warehouse: Connection, load: dict[str, Any]) -> int:
    table = raw_tables.table_of(f"{RAW}{load['entity']}")
    rows = warehouse.execute(
        f"delete from {quoted(table)} where _load = ?", (load["load_seq"],)
    ).rowcount
    warehouse.execute("delete from raw_rejects where _load_id = ?", (load["load_id"],))
    for name in _tables(warehouse, "ops_"):
        if name != "ops_loads" and "load_id" in column_types(warehouse, name):
            warehouse.execute(f"delete from {quoted(name)} where load_id = ?", (load["load_id"],))
    warehouse.execute(
        "update ops_loads set status = 'undone', undone_at = coalesce(undone_at, ?), source_file = ?, "
        "sheet = null, brought_as = null, header = null, sha256 = load_id, first_row = null, last_row = null where load_id = ?",
        (utc_now(), PURGED, load["load_id"]),
    )
    return rows


def _drop_what_builds_make(warehouse: Connection) -> None:
    views = [
        name
        for (name,) in warehouse.execute("select name from sqlite_master where type = 'view'")
        if not name.startswith(RAW)
    ]
    for name in views:
        warehouse.execute(f"drop view {quoted(name)}")
    for name in _tables(warehouse, ""):
        if name.startswith(("sqlite_", RAW, *KEPT)):
            continue
        if name.startswith("ops_"):
            warehouse.execute(f"delete from {quoted(name)}")
        else:
            warehouse.execute(f"drop table {quoted(name)}")


def _forget_values(control: Connection, load_id: str) -> None:
    """Old and new values of decisions on rows of the load, and what is known of these rows."""
    of_load = (f"{load_id}-*",)
    control.execute(
        "update ops_decisions set old_value = null, new_value = null, evidence = null, "
        "reverted_at = coalesce(reverted_at, ?), reverted_by = coalesce(reverted_by, 'purge'), "
        "revert_reason = coalesce(revert_reason, 'the load was purged') where row_id glob ?",
        (utc_now(), *of_load),
    )
    emptied = records(control, "select * from ops_decisions where row_id glob ?", of_load)
    seals.seal(control, emptied, seals.EMPTIED)
    control.execute("delete from ops_first_seen where row_id glob ?", (f"{load_id}-*",))


def _tables(connection: Connection, prefix: str) -> list[str]:
    return [
        name
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'table' order by name"
        )
        if name.startswith(prefix)
    ]


def _shares_its_bytes(warehouse: Connection, load: dict[str, Any]) -> bool:
    """Whether another load has the same bytes."""
    (others,) = warehouse.execute(
        "select count(*) from ops_loads where sha256 = ? and load_id <> ?",
        (load["sha256"], load["load_id"]),
    ).fetchone()
    return others > 0
