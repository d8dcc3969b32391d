"""Errors of a source in words of ours. What a library or a server says is not repeated: it may
quote a secret, an address with its login, or a value.
"""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import PipelineError, as_pipeline_error

#: Names of the errors of libraries, so that none has to be imported to be known.
REFUSED = {
    "PermissionError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "AuthenticationException",
}
ABSENT = {"FileNotFoundError", "NotADirectoryError", "NoSuchBucket"}
PASSING = {
    "ConnectionError",
    "TimeoutError",
    "EOFError",
    "HTTPClientError",
    "ClientConnectionError",
    "ClientPayloadError",
    "ConnectionClosedError",
    "IncompleteRead",
    "IncompleteReadError",
    "ResponseStreamingError",
    "SSHException",
    "gaierror",
}
OF_THE_LINE = (None, errno.EIO, errno.ENETUNREACH, errno.EHOSTUNREACH)
#: Classes of SQLSTATE, the longest first.
OF_SQL = {
    "28": "refused",
    "42501": "refused",
    "42": "wrong",
    "3D": "absent",
    "3F": "absent",
    "08": "passing",
    "53": "passing",
    "57": "passing",
    "40": "passing",
}
HINTS = {
    "refused": (
        "refuses the login, or the right to read",
        "check the variables of --secret and the rights of the login",
    ),
    "absent": ("holds nothing under this address", "check the address"),
    "wrong": (
        "knows no such table or column, or does not understand the query",
        "check --table, --query and --cursor",
    ),
    "passing": ("cannot be reached, or ended the connection", "try again later"),
}
LOGGERS = ("paramiko", "botocore", "aiobotocore", "s3fs", "fsspec", "sqlalchemy")


class SourceFailed(PipelineError):
    """A source did not give what was asked for; what was loaded before is as it was."""

    def __init__(self, what: str, where: str, hint: str, is_passing: bool = False) -> None:
        self.is_passing = is_passing
        super().__init__(what, where, hint)


class CutOff(Exception):
    """Fewer or more bytes came than the source has of the file."""


def failure(caught: BaseException, address: str) -> PipelineError:
    """Any exception of a source as an error of ours; `address` is one that may be shown."""
    if isinstance(caught, PipelineError):
        return caught
    if isinstance(caught, OSError) and caught.errno in (errno.ENOSPC, errno.EDQUOT):
        return as_pipeline_error(caught)
    kind = _kind(caught)
    if isinstance(caught, CutOff):
        return SourceFailed("ended a file too early", address, "try again later", True)
    if kind is None:
        said = type(caught).__name__
        return SourceFailed(f"failed with {said}", address, "check the address and its options")
    what, hint = HINTS[kind]
    return SourceFailed(what, address, hint, kind == "passing")


def of_one(caught: BaseException, address: str) -> str:
    """Why one entry of a listing cannot be looked at, for who goes on with the others; raises what
    keeps from all of them.
    """
    error = failure(caught, address)
    if not isinstance(error, SourceFailed) or error.is_passing:
        raise error from None
    return error.what


def _kind(caught: BaseException) -> str | None:
    names = {each.__name__ for each in type(caught).__mro__}
    state = getattr(getattr(caught, "orig", None), "sqlstate", None)
    if "DBAPIError" in names:
        return _of_database(caught, state)
    status = getattr(caught, "status", None) or _status_of_s3(caught)
    if isinstance(status, int):
        if status in (401, 403):
            return "refused"
        if status in (404, 410):
            return "absent"
        if status in (408, 429) or status >= 500:
            return "passing"
    for kind, known in (("refused", REFUSED), ("absent", ABSENT), ("passing", PASSING)):
        if names & known:
            return kind
    # a connection that is gone is told by an error without a number
    is_of_the_line = type(caught) is OSError and getattr(caught, "errno", 0) in OF_THE_LINE
    return "passing" if is_of_the_line else None


def _of_database(caught: BaseException, state: str | None) -> str | None:
    if state:
        return next((kind for start, kind in OF_SQL.items() if state.startswith(start)), None)
    original = getattr(caught, "orig", None)
    of_sqlite = getattr(original, "sqlite_errorname", "")
    if of_sqlite == "SQLITE_CANTOPEN":
        return "absent"
    if of_sqlite.startswith("SQLITE_BUSY"):
        return "passing"
    if of_sqlite == "SQLITE_ERROR":
        return "wrong"
    if type(caught).__name__ != "OperationalError":
        return None
    # before a session there is no SQLSTATE: libpq has words only
    words = str(original).lower()
    is_login = "authentication failed" in words or "no password supplied" in words
    return "refused" if is_login else "passing"


def _status_of_s3(caught: BaseException) -> int | None:
    cause = caught if hasattr(caught, "response") else caught.__cause__
    answer = getattr(cause, "response", None)
    if not isinstance(answer, dict):
        return None
    return answer.get("ResponseMetadata", {}).get("HTTPStatusCode")


@contextmanager
def of_the_source(address: str) -> Iterator[None]:
    """Raise errors of a source inside the block as ours, without what they were made of."""
    try:
        yield
    except Exception as caught:
        raise failure(caught, address) from None


def quiet_libraries() -> None:
    """Keep libraries from writing of their own: their lines may hold addresses and headers."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.propagate = False
