"""Load files and folders, take a load back, let it pass the gate; the loads so far, and
templates.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.date_order import checked
from pipeline.ingest.positions import spans_of, stated
from pipeline.ingest.reading import Reading
from pipeline.ingest.results import LoadResult
from pipeline.ingest.value_words import parsed
from pipeline.orchestrate.intake import ingest_files
from pipeline.orchestrate.lock import hold_lock
from pipeline.privacy.masking import masked_values
from pipeline.services.access import audit
from pipeline.services.access.roles import DECIDE, OPERATE, needs
from pipeline.services.deliveries import deliveries
from pipeline.services.quarantine import audit_text
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation, transaction
from pipeline.store.warehouse import loads

if TYPE_CHECKING:
    import pandas as pd

HISTORY_COLUMNS = [
    "load_id",
    "entity",
    "source_file",
    "status",
    "gate",
    "received",
    "accepted",
    "rejected",
    "delivered_at",
    "loaded_at",
    "undone_at",
    "redone_at",
    "encoding",
    "delimiter",
    "quotechar",
    "line_ending",
    "header",
    "sha256",
]


def reading(
    encoding: str | None = None,
    delimiter: str | None = None,
    header_line: str | None = None,
    header_rows: int | None = None,
    no_header: bool = False,
    source: str | None = None,
    columns: str | None = None,
    date_order: str | None = None,
    words: Sequence[str] = (),
    sheet: str | None = None,
    positions: str | None = None,
) -> Reading | None:
    """How somebody wants files to be read, in words of the command line; None when nothing is
    decided. `columns` names them from left to right, for a file without a header; `date_order` is
    mdy or dmy; `words` say what words in them mean (`gender:männlich=male`); `positions` are
    columns of fixed width (`1-12,13-20,21-`).

    Raises InputRefused for a header line that is no number, and for an order, words or positions
    that are none.
    """
    if header_line is not None and not header_line.isdecimal():
        raise InputRefused("is no line of a file", "--header-line", "give its number, 0 for none")
    if no_header and header_line not in (None, "0"):
        raise InputRefused("contradict each other", "--no-header, --header-line", "give one")
    is_headerless = no_header or (columns is not None and header_line is None)
    line = 0 if is_headerless else int(header_line) if header_line is not None else None
    if positions is not None and delimiter is not None:
        raise InputRefused("contradict each other", "--positions, --delimiter", "give one")
    names = [name.strip() for name in columns.split(",")] if columns else []
    decided = Reading(
        encoding=encoding,
        positions=positions and stated(spans_of(positions)),
        delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter),
        header_line=line,
        header_rows=header_rows,
        date_order=checked(date_order),
        words=parsed(words),
        sheet=sheet,
        entity=source,
        mapping=tuple((f"col_{at}", name or None) for at, name in enumerate(names)) or None,
    )
    return None if decided == Reading() else decided


@needs(OPERATE)
def ingest(
    settings: Settings,
    paths: Sequence[Path | str],
    on_loading: Callable[[str, int], None] | None = None,
    reading: Reading | None = None,
) -> list[LoadResult]:
    """Load files and folders, one transaction a file; the same bytes again are a no-op. Waits for a
    build to end. `on_loading` hears how far a path is loaded (path, percent); `reading` decides how
    files are read.

    A refused file is a result with its reason. Raises PipelineBusy when the pipeline stays busy.
    """
    deliveries = [Path(path).expanduser().resolve() for path in paths]
    progress = _in_percent(on_loading) if on_loading else None
    with hold_lock(settings, "ingest", settings.wait_seconds):
        return list(ingest_files(settings, deliveries, progress, reading=reading))


def _in_percent(listener: Callable[[str, int], None]) -> Callable[[str, int, int], None]:
    def progress(path: str, done: int, total: int) -> None:
        listener(path, 100 * done // max(total, 1))

    return progress


@needs(OPERATE)
def undo(settings: Settings, load_id: str) -> dict:
    """Take a load back: the next build takes its rows out. Returns the load; raises InputRefused
    when it cannot be.
    """
    return undo_together(settings, [load_id])[0]


@needs(OPERATE)
def undo_together(settings: Settings, load_ids: Sequence[str]) -> list[dict]:
    """As `undo`, for several loads: all of them or none."""
    ids = list(dict.fromkeys(load_ids))
    for load_id in ids:
        _require_loads(settings, load_id)
    with (
        hold_lock(settings, f"undo {', '.join(ids)}", settings.wait_seconds),
        open_warehouse(settings, write=True) as connection,
    ):
        in_force = [loads.get(connection, load_id) for load_id in ids]
        if all(load["status"] != "undone" for load in in_force):
            for load in in_force:
                audit.record(settings, "undo", load["load_id"], {"source": load["entity"]})
        with transaction(connection):
            return [loads.undo(connection, load_id) for load_id in ids]


@needs(DECIDE)
def release(
    settings: Settings, load_id: str, reason: str = "released after review", by: str | None = None
) -> dict:
    """Let a held load pass the gate from the next build on; raises InputRefused when it is not
    held. With the setting `four_eyes` it stays held until another login has approved the release.
    """
    _require_loads(settings, load_id)
    reason, by = audit_text.reason(reason), audit_text.author(by)
    with (
        hold_lock(settings, f"release {load_id}", settings.wait_seconds),
        open_warehouse(settings, write=True) as connection,
    ):
        load = loads.get(connection, load_id)
        if load["gate"] != "held" or load["status"] != "loaded":
            raise InputRefused(
                "does not wait at the gate",
                load_id,
                f"it is {load['status']}, its gate {load['gate']}",
            )
        # the release counts from here on; a build opens the gate if this process does not
        with open_control(settings) as control:
            decisions.record_release(control, load_id, reason, by)
        if not settings.four_eyes:
            with transaction(connection):
                loads.set_gate(connection, load_id, "released")
        return loads.get(connection, load_id)


def history(settings: Settings) -> pd.DataFrame:
    """Every load, newest first (columns HISTORY_COLUMNS), with the name of its file as a screen may
    show it; empty before the first.
    """
    import pandas as pd

    if not _has_loads(settings):
        return pd.DataFrame(columns=HISTORY_COLUMNS)
    with open_warehouse(settings) as connection:
        found = pd.DataFrame(loads.history(connection), columns=HISTORY_COLUMNS)
    return found.assign(source_file=masked_values(found["source_file"], "ops_loads", "source_file"))


def history_with_fates(settings: Settings) -> pd.DataFrame:
    """The history of loads with the `state` of each in words and what became of its rows: promoted,
    waiting and superseded (duplicates among them), which nobody knows before a build has judged
    them. `received` is their sum with the rejected ones then, entries of lists counted one by one.
    """
    files = {
        file.load_id: file
        for delivery in deliveries.deliveries(settings)
        for file in delivery.files
    }
    found = history(settings)
    of_load = [files[load_id] for load_id in found["load_id"]]
    fates = [file.fates if file.is_in_force else None for file in of_load]
    return found.assign(
        state=[file.state for file in of_load],
        received=_counts(
            each.received if each else received
            for each, received in zip(fates, found["received"], strict=True)
        ),
        promoted=_counts(each.promoted if each else None for each in fates),
        waiting=_counts(each.quarantined if each else None for each in fates),
        superseded=_counts(each.superseded + each.duplicates if each else None for each in fates),
    )


def _counts(values: Iterable[int | None]) -> pd.Series:
    import pandas as pd

    return pd.Series(list(values), dtype="Int64")


def template(entity: str) -> bytes:
    """A CSV file with the header of one source and no rows; raises InputRefused for an unknown
    source.
    """
    contract = load_contracts().get(entity)
    if contract is None:
        raise InputRefused("unknown source", entity, f"sources: {', '.join(load_contracts())}")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(contract.delivered)
    return text.getvalue().encode()


def _has_loads(settings: Settings) -> bool:
    if not warehouse_exists(settings):
        return False
    with open_warehouse(settings) as connection:
        return has_relation(connection, "ops_loads")


def _require_loads(settings: Settings, load_id: str) -> None:
    if not _has_loads(settings):
        raise InputRefused("there is no such load", load_id, "nothing is loaded yet")
