"""What people note about a cause for which rows wait, or about a check (`ops_cause_notes` in the
control file): who takes care of it, until when, and comments.

A note is never changed or taken out; a newer one of its kind stands in its place. Each is sealed by
a record in the audit trail, in the transaction that makes it, under a random number of its own: the
record tells neither a comment nor lets one be tried.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.control import audit
from pipeline.store.control.audit import Verdict
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records, transaction

#: Kinds of notes: `text` is a name, an ISO day or words; '' takes a name or a day away.
ASSIGNED, DUE, COMMENT = "assign", "due", "comment"
NOTED = "note on cause"


@dataclass(frozen=True)
class Note:
    """One note; `noted_at` is UTC, `author` who wrote it."""

    note_id: int
    cause_id: str
    entity: str
    rule_id: str
    kind: str
    text: str
    author: str
    noted_at: str
    number: str

    @property
    def digest(self) -> str:
        """What the audit trail keeps of it."""
        parts = [self.number, self.note_id, self.cause_id, self.entity, self.rule_id]
        parts += [self.kind, self.text, self.author, self.noted_at]
        return hashlib.sha256(audit.canonical(parts).encode()).hexdigest()


def add(
    connection: Connection,
    cause: tuple[str, str, str],
    texts: Iterable[tuple[str, str]],
    author: str,
) -> list[Note]:
    """Keep notes, (kind, text) each, on a cause (its id, source and rule), all or none."""
    with transaction(connection):
        (newest,) = connection.execute(
            "select coalesce(max(note_id), 0) from ops_cause_notes"
        ).fetchone()
        now = utc_now()
        notes = [
            Note(newest + at, *cause, kind, text, author, now, secrets.token_hex(16))
            for at, (kind, text) in enumerate(texts, start=1)
        ]
        for note in notes:
            connection.execute(
                "insert into ops_cause_notes values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                tuple(vars(note).values()),
            )
            facts = {
                "cause_id": note.cause_id,
                "entity": note.entity,
                "rule_id": note.rule_id,
                "kind": note.kind,
                "author": author,
                "digest": note.digest,
            }
            audit.append(connection, NOTED, str(note.note_id), facts)
    return notes


def notes(connection: Connection) -> list[Note]:
    """Every note, oldest first."""
    return [
        Note(**row) for row in records(connection, "select * from ops_cause_notes order by note_id")
    ]


def overdue(connection: Connection, today: str) -> dict[str, str]:
    """Cause id -> its day, for those whose newest day has passed on the ISO day `today`."""
    newest = {each.cause_id: each.text for each in notes(connection) if each.kind == DUE}
    return {cause_id: day for cause_id, day in newest.items() if day and day < today}


def unverified(connection: Connection, verdict: Verdict) -> dict[str, str]:
    """Notes that are not as the trail tells, `note 3` -> why."""
    recorded = {
        record.target: record.facts.get("digest")
        for record in audit.about(connection, (NOTED,))
        if verdict.believes(record.n)
    }
    kept = {str(note.note_id): note.digest for note in notes(connection)}
    wrong = {
        f"note {name}": "is not as it was recorded"
        for name, digest in kept.items()
        if recorded.get(name) != digest
    }
    return wrong | {
        f"note {name}": "is recorded, and is gone" for name in recorded.keys() - kept.keys()
    }
