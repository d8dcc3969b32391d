"""Open the control file: decisions, runs and what was learned of senders; a lost one gets back what
the warehouse still knows.
"""

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

from pipeline.config import Settings
from pipeline.errors import PipelineError
from pipeline.store.control import audit, decisions, syslog
from pipeline.store.sqlite.after_commit import News
from pipeline.store.sqlite.database import (
    Database,
    open_file,
    open_warehouse,
    unusable,
    warehouse_exists,
)
from pipeline.store.sqlite.home_files import prepare_home
from pipeline.store.sqlite.migrations import migrate_control
from pipeline.store.sqlite.statements import has_relation, transaction


def open_control(settings: Settings, durable: bool = True) -> Database:
    """A connection to decisions and runs, always writable; creates and migrates the file.

    Decisions of the last build come back when the file was lost. Without `durable` a commit does
    not wait for the disk: right for progress, which a power cut may lose.
    """
    prepare_home(settings)
    connection = open_file(settings.control_path, write=True)
    if settings.audit_syslog:
        connection.news = News(partial(syslog.send, settings.audit_syslog))
    try:
        connection.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
        lost, head = _lost(settings) if connection.is_new else ([], None)
        migrate_control(connection)
        if head is not None:
            with transaction(connection):
                audit.go_on_from(connection, head)
        decisions.take_over(connection)
        if lost:
            decisions.restore(connection, lost)
    except (PipelineError, sqlite3.DatabaseError) as error:
        connection.close()
        raise unusable(settings.control_path, error) from error
    return connection


def _lost(settings: Settings) -> tuple[list[dict[str, Any]], audit.Head | None]:
    """What can be saved of a lost control file: the decisions that the published tables were built
    with, and how far the audit trail had come by then.
    """
    if not warehouse_exists(settings):
        return [], None
    with open_warehouse(settings) as warehouse:
        kept = decisions.trail(warehouse) if has_relation(warehouse, "ops_decisions") else []
        heads = noted_heads(warehouse)
        return kept, max(heads, default=None)


def noted_heads(warehouse: Database) -> list[audit.Head]:
    """The heads of the audit trail that builds have noted in the warehouse."""
    if not has_relation(warehouse, "ops_audit_heads"):
        return []
    return warehouse.execute("select n, hash from ops_audit_heads order by n").fetchall()


def verified(
    settings: Settings, control: Database, kept: Sequence[audit.Head] = ()
) -> audit.Verdict:
    """The audit trail, compared with what builds have noted of it and with heads kept elsewhere."""
    heads = list(kept)
    if warehouse_exists(settings):
        with open_warehouse(settings) as warehouse:
            heads += noted_heads(warehouse)
    return audit.verify(control, heads)
