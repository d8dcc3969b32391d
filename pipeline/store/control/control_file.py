"""Open the control file: decisions, runs and what was learned of senders; a lost one gets back what
the warehouse still knows.
"""

import sqlite3
from typing import Any

from pipeline.config import Settings
from pipeline.errors import PipelineError
from pipeline.store.control import decisions
from pipeline.store.sqlite.database import (
    Database,
    open_file,
    open_warehouse,
    prepare_home,
    unusable,
    warehouse_exists,
)
from pipeline.store.sqlite.migrations import migrate_control
from pipeline.store.sqlite.statements import has_relation


def open_control(settings: Settings, durable: bool = True) -> Database:
    """A connection to decisions and runs, always writable; creates and migrates the file.

    Decisions of the last build come back when the file was lost. Without `durable` a commit does
    not wait for the disk: right for progress, which a power cut may lose.
    """
    prepare_home(settings)
    connection = open_file(settings.control_path, write=True)
    try:
        connection.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
        lost = _published_decisions(settings) if connection.is_new else []
        migrate_control(connection)
        if lost:
            decisions.restore(connection, lost)
    except (PipelineError, sqlite3.DatabaseError) as error:
        connection.close()
        raise unusable(settings.control_path, error) from error
    return connection


def _published_decisions(settings: Settings) -> list[dict[str, Any]]:
    """The decisions that the published tables were built with: what can be saved of them when the
    control file was lost.
    """
    if not warehouse_exists(settings):
        return []
    with open_warehouse(settings) as warehouse:
        return decisions.trail(warehouse) if has_relation(warehouse, "ops_decisions") else []
