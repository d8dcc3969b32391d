"""The worker of a home in the foreground, for a service of the machine."""

from math import inf

from pipeline.config import Settings
from pipeline.orchestrate.worker import work
from pipeline.services.access.roles import OPERATE, needs


@needs(OPERATE)
def carry_out(settings: Settings) -> None:
    """Carry out queued runs and syncs that are due until a signal ends the process; returns when
    another worker of this home lives.
    """
    work(settings, inf, is_foreground=True)
