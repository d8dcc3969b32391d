"""Who acts: the login under which this part of the program works.

A process that a person started at a shell acts as the user of this machine. A server tells by
`set_source` how to find who asks, and then nobody acts whom it does not know.
"""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

Answer = TypeVar("Answer")
ROLES = ("viewer", "reviewer", "operator", "admin")


@dataclass(frozen=True)
class Actor:
    """A login (`os:name`, or issuer and subject of an OpenID provider), its roles of ROLES, and
    the name by which people know it; None where they may give any.
    """

    subject: str
    roles: tuple[str, ...]
    name: str | None = None


#: Somebody who is not known: may do nothing.
NOBODY = Actor("nobody", ())
_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


def os_user() -> Actor:
    """The user of this machine whose process this is, who may do everything with his own home."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # a container may run under a number that no user has
        name = str(os.getuid())
    return Actor(f"os:{name}", ("admin",))


_source: Callable[[], Actor] = os_user


def set_source(source: Callable[[], Actor]) -> None:
    """From now on `source` says in this process who acts."""
    global _source
    _source = source


def current() -> Actor:
    """Who acts now."""
    return _acting.get() or _source()


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Let the block act as somebody, as a worker does for who asked."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def as_now(call: Callable[[], Answer]) -> Callable[[], Answer]:
    """A call that may be made later and elsewhere, as the one who acts now."""
    actor = current()

    def called() -> Answer:
        with acting_as(actor):
            return call()

    return called
