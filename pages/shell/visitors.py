"""Who is logged in on this server: in memory only, so a restart logs everybody out.

The gate puts a secret pass of the session into each request that it lets in, after it has dropped
the client's own copy of that header. A page finds the session by it. The server must import this
module by its name, and never run it: a second copy would know no session.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass, field

PASS_HEADER = "x-icon-health-pass"
SECRET_BYTES = 32


@dataclass
class Visitor:
    """A session: who (`subject`), as what (`roles`), until when (seconds since 1970), how long it
    may be idle (seconds), and the name that decisions carry, None where any may be given.
    """

    subject: str
    roles: tuple[str, ...]
    ends: float
    idle: float
    name: str | None = None
    seen: float = field(default_factory=time.time)
    is_over: bool = False
    own_pass: str = field(default_factory=lambda: secrets.token_urlsafe(SECRET_BYTES))

    @classmethod
    def until(
        cls,
        subject: str,
        roles: tuple[str, ...],
        seconds: float,
        idle: float,
        name: str | None = None,
    ) -> "Visitor":
        """A visitor who begins now, for so many seconds, and so many when he is idle."""
        return cls(subject, roles, time.time() + seconds, idle, name)

    def seconds_left(self) -> float:
        """Seconds until it ends when nobody does anything, 0 when it is over."""
        if self.is_over:
            return 0.0
        return max(0.0, min(self.ends, self.seen + self.idle) - time.time())

    def note_activity(self) -> None:
        """Somebody sits there: the idle time begins anew."""
        self.seen = time.time()


class Visitors:
    """Sessions by the hash of what the browser keeps, and by their pass."""

    def __init__(self) -> None:
        self._by_key: dict[str, Visitor] = {}
        self._by_pass: dict[str, Visitor] = {}

    def begin(self, key: str, visitor: Visitor) -> Visitor:
        """Let a visitor in under what his browser keeps (`key`)."""
        self._forget_ended()
        self._by_key[_hashed(key)] = visitor
        self._by_pass[visitor.own_pass] = visitor
        return visitor

    def of_key(self, key: str) -> Visitor | None:
        """The session of what a browser brings, None when there is none or it is over."""
        return self._alive(self._by_key.get(_hashed(key)))

    def of_pass(self, own_pass: str) -> Visitor | None:
        """The session of a request that the gate let in."""
        return self._alive(self._by_pass.get(own_pass))

    def has_ended(self, key: str) -> bool:
        """Whether what a browser brings was a session that is over."""
        return _hashed(key) in self._by_key and self.of_key(key) is None

    def end(self, visitor: Visitor) -> None:
        """End a session; its websockets close within a second."""
        visitor.is_over = True
        self._by_pass.pop(visitor.own_pass, None)

    def _alive(self, visitor: Visitor | None) -> Visitor | None:
        if visitor is None:
            return None
        if visitor.seconds_left() <= 0:
            self.end(visitor)
            return None
        return visitor

    def _forget_ended(self) -> None:
        """Drop sessions whose last possible second is over; one that was ended early stays, so that
        its cookie cannot begin another.
        """
        now = time.time()
        self._by_key = {key: one for key, one in self._by_key.items() if one.ends > now}
        self._by_pass = {one.own_pass: one for one in self._by_key.values() if not one.is_over}


#: The sessions of this server.
VISITORS = Visitors()


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
