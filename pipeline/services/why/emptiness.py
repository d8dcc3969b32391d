"""Why a table shows nothing: cause before symptom, in one wording for every page.

A table shows nothing because a source was not delivered, because it is not built, because it is out
of date, or because no row of its sources came so far.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.sources import load_contracts, source_names
from pipeline.quality import ledger
from pipeline.quality.ledger import LedgerRow
from pipeline.services.run import selection
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.why import absent_sources, missing_files
from pipeline.store.sqlite.database import Database, open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import quoted, relation_names
from pipeline.store.warehouse import state

NOT_LOADED, NOT_DELIVERED, NOT_BUILT, OUT_OF_DATE, NO_ROWS = (
    "not loaded",
    "not delivered",
    "not built",
    "out of date",
    "no rows",
)


@dataclass(frozen=True)
class Emptiness:
    """One of the five states, the words for it, and the page (a key of the menu) where it is
    mended; `button` says what is done there.
    """

    state: str
    what: str
    why: str
    page: str
    button: str


NOTHING_LOADED = Emptiness(
    NOT_LOADED,
    "Nothing is loaded yet",
    "Upload a delivery and build; this page fills by itself.",
    "upload",
    "Upload the first files",
)


def of_tables(settings: Settings, *tables: str) -> Emptiness | None:
    """Why these tables show nothing; None where they hold rows and rest on delivered sources."""
    if not warehouse_exists(settings):
        return NOTHING_LOADED
    with open_warehouse(settings) as connection:
        if state.last_delivery(connection) is None:
            return NOTHING_LOADED
        names = {name for table in tables for name in absent_sources.sources_of(table)}
        absent = absent_sources.roots(absent_sources.of_sources(connection, names))
        built = set(relation_names(connection))
        holds_rows = any(_has_rows(connection, table) for table in built.intersection(tables))
        rows = ledger.ledger_by_entity(
            connection, [name for name in source_names() if name in names]
        )
    if absent:
        first = absent[0]
        return Emptiness(
            NOT_DELIVERED,
            "Not known",
            " ".join(
                filter(None, (f"{each.reason}. {each.what_waits}".strip() for each in absent))
            ),
            "upload",
            "Look at the load" if first.state == "held" else f"Upload {first.file_name}",
        )
    if holds_rows:
        return None
    fresh = selection.freshness(settings)
    behind = fresh.waits or any(_layer(table) in fresh.layers_behind for table in tables)
    if not built.issuperset(tables):
        return Emptiness(
            NOT_BUILT,
            "Not built yet",
            "The files are loaded; this page fills by itself once the layers that it shows are built.",
            "run",
            "Go to the build",
        )
    if behind:
        return Emptiness(
            OUT_OF_DATE,
            "Out of date",
            "What was loaded or decided since is not built in yet.",
            "run",
            "Go to the build",
        )
    return _no_rows(rows)


@dataclass(frozen=True)
class Shortfall:
    """What of the sources of some tables waits for keys that no file describes, and whether a
    whole file is missing, which then is asked for (`upload`, its name).
    """

    what: str
    upload: str | None

    @property
    def sentence(self) -> str:
        """`156 encounters wait for 5 providers that no file describes: upload providers.csv.`"""
        return f"{self.what.rstrip('.')}: upload {self.upload}." if self.upload else self.what


def shortfall(settings: Settings, *tables: str) -> Shortfall | None:
    """Why these tables show less than was delivered; None where nothing of it waits for keys."""
    if not warehouse_exists(settings):
        return None
    names = {name for table in tables for name in absent_sources.sources_of(table)}
    with open_bookkeeping(settings) as connection:
        unmet = [each for each in absent_sources.unmet(connection) if each.entity in names]
        whole = {each.name for each in missing_files.missing(connection).whole}
    files = [load_contracts()[each.parent].file_name for each in unmet]
    wanted = next((name for name in files if name in whole), None)
    waits = " ".join(map(absent_sources.waits, unmet))
    return Shortfall(waits, wanted) if unmet else None


def _no_rows(rows: Iterable[LedgerRow]) -> Emptiness:
    """Built from delivered sources, and nothing came: where their rows are."""
    said, waiting = [], 0
    for row in rows:
        contract = load_contracts()[row.entity]
        waiting += row.quarantined
        if not row.received:
            said.append(f"The file of {_words(row.entity)} held no row.")
        elif not row.promoted:
            verb = "waits" if row.quarantined == 1 else "wait"
            waits = f": {row.quarantined:,} {verb}" if row.quarantined else ""
            said.append(f"None of {row.received:,} {contract.row_names} is promoted{waits}.")
    return Emptiness(
        NO_ROWS,
        "No rows",
        " ".join(said)
        or "Every source was delivered and built; no row of them is of the kind that is shown here.",
        "quarantine" if waiting else "upload",
        "See what waits" if waiting else "See the loads",
    )


def _has_rows(connection: Database, table: str) -> bool:
    return connection.execute(f"select 1 from {quoted(table)} limit 1").fetchone() is not None


def _layer(table: str) -> str | None:
    entry = load_dictionary().get(table)
    return entry.layer if entry else None


def _words(name: str) -> str:
    return name.replace("_", " ")
