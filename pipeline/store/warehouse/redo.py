"""Loads that were undone and come back as they were: the same id, the same rows."""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

from pipeline.errors import InputRefused
from pipeline.store.sqlite.clock import latest_believable, utc_now
from pipeline.store.warehouse import loads

#: Name of the file of a load whose rows and bytes left the home for good.
PURGED = "(purged)"


def refusals(connection: Connection, load_ids: Sequence[str]) -> dict[str, str]:
    """Load id -> why it cannot come back, for those that cannot."""
    chosen = [loads.get(connection, load_id) for load_id in load_ids]
    return {load["load_id"]: why for load in chosen if (why := _refusal(connection, load))}


def redo(connection: Connection, load_id: str) -> dict[str, Any]:
    """Bring a load back; call it in a transaction. Returns the load as it is now; raises
    InputRefused where it cannot come back.
    """
    if why := refusals(connection, [load_id]).get(load_id):
        raise InputRefused(why, load_id, "see the list of loads; nothing was changed")
    connection.execute(
        "update ops_loads set status = 'loaded', redone_at = ? where load_id = ?",
        (utc_now(), load_id),
    )
    return loads.get(connection, load_id)


def _refusal(connection: Connection, load: dict[str, Any]) -> str:
    if load["status"] != "undone":
        return "is in force"
    if load["source_file"] == PURGED:
        return "was purged: its rows are gone for good"
    if load["loaded_at"] > latest_believable():
        return "came under a clock that was wrong: load its file again"
    again = connection.execute(
        "select load_id from ops_loads where status = 'loaded' and received > 0 and sha256 = ? "
        "and coalesce(sheet, '') = coalesce(?, '') and entity = ?",
        (load["sha256"], load["sheet"], load["entity"]),
    ).fetchone()
    return f"was loaded again meanwhile, as {again[0]}" if again else ""
