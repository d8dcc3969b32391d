"""Damaged bytes told apart from trouble of the machine, for every library that reads a format."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import InputRefused, PipelineError

AGAIN = "deliver the whole file again"


def trouble_behind(error: BaseException) -> BaseException | None:
    """What no damage of a file explains among an error and those that led to it: the memory, or the
    operating system (full disk, permission, file gone). None where there is no such thing.

    A damaged file can name a place before its own beginning, which the system calls EINVAL.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError | PipelineError):
            return seen
        if isinstance(seen, OSError) and seen.errno not in (None, errno.EINVAL):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


@contextmanager
def refusing_damage(
    what: str, where: str, hint: str = AGAIN, errors: tuple[type[Exception], ...] = (Exception,)
) -> Iterator[None]:
    """Turn what a library says of damaged bytes into InputRefused; its own words could quote a
    cell. `errors` names what it raises, where more than its own code runs inside.
    """
    try:
        yield
    except errors as error:
        trouble = trouble_behind(error)
        if trouble is error:
            raise
        if trouble is not None:
            raise trouble from None
        raise InputRefused(what, where, hint) from error
