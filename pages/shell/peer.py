"""Which user of this machine holds the other end of a local connection (Linux tells)."""

import os
import sys
from pathlib import Path

_TABLE = Path("/proc/net/tcp")
_ESTABLISHED = "01"
Address = tuple[str, int]


def is_own(client: Address | None, server: Address | None) -> bool:
    """Whether the other end belongs to the user of this process, or to root, who can read the home
    anyway; False when that cannot be told.
    """
    return owner(client, server) in (os.getuid(), 0)


def may_be_own(client: Address | None, server: Address | None) -> bool:
    """As `is_own`, but True where the system does not tell owners of connections."""
    return not _TABLE.exists() or is_own(client, server)


def owner(client: Address | None, server: Address | None) -> int | None:
    """The uid that owns the client's end of an IPv4 connection that stands, None when unknown.

    A connection that was closed shows 0 in the table, so only one that stands counts.
    """
    if client is None or server is None:
        return None
    try:
        theirs, ours = _in_table(client), _in_table(server)
        lines = _TABLE.read_text().splitlines()[1:]
    except (OSError, ValueError):
        return None
    for line in lines:
        _, local, remote, state, _, _, _, uid, *_ = line.split()
        if (local, remote, state) == (theirs, ours, _ESTABLISHED):
            return int(uid)
    return None


def _in_table(address: Address) -> str:
    """An address as the table writes it; raises ValueError for one that is not IPv4."""
    parts = bytes(int(part) for part in address[0].split("."))
    if len(parts) != 4:
        raise ValueError("not IPv4")
    number = int.from_bytes(parts, sys.byteorder)
    return f"{number:08X}:{address[1]:04X}"
