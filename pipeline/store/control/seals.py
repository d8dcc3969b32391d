"""What ties a decision to its record in the audit trail: a digest of the decision under a random
number of its own (`ops_decision_seals`).

The digest stands in the trail, which nobody may change, and tells nothing of the values: without
the number, which goes with the decision, it cannot be tried. It covers whatever
columns the row has, so rows come here whole (`select *`).
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import Connection
from typing import Any

from pipeline.store.control import audit
from pipeline.store.control.audit import Verdict

#: What alone is ever filled of a decision once it is made; every other column is sealed with it.
REVERT = ("reverted_at", "reverted_by", "revert_reason")
#: How a decision came into the control file: by a person, back from the warehouse after the file
#: was lost, or from a version that kept no trail.
DECIDED, RESTORED, TAKEN_OVER, REVERTED = "decide", "restore", "take over", "revert"
RELEASED = "release"
#: The values of a decision left the home with the rows that they are of.
EMPTIED = "purge values"
_MADE = (DECIDED, RESTORED, TAKEN_OVER, EMPTIED)


def seal(connection: Connection, decisions: Iterable[Mapping[str, Any]], how: str) -> None:
    """Record decisions (rows of `ops_decisions`) as made; inside the transaction that does it."""
    for decision in decisions:
        number = secrets.token_hex(16)
        connection.execute(
            "insert or replace into ops_decision_seals values (?, ?)",
            (decision["decision_id"], number),
        )
        named = ("kind", "entity", "row_id", "rule_id", "column_name", "author", "expires_on")
        facts = {name: decision[name] for name in named if decision[name] is not None}
        facts["digest"] = _digest(number, decision, _lasting(decision))
        audit.append(connection, how, decision["decision_id"], facts)
        if decision.get("reverted_at") is not None:
            seal_revert(connection, [decision])


def seal_revert(connection: Connection, decisions: Iterable[Mapping[str, Any]]) -> None:
    """Record that decisions were taken back; inside the transaction that does it."""
    for decision in decisions:
        number = _numbers(connection).get(decision["decision_id"], "")
        facts = {
            "author": decision["reverted_by"],
            "digest": _digest(number, decision, ("decision_id", *REVERT)),
        }
        audit.append(connection, REVERTED, decision["decision_id"], facts)


def seal_release(connection: Connection, release: Mapping[str, Any]) -> None:
    """Record that a held load was let through; inside the transaction that does it."""
    number = secrets.token_hex(16)
    connection.execute(
        "insert or replace into ops_decision_seals values (?, ?)", (release["load_id"], number)
    )
    facts = {"author": release["author"], "digest": _digest(number, release, tuple(release))}
    audit.append(connection, RELEASED, release["load_id"], facts)


def released_loads(
    connection: Connection, releases: Sequence[Mapping[str, Any]], verdict: Verdict
) -> frozenset[str]:
    """Loads of which the trail tells that they were let through, by a release as it stands here."""
    numbers = _numbers(connection)
    told = {
        (record.target, record.facts.get("digest"))
        for record in audit.about(connection, (RELEASED,))
        if verdict.believes(record.n)
    }
    return frozenset(
        release["load_id"]
        for release in releases
        if (
            release["load_id"],
            _digest(numbers.get(release["load_id"], ""), release, tuple(release)),
        )
        in told
    )


def unverified(
    connection: Connection, decisions: Sequence[Mapping[str, Any]], verdict: Verdict
) -> dict[str, str]:
    """Of these decisions, those that are not as the trail tells (id -> why)."""
    numbers = _numbers(connection)
    made: dict[str, set[str]] = {}
    reverted: dict[str, set[str]] = {}
    for record in audit.about(connection, (*_MADE, REVERTED)):
        if verdict.believes(record.n):
            kept = reverted if record.action == REVERTED else made
            kept.setdefault(record.target, set()).add(record.facts.get("digest", ""))
    wrong = {}
    for decision in decisions:
        name = decision["decision_id"]
        number = numbers.get(name, "")
        if not made.get(name):
            wrong[name] = "has no record that can be believed"
        elif _digest(number, decision, _lasting(decision)) not in made[name]:
            wrong[name] = "was changed after it was made"
        elif all(decision[each] is None for each in REVERT):
            if name in reverted:
                wrong[name] = "was taken back"
        elif _digest(number, decision, ("decision_id", *REVERT)) not in reverted.get(name, ()):
            wrong[name] = "is marked as taken back, and no record says so"
    return wrong


def missing(connection: Connection, known: Iterable[str], verdict: Verdict) -> list[str]:
    """Ids of decisions that the trail tells of and that are not there."""
    told = {
        record.target for record in audit.about(connection, _MADE) if verdict.believes(record.n)
    }
    return sorted(told - set(known))


def _numbers(connection: Connection) -> dict[str, str]:
    return dict(connection.execute("select decision_id, number from ops_decision_seals").fetchall())


def _lasting(decision: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in decision if name not in REVERT)


def _digest(number: str, decision: Mapping[str, Any], names: Sequence[str]) -> str:
    facts = audit.canonical([number, *(decision[name] for name in names)])
    return hashlib.sha256(facts.encode()).hexdigest()
