"""Approvals by a second person, where the setting `four_eyes` asks for one: a waiver or a release
counts only when another login than the one that made it has approved it.

An approval is a record of the audit trail and nothing else. It names the digest of what it
approves, so it covers that waiver or release as it was made and no later one of the same id.
"""

from collections.abc import Iterable
from sqlite3 import Connection

from pipeline.store.control import audit
from pipeline.store.control.audit import Record, Verdict
from pipeline.store.control.seals import DECIDED, RELEASED, RESTORED, TAKEN_OVER
from pipeline.store.sqlite.statements import transaction

APPROVED = "approve"
#: Kinds of decisions that need a second person, beside releases.
KINDS = ("waive",)
_MADE = (DECIDED, RESTORED, TAKEN_OVER)
WAITS = "waits for the approval of a second person"


def waiting(connection: Connection, verdict: Verdict | None = None) -> dict[str, Record]:
    """Waivers and releases that no second login has approved: id -> the record that made it.

    With `verdict` only records that it believes count, of whoever made and whoever approved.
    """
    made: dict[str, Record] = {}
    approved: set[tuple[str, str, str]] = set()
    for record in audit.about(connection, (*_MADE, RELEASED, APPROVED)):
        if verdict is not None and not verdict.believes(record.n):
            continue
        if record.action == APPROVED:
            approved.add((record.target, record.facts.get("digest", ""), record.subject))
        elif record.action == RELEASED or record.facts.get("kind") in KINDS:
            made[record.target] = record
    return {
        target: record
        for target, record in made.items()
        if not any(
            (name, digest) == (target, record.facts.get("digest")) and subject != record.subject
            for name, digest, subject in approved
        )
    }


def unapproved(
    connection: Connection, targets: Iterable[str], verdict: Verdict | None = None
) -> dict[str, str]:
    """Of these ids of decisions and loads, those that wait for a second person (id -> why)."""
    open_ones = waiting(connection, verdict)
    return {target: WAITS for target in targets if target in open_ones}


def approve(connection: Connection, record: Record, author: str) -> None:
    """Record that whoever acts approves what `record` made."""
    with transaction(connection):
        facts = {"author": author, "digest": record.facts.get("digest", "")}
        audit.append(connection, APPROVED, record.target, facts)
