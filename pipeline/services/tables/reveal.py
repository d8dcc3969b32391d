"""Masked values of one table in clear: for a login that may, with a reason, for a few minutes, and
on record before the first row is read.

What is granted lives in this process, by login and table, so a restart ends it. Small cells stay
empty, and a masked column is still neither filtered nor ordered by: what is revealed is the rows
that the masked page shows.
"""

import threading
import time
from collections.abc import Callable, Sequence

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.privacy.masking import without_small_cells
from pipeline.services.access import audit
from pipeline.services.access.roles import ALLOWED, REVEAL, NotAllowed, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.tables.browse import page_of
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse.filters import Filter
from pipeline.store.control import actor
from pipeline.store.sqlite.statements import relation_names

#: (home, login, table) -> when it ends, by the clock that nobody can set back.
_ends: dict[tuple[str, str, str], float] = {}
_guard = threading.Lock()
now: Callable[[], float] = time.monotonic


def is_offered(settings: Settings) -> bool:
    """Whether the one who acts may reveal anything here at all."""
    return settings.reveal_minutes > 0 and bool(ALLOWED[REVEAL] & set(actor.current().roles))


@needs(REVEAL)
def grant(
    settings: Settings, table: str, reason: str, minutes: float, by: str | None = None
) -> float:
    """Let the one who acts see the masked values of a table from now on, and record it; returns
    the seconds that it lasts.

    Raises InputRefused where the setting `reveal_minutes` is 0, for a longer time than it allows,
    for an unknown table, and for a reason that is none or may hold an identifier.
    """
    if not settings.reveal_minutes:
        raise InputRefused("masked values are not revealed here", table, "see: reveal_minutes")
    if not 0 < minutes <= settings.reveal_minutes:
        raise InputRefused(
            f"is not within {settings.reveal_minutes:g} minutes", "reveal", "ask for less time"
        )
    with open_bookkeeping(settings) as connection:
        if table not in relation_names(connection):
            raise InputRefused("there is no such table", "reveal", "choose one of the page Tables")
    facts = {
        "reason": audit_text.reason(reason),
        "author": audit_text.author(by),
        "minutes": minutes,
    }
    audit.record(settings, "reveal", table, facts)
    with _guard:
        _ends[_key(settings, table)] = now() + 60 * minutes
    return 60 * minutes


@needs(REVEAL)
def end(settings: Settings, table: str) -> None:
    """Mask the table again before the time is over, and record it."""
    with _guard:
        ended = _ends.pop(_key(settings, table), None)
    if ended is not None:
        audit.record(settings, "reveal ended", table, {})


def seconds_left(settings: Settings, table: str) -> float:
    """How long the one who acts still sees a table in clear; 0 where it is masked."""
    if not is_offered(settings):
        return 0.0
    with _guard:
        return max(_ends.get(_key(settings, table), 0.0) - now(), 0.0)


@needs(REVEAL)
def rows(
    settings: Settings,
    table: str,
    filters: Sequence[Filter] = (),
    sort: str | None = None,
    descending: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> pd.DataFrame:
    """The rows of a page of Tables (the same arguments give the same rows) with nothing masked but
    small cells. Raises NotAllowed where that was not granted, or is over.
    """
    if not seconds_left(settings, table):
        raise NotAllowed("is not revealed to your login", table, "say why, for how long")
    with open_visible(settings, table, masked=False) as connection:
        shown, _, _ = page_of(connection, table, filters, sort, descending, limit, offset)
    return without_small_cells(shown, table)


def _key(settings: Settings, table: str) -> tuple[str, str, str]:
    return str(settings.home), actor.current().subject, table
