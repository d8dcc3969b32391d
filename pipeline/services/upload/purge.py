"""Purge a load: everything of it leaves the home for good, and the audit trail says who did it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.orchestrate.lock import hold_lock
from pipeline.services.access.roles import ADMINISTER, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.run import runs
from pipeline.store import purge as store
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from pipeline.store.purge import Purge
from pipeline.store.sqlite.clock import FORMAT
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import transaction
from pipeline.store.warehouse import loads

__all__ = ["Purge", "expired", "purge"]


@needs(ADMINISTER)
def purge(settings: Settings, load_id: str, reason: str, by: str | None = None) -> Purge:
    """Take a load out of the home: delivered bytes, rows, tables made of them (the next build makes
    them again from the other loads), values of decisions, edits, exports, waiting files. Backups
    elsewhere are not reached.

    Raises InputRefused for an unknown load or a missing reason, PipelineBusy while a build runs or
    somebody reads.
    """
    reason, by = audit_text.reason(reason), audit_text.author(by or runs.person())
    with hold_lock(settings, f"purge {load_id}", settings.wait_seconds):
        with open_warehouse(settings) as warehouse:
            loads.get(warehouse, load_id)
        purged = store.purge(settings, load_id)
        with open_control(settings) as control, transaction(control):
            facts = {"author": by, "reason": reason, **asdict(purged)}
            audit.append(control, "purge", load_id, facts)
    return purged


def expired(settings: Settings) -> list[str]:
    """Loads that lie in the home for longer than the setting `retention_days` and are not purged
    yet, oldest first.

    Raises InputRefused when the setting keeps everything.
    """
    if not settings.retention_days:
        raise InputRefused(
            "keeps every load",
            "retention_days",
            "set ICON_HEALTH_RETENTION_DAYS to a number of days",
        )
    limit = (datetime.now(UTC) - timedelta(days=settings.retention_days)).strftime(FORMAT)
    with open_warehouse(settings) as warehouse:
        return [
            load["load_id"]
            for load in reversed(loads.history(warehouse))
            if load["loaded_at"] < limit and load["source_file"] != store.PURGED
        ]
