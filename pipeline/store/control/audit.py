"""The audit trail (`ops_audit` in the control file): who did what, appended and never changed.

Each record holds a hash over the one before it and itself as canonical JSON. Triggers refuse
changes by this program; the chain finds changes by whoever may write the file; heads of the chain
that are kept outside (`verify`) find an end that was cut off and a chain that was computed anew.
A record holds ids and counts, never a value of a patient.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.store.control.actor import current
from pipeline.store.sqlite.after_commit import news_of
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import records

START = "0" * 64
#: First record of a file that came after a lost one: from where the chain goes on.
CONTINUED = "control file lost"
#: A person has looked at what does not verify; from here on the chain counts again.
ACCEPTED = "audit accept"
SETTINGS = "settings"
TRIGGERS = ("ops_audit__no_update", "ops_audit__no_delete", "ops_audit__next")
Head = tuple[int, str]


@dataclass(frozen=True)
class Record:
    """One record: `at` is UTC, `subject` the login, `target` the id of what it is about."""

    n: int
    at: str
    subject: str
    action: str
    target: str
    detail: str
    hash: str

    @property
    def facts(self) -> dict[str, Any]:
        """What the record says beside its target."""
        return json.loads(self.detail)


@dataclass(frozen=True)
class Verdict:
    """What verification came to: how many records, the head, what is wrong (in words), and which
    records are not to be believed; `lost_heads` are kept outside and not in the trail.
    """

    records: int
    head: Head
    problems: tuple[str, ...]
    changed: frozenset[int] = frozenset()
    doubted: tuple[tuple[int, int | None], ...] = ()
    lost_heads: tuple[Head, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def believes(self, n: int) -> bool:
        """Whether a record is as it was written, as far as the chain and its heads can tell."""
        return n not in self.changed and not any(
            first <= n and (last is None or n <= last) for first, last in self.doubted
        )


def append(connection: Connection, action: str, target: str, detail: Mapping[str, Any]) -> Head:
    """Add a record inside the caller's transaction, so that it and what it tells of are kept
    together or not at all; returns the new head.
    """
    assert connection.in_transaction, "a record belongs to the transaction of what it tells of"
    n, before = head(connection)
    at, subject = utc_now(), current().subject
    text = canonical(detail)
    value = _hash(before, n + 1, at, subject, action, target, text)
    connection.execute(
        "insert into ops_audit values (?, ?, ?, ?, ?, ?, ?)",
        (n + 1, at, subject, action, target, text, value),
    )
    if (news := news_of(connection)) is not None:
        news.leave((n + 1, value))
    return n + 1, value


def go_on_from(connection: Connection, known: Head) -> None:
    """Begin the trail of a new control file where the lost one ended as far as `known` tells."""
    n, value = known
    at, subject, text = utc_now(), current().subject, canonical({"before": n, "hash": value})
    record = (n + 1, at, subject, CONTINUED, "", text)
    connection.execute(
        "insert into ops_audit values (?, ?, ?, ?, ?, ?, ?)", (*record, _hash(value, *record))
    )


def head(connection: Connection) -> Head:
    """Number and hash of the newest record; (0, START) before the first."""
    row = connection.execute("select n, hash from ops_audit order by n desc limit 1").fetchone()
    return (row[0], row[1]) if row else (0, START)


def newest(connection: Connection, limit: int) -> list[Record]:
    """The newest records first."""
    rows = records(connection, "select * from ops_audit order by n desc limit ?", (limit,))
    return [Record(**row) for row in rows]


def note_settings(connection: Connection, values: Mapping[str, str]) -> None:
    """Record settings that differ from those that were recorded last; inside a transaction."""
    row = connection.execute(
        "select detail from ops_audit where action = ? order by n desc limit 1", (SETTINGS,)
    ).fetchone()
    before = json.loads(row[0])["values"] if row else {}
    if before != values:
        changed = sorted(name for name in values if before.get(name) != values[name])
        append(connection, SETTINGS, "", {"changed": changed, "values": dict(values)})


def about(connection: Connection, actions: Sequence[str]) -> Iterator[Record]:
    """The records of some actions, oldest first."""
    for row in records(
        connection,
        "select * from ops_audit where action in (select value from json_each(?)) order by n",
        (json.dumps(list(actions)),),
    ):
        yield Record(**row)


def canonical(detail: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON that is always the same for the same facts."""
    return json.dumps(detail, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def verify(connection: Connection, heads: Sequence[Head] = ()) -> Verdict:
    """Read the whole trail and compare it with the heads that are kept outside."""
    problems = [f"the guard {name} is missing" for name in _missing_triggers(connection)]
    changed: set[int] = set()
    hashes: dict[int, str] = {}
    accepted: dict[Head, int] = {}
    expected, before, lost = 1, START, 0
    for row in records(connection, "select * from ops_audit order by n"):
        record = Record(**row)
        if not hashes and record.action == CONTINUED:
            facts = _facts(record)
            expected, before = int(facts.get("before", 0)) + 1, str(facts.get("hash", START))
            lost = expected - 1
            if lost:
                problems.append(f"records 1 to {lost} are missing: the control file was lost")
                hashes[lost] = before
        if record.n != expected:
            problems.append(
                f"record {expected} is missing"
                if record.n == expected + 1
                else f"records {expected} to {record.n - 1} are missing"
            )
        if record.hash != _hash(before, *list(row.values())[:-1]):
            if record.n == expected:
                problems.append(f"record {record.n} was changed")
            changed.add(record.n)
        elif record.action == ACCEPTED:
            accepted |= {(int(n), value): record.n for n, value in _facts(record)["heads"]}
        hashes[record.n] = record.hash
        expected, before = record.n + 1, record.hash
    doubted, lost_heads = [], []
    for n, value in sorted(set(heads)):
        if hashes.get(n) == value or n < lost:
            continue
        first = 1 + max((m for m, kept in heads if m < n and hashes.get(m) == kept), default=0)
        lost_heads.append((n, value))
        doubted.append((first, accepted[n, value] - 1 if (n, value) in accepted else None))
        problems.append(
            f"records up to {n} are not those that a build has noted"
            if n < expected
            else f"records {expected} to {n} are missing at the end"
        )
    return Verdict(
        len(hashes),
        (expected - 1, before),
        tuple(dict.fromkeys(problems)),
        frozenset(changed),
        tuple(doubted),
        tuple(lost_heads),
    )


def _facts(record: Record) -> dict[str, Any]:
    try:
        return record.facts
    except ValueError:
        return {"heads": []}


def _missing_triggers(connection: Connection) -> list[str]:
    from pipeline.store.sqlite.migrations import audit_triggers

    standing = dict(
        connection.execute(
            "select name, sql from sqlite_master where type = 'trigger' and tbl_name = 'ops_audit'"
        ).fetchall()
    )
    return [
        name
        for name, sql in zip(TRIGGERS, audit_triggers(), strict=True)
        if (standing.get(name) or "").casefold() != sql  # SQLite writes its first words large
    ]


def _hash(before: str, *parts: Any) -> str:
    return hashlib.sha256(canonical([before, *parts]).encode()).hexdigest()
