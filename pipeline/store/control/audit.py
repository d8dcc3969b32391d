"""The audit trail of what somebody did beside deciding (`ops_audit` in the control file): who,
what, when, and what is known of it. Nothing in it is ever changed or taken out; no patient's value
stands in it.
"""

import json
from collections.abc import Mapping
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.clock import utc_now


def record(
    connection: Connection, action: str, author: str, subject: str, detail: Mapping[str, Any]
) -> int:
    """Append one record; `detail` must be plain values. Returns its number."""
    cursor = connection.execute(
        "insert into ops_audit (recorded_at, action, author, subject, detail) values (?, ?, ?, ?, ?)",
        (utc_now(), action, author, subject, json.dumps(detail, sort_keys=True)),
    )
    return int(cursor.lastrowid or 0)


def records(connection: Connection) -> list[dict[str, Any]]:
    """Every record, oldest first, with its `detail` as values."""
    cursor = connection.execute(
        "select audit_id, recorded_at, action, author, subject, detail from ops_audit order by audit_id"
    )
    names = [column[0] for column in cursor.description]
    return [{**dict(zip(names, row, strict=True)), "detail": json.loads(row[-1])} for row in cursor]
