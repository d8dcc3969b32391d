"""The audit trail for front ends: verify it, read it, add to it, and accept a break."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.store.control import audit, cause_notes, decisions, seals
from pipeline.store.control.audit import Record
from pipeline.store.control.control_file import noted_heads, open_control, verified
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import transaction


@dataclass(frozen=True)
class AuditState:
    """What verification came to: number of records, hash of the newest, what is wrong with the
    trail, and which decisions it does not bear out (id -> why).
    """

    records: int
    head: str
    problems: tuple[str, ...]
    decisions: dict[str, str]

    @property
    def is_good(self) -> bool:
        """Whether the trail is whole and every decision is as it tells."""
        return not (self.problems or self.decisions)


def verify(settings: Settings, heads: Sequence[audit.Head] = ()) -> AuditState:
    """Read the whole trail, compare it with what builds have noted of it and with `heads` that were
    kept elsewhere, and every decision with its record.
    """
    with open_control(settings) as control:
        verdict = verified(settings, control, heads)
        known = decisions.trail(control)
        wrong = seals.unverified(control, known, verdict)
        names = [decision["decision_id"] for decision in known]
        wrong |= dict.fromkeys(seals.missing(control, names, verdict), "is recorded, and is gone")
        releases = decisions.releases(control)
        released = seals.released_loads(control, releases, verdict)
        wrong |= {
            f"release of {release['load_id']}": "is not as it was recorded"
            for release in releases
            if release["load_id"] not in released
        }
        wrong |= cause_notes.unverified(control, verdict)
    return AuditState(verdict.records, verdict.head[1], verdict.problems, wrong)


def record(settings: Settings, action: str, target: str, detail: Mapping[str, Any]) -> None:
    """Add a record of what the one who acts did to `target` (an id or a name). `detail` holds ids,
    counts and names of tables, never a value of a patient.
    """
    with open_control(settings) as control, transaction(control):
        audit.append(control, action, target, detail)


def newest(settings: Settings, limit: int = 50) -> list[Record]:
    """The newest records first."""
    with open_control(settings) as control:
        return audit.newest(control, limit)


def accept(settings: Settings, reason: str, by: str | None = None) -> AuditState:
    """Go on after a break: records from here on count again, the break stays on record, and
    decisions that it put in doubt have to be made again.

    Raises InputRefused when nothing is wrong with the trail.
    """
    from pipeline.services.quarantine import audit_text  # not for who only looks: it takes long

    reason = audit_text.reason(reason)
    with open_control(settings) as control, transaction(control):
        heads = []
        if warehouse_exists(settings):
            with open_warehouse(settings) as warehouse:
                heads = noted_heads(warehouse)
        verdict = audit.verify(control, heads)
        if verdict.is_good:
            raise InputRefused("is whole", "audit trail", "there is nothing to accept")
        detail = {
            "author": audit_text.author(by),
            "reason": reason,
            "problems": list(verdict.problems),
            "heads": [list(one) for one in verdict.lost_heads],
        }
        audit.append(control, audit.ACCEPTED, "", detail)
    return verify(settings)


def note_settings(settings: Settings) -> None:
    """Record the settings in force when they are not those that were recorded last."""
    with open_control(settings) as control, transaction(control):
        audit.note_settings(control, settings.as_text())
