"""Stewards' decisions (`ops_decisions` in the control file): the table is its own audit trail.

A decision is never changed; only its revert fields are ever filled. Each is sealed by a record in
the audit trail, in the transaction that makes it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.errors import InputRefused
from pipeline.store.control import audit, seals
from pipeline.store.sqlite.clock import latest_believable, utc_now
from pipeline.store.sqlite.statements import has_relation, quoted, records, transaction

#: What stands until the records of a home without an audit trail are taken over.
FORMER_AUDIT = "ops_former_audit"


@dataclass(frozen=True)
class NewDecision:
    """A decision to record; `column_name` is a mapped name, `expires_on` an ISO day (waivers
    only).
    """

    kind: str
    entity: str
    row_id: str | None
    reason: str
    author: str
    rule_id: str | None = None
    column_name: str | None = None
    old_value: str | None = None
    new_value: str | None = None
    expires_on: str | None = None
    evidence: tuple[str, ...] = ()


class DecidedMeanwhile(InputRefused):
    """Somebody else decided on the same rows after their author looked."""

    def __init__(self, others: Sequence[dict[str, Any]]) -> None:
        first = others[0]
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        super().__init__(
            f"was decided meanwhile by {first['author']}: {first['kind']} {first['column_name'] or ''}".rstrip()
            + f" ({first['decision_id']}{more})",
            f"{first['entity']} {first['row_id']}",
            "look at it, then save again over it or drop your change; nothing of yours was recorded",
        )


def record(
    connection: Connection, decisions: Sequence[NewDecision], since: str | None = None
) -> list[str]:
    """Store the decisions, all or none; returns their ids in order.

    `since` is the newest decision that their author has seen: raises DecidedMeanwhile when somebody
    has decided on one of the same rows after it.
    """
    with transaction(connection):
        if since is not None and decisions:
            others = decided_since(
                connection, decisions[0].entity, [decision.row_id for decision in decisions], since
            )
            if others:
                raise DecidedMeanwhile(others)
        (number,) = connection.execute(
            "select coalesce(max(cast(substr(decision_id, 2) as integer)), 0) from ops_decisions"
        ).fetchone()
        ids = [f"D{number + position:06d}" for position in range(1, len(decisions) + 1)]
        now = utc_now()
        for decision_id, decision in zip(ids, decisions, strict=True):
            evidence = json.dumps(list(decision.evidence)) if decision.evidence else None
            made = {"decision_id": decision_id, "created_at": now, "evidence": evidence}
            _insert(connection, asdict(decision) | made)
        seals.seal(connection, _of_ids(connection, ids), seals.DECIDED)
    return ids


def restore(connection: Connection, lost: Iterable[dict[str, Any]]) -> None:
    """Put decisions back under their ids, as another file remembers them; those that are known stay
    as they are.
    """
    lost = list(lost)
    with transaction(connection):
        known = {
            each["decision_id"]
            for each in _of_ids(connection, [each["decision_id"] for each in lost])
        }
        new = {each["decision_id"]: each for each in lost if each["decision_id"] not in known}
        for decision in new.values():
            _insert(connection, decision)
        seals.seal(connection, _of_ids(connection, list(new)), seals.RESTORED)


def take_over(connection: Connection) -> None:
    """Seal the decisions and releases of a home that kept no audit trail yet, and append what its
    list of exports says; nothing when that was done.
    """
    if not has_relation(connection, FORMER_AUDIT):
        return
    with transaction(connection):
        if not has_relation(connection, FORMER_AUDIT):  # another process was faster
            return
        for record in records(connection, f"select * from {FORMER_AUDIT} order by audit_id"):
            facts = {**json.loads(record["detail"]), "author": record["author"]}
            facts["recorded_at"] = record["recorded_at"]
            audit.append(connection, record["action"], record["subject"], facts)
        connection.execute(f"drop table {FORMER_AUDIT}")
        seals.seal(connection, reversed(trail(connection)), seals.TAKEN_OVER)
        for release in records(connection, "select * from ops_gate_releases"):
            seals.seal_release(connection, release)


def _insert(connection: Connection, decision: Mapping[str, Any]) -> None:
    connection.execute(
        f"insert into ops_decisions ({', '.join(map(quoted, decision))}) "
        f"values ({', '.join('?' * len(decision))})",
        tuple(decision.values()),
    )


def _of_ids(connection: Connection, decision_ids: Sequence[str]) -> list[dict[str, Any]]:
    return records(
        connection,
        "select * from ops_decisions "
        "where decision_id in (select value from json_each(?)) order by decision_id",
        (json.dumps(list(decision_ids)),),
    )


def newest(connection: Connection) -> str:
    """Id of the newest decision, '' before the first."""
    number = connection.execute(
        "select max(cast(substr(decision_id, 2) as integer)) from ops_decisions"
    ).fetchone()[0]
    return f"D{number:06d}" if number else ""


def of_rows(
    connection: Connection, entity: str, row_ids: Iterable[str | None]
) -> list[dict[str, Any]]:
    """Decisions in force on rows of a source, oldest first."""
    return records(
        connection,
        "select * from ops_decisions where entity = ? and reverted_at is null "
        "and row_id in (select value from json_each(?)) order by decision_id",
        (entity, json.dumps([row_id for row_id in row_ids if row_id])),
    )


def decided_since(
    connection: Connection, entity: str, row_ids: Iterable[str | None], since: str
) -> list[dict[str, Any]]:
    """Decisions in force on these rows that are newer than the decision `since` ('': any)."""
    number = int(since[1:] or 0)
    return [
        decision
        for decision in of_rows(connection, entity, row_ids)
        if int(decision["decision_id"][1:]) > number
    ]


def revert_all(
    connection: Connection, decision_ids: Sequence[str], reason: str, by: str
) -> list[str]:
    """Take decisions back from the next build on, all or none; returns the ids that are not in
    force (then none was).
    """
    with transaction(connection):
        marks = ", ".join("?" * len(decision_ids))
        in_force = {
            decision_id
            for (decision_id,) in connection.execute(
                f"select decision_id from ops_decisions where reverted_at is null and decision_id in ({marks})",
                tuple(decision_ids),
            )
        }
        missing = [decision_id for decision_id in decision_ids if decision_id not in in_force]
        if not missing:
            connection.executemany(
                "update ops_decisions set reverted_at = ?, reverted_by = ?, revert_reason = ? where decision_id = ?",
                [(utc_now(), by, reason, decision_id) for decision_id in decision_ids],
            )
            seals.seal_revert(connection, _of_ids(connection, decision_ids))
    return missing


def trail(connection: Connection) -> list[dict[str, Any]]:
    """Every decision ever made, newest first, reverted ones included."""
    return records(connection, "select * from ops_decisions order by decision_id desc")


def columns(connection: Connection) -> list[str]:
    """Names of the columns of a decision, as the table has them."""
    return [
        name
        for (name,) in connection.execute("select name from pragma_table_info('ops_decisions')")
    ]


def in_force(connection: Connection, as_of: str) -> list[dict[str, Any]]:
    """Decisions neither reverted nor expired on `as_of` (ISO day), oldest first."""
    return records(
        connection,
        "select * from ops_decisions where reverted_at is null "
        "and (expires_on is null or expires_on >= ?) order by decision_id",
        (as_of,),
    )


def last_change(connection: Connection) -> str:
    """When a decision or a release was last made or reverted (UTC), '' when there has been none; a
    moment that this machine's clock has not reached is disregarded.
    """
    ((newest,),) = connection.execute(
        "select coalesce(max(moment), '') from (select created_at as moment from ops_decisions "
        "union all select reverted_at from ops_decisions union all select released_at from ops_gate_releases) "
        "where moment <= ?",
        (latest_believable(),),
    ).fetchall()
    return newest


def record_release(connection: Connection, load_id: str, reason: str, author: str) -> None:
    """Remember who let a held load pass the gate."""
    release = {
        "load_id": load_id,
        "reason": reason,
        "author": author,
        "released_at": utc_now(),
    }
    with transaction(connection):
        connection.execute(
            "insert into ops_gate_releases (load_id, reason, author, released_at) "
            "values (:load_id, :reason, :author, :released_at)",
            release,
        )
        of_load = "select * from ops_gate_releases where load_id = :load_id order by rowid desc"
        seals.seal_release(connection, records(connection, of_load, release)[0])


def releases(connection: Connection) -> list[dict[str, Any]]:
    """Every release of a held load, oldest first: load_id, reason, author, released_at."""
    return records(connection, "select * from ops_gate_releases order by released_at")
