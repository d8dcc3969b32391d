"""The batch gate (FIL-10): a load of which too much is quarantined waits until somebody releases
it.
"""

from collections.abc import Sequence, Set
from sqlite3 import Connection

from pipeline.store.warehouse import judged_loads, loads

GATE_RULE = "FIL-10"


def apply_releases(connection: Connection, released: Set[str]) -> None:
    """Make the gates say what the audit trail tells of releases: those of `released` are passed,
    and no other load is called released.
    """
    for load in judged_loads.active_loads(connection):
        is_released = load["gate"] == "released"
        if (load["load_id"] in released) != is_released:
            loads.set_gate(connection, load["load_id"], "open" if is_released else "released")


def judge_gates(
    connection: Connection,
    entities: Sequence[str],
    threshold: float,
    passed: Set[str] = frozenset(),
) -> list[str]:
    """Hold or open the gate of every load in force by its quarantined share; returns the ids that
    changed.

    `threshold` is a share (0 to 1). A load that somebody released stays released, and one that has
    passed the gate in an earlier build (`passed`) is not held afterwards: the rows that fail now
    wait, the others stay published. Only rules other than the gate's own count, so a held load
    opens by itself once its rows pass.
    """
    shares = judged_loads.quarantined_shares(connection, entities, GATE_RULE)
    changed = []
    for load in judged_loads.active_loads(connection):
        share = shares.get(load["load_id"], 0.0)
        gate = load["gate"]
        if gate == "open" and share > threshold and load["load_id"] not in passed:
            gate = "held"
        elif gate == "held" and share <= threshold:
            gate = "open"
        if gate != load["gate"]:
            loads.set_gate(connection, load["load_id"], gate)
            changed.append(load["load_id"])
    return changed
