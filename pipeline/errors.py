"""Errors that a person can act on: what happened, where, and what to do next.

Attributes are typed and hold key columns only, never a patient's value. Front ends print
`str(error)`, one line.
"""

import errno
import os
import traceback
from pathlib import Path
from typing import Any

FREE_SPACE = "free some space, then try again; what was published before is unchanged"
#: Result codes of SQLite that speak of the file, the disk or another process, never of a statement:
#: what to say and what to do.
OF_SQLITE = {
    "SQLITE_FULL": ("the disk is full", FREE_SPACE),
    "SQLITE_IOERR": (
        "the disk cannot be read or written",
        "check the free space of the home and the disk itself, then try again",
    ),
    "SQLITE_READONLY": (
        "cannot be written",
        "check that the home and its files belong to you and can be written",
    ),
    "SQLITE_PERM": ("cannot be read", "check that the home and its files belong to you"),
    "SQLITE_CANTOPEN": (
        "cannot be opened",
        "check that the home and its files belong to you, and the free space",
    ),
    "SQLITE_CORRUPT": (
        "is damaged",
        "put a backup of the home back, or load the deliveries into a new home (--home)",
    ),
    "SQLITE_NOTADB": (
        "not a database",
        "put a backup of the home back, or load the deliveries into a new home (--home)",
    ),
    "SQLITE_BUSY": ("is in use by another process", "wait for its end, then try again"),
    "SQLITE_LOCKED": ("is in use by another process", "wait for its end, then try again"),
    "SQLITE_PROTOCOL": ("is in use by another process", "wait for its end, then try again"),
}


#: What SQLite says in the same cases, for who has only its words.
WORDS_OF_SQLITE = (
    "database or disk is full",
    "disk I/O error",
    "attempt to write a readonly database",
    "unable to open database file",
    "database disk image is malformed",
    "file is not a database",
    "database is locked",
    "database table is locked",
    "locking protocol",
    "out of memory",
)
#: What an error quotes of an argument or of a tool; more is no line that anybody reads.
LONGEST_WHAT, LONGEST_WHERE = 2_000, 300


def shortened(text: str, longest: int) -> str:
    """A text with its middle left out when it is longer."""
    return text if len(text) <= longest else f"{text[: longest // 2]} … {text[-longest // 2 :]}"


def printable(name: str) -> str:
    """A name with everything escaped that is no visible sign: controls, line ends, marks that turn
    the direction of text, undecodable bytes.
    """
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in name
    )


class PipelineError(Exception):
    """What happened (`what`), where (`where`: a file, table, load or setting) and what to do next
    (`hint`).
    """

    exit_code = 1
    #: What the command line prints for it as JSON, where there is more to say than the error.
    document: dict[str, Any] | None = None

    def __init__(self, what: str, where: str = "", hint: str = "") -> None:
        self.what = shortened(what, LONGEST_WHAT)
        self.where = shortened(printable(where), LONGEST_WHERE)
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        located = f"{self.where}: {self.what}" if self.where else self.what
        return f"{located} ({self.hint})" if self.hint else located

    @property
    def one_line(self) -> str:
        """All of it without line ends, for a table or a document."""
        return " ".join(str(self).split())


class InputRefused(PipelineError):
    """A file, argument or value cannot be accepted; nothing was changed."""

    exit_code = 2


class RunFailed(PipelineError):
    """A build ended with an error; the published tables are as they were before it."""

    exit_code = 1


class HeldByGate(PipelineError):
    """A load waits at the batch gate until somebody releases it."""

    exit_code = 3


class NothingNew(PipelineError):
    """Everything that lies there was loaded before."""

    exit_code = 4


class RunCancelled(PipelineError):
    """Somebody cancelled the run; the published tables are as they were before it."""

    exit_code = 130


class PipelineBusy(PipelineError):
    """Another run holds the pipeline lock; nothing was changed, and the same again may succeed."""

    exit_code = os.EX_TEMPFAIL


class LeaseLost(PipelineBusy):
    """The process stood still until another took over its lease; nothing of it was published, and
    the same again may succeed.
    """


def as_pipeline_error(caught: BaseException) -> PipelineError:
    """Any exception as an error that a person can act on and a log may keep.

    The text of an unknown exception can quote a value, so the error has only its type and the line
    that raised it. Errors of the operating system and of SQLite name files and tables, never a
    value, and keep their text.
    """
    if isinstance(caught, PipelineError):
        return caught
    if isinstance(caught, KeyboardInterrupt):
        return RunCancelled("cancelled")
    if isinstance(caught, SystemExit):
        return PipelineError(
            "was told to end (SIGTERM, as by docker stop or a shutdown)",
            "the process",
            "run it again",
        )
    if isinstance(caught, OSError):
        if caught.errno in (errno.ENOSPC, errno.EDQUOT):
            return PipelineError("the disk is full", str(caught.filename or ""), FREE_SPACE)
        is_wrong_path = caught.errno in (
            errno.ENAMETOOLONG,
            errno.ELOOP,
            errno.EINVAL,
        ) or isinstance(
            caught,
            (
                FileExistsError,
                FileNotFoundError,
                IsADirectoryError,
                NotADirectoryError,
                PermissionError,
            ),
        )
        said = " ".join((caught.strerror or type(caught).__name__).split())
        return (InputRefused if is_wrong_path else PipelineError)(
            f"cannot be used: {said}",
            str(caught.filename or "a file"),
            "check the path, its permissions and the free space",
        )
    if type(caught).__module__ == "sqlite3":
        name = getattr(caught, "sqlite_errorname", "")
        what, hint = next(
            (told for start, told in OF_SQLITE.items() if name.startswith(start)),
            (
                f"{type(caught).__name__}: {caught}",
                "check the free space of the home, then try again",
            ),
        )
        return PipelineError(what, "database", hint)
    frames = traceback.extract_tb(caught.__traceback__)
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return PipelineError(
        f"stopped by a {type(caught).__name__}, which is a defect of the program",
        place,
        "please report it",
    )


def speaks_of_the_machine(message: str) -> bool:
    """Whether a message of a statement is about disk, memory or another process, not about rows."""
    return any(words in message for words in WORDS_OF_SQLITE)


def of_the_machine(caught: BaseException) -> PipelineError | None:
    """Trouble with disk, files or another process as an error that a person can act on; None for a
    defect of the program.
    """
    if isinstance(caught, PipelineError):
        return caught
    if isinstance(caught, OSError) or getattr(caught, "sqlite_errorname", "").startswith(
        tuple(OF_SQLITE)
    ):
        return as_pipeline_error(caught)
    return None
