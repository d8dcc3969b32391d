"""Errors that a person can act on: what happened, where, and what to do next.

Attributes are typed and hold key columns only, never a patient's value. Front ends print `str(error)`, one line.
"""


class PipelineError(Exception):
    """What happened (`what`), where (`where`: a file, table, load or setting) and what to do next (`hint`)."""

    exit_code = 1

    def __init__(self, what: str, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        located = f"{self.where}: {self.what}" if self.where else self.what
        return f"{located} ({self.hint})" if self.hint else located


class InputRefused(PipelineError):
    """A file, argument or value cannot be accepted; nothing was changed."""

    exit_code = 2


class RunFailed(PipelineError):
    """A build ended with an error; the published tables are as they were before it."""

    exit_code = 1


class HeldByGate(PipelineError):
    """A load waits at the batch gate until somebody releases it."""

    exit_code = 3


class RunCancelled(PipelineError):
    """Somebody cancelled the run; the published tables are as they were before it."""

    exit_code = 130


class PipelineBusy(PipelineError):
    """Another run holds the pipeline lock."""

    exit_code = 1
