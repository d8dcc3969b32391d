"""The file whose arrival would let waiting rows go on: the cause of what waits, where it is one."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts, source_names
from pipeline.quality import ledger
from pipeline.services.tables import absent_sources
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.store.sqlite.database import Database, warehouse_exists


@dataclass(frozen=True)
class MissingFile:
    """A file by its name, what waits for it in a sentence, and whether nothing of it is there
    (False: a part of its rows is).
    """

    name: str
    why: str
    is_whole: bool


def first(connection: Database) -> MissingFile | None:
    """The one for which most rows wait, a file of which nothing is there before others; None where
    no row waits for a key that no file describes.
    """
    absent = {each.name: each for each in absent_sources.of_sources(connection, source_names())}
    received = {
        row.entity: row.received for row in ledger.ledger_by_entity(connection, source_names())
    }
    found = []
    for missing in absent_sources.unmet(connection):
        source = absent.get(missing.parent)
        if source is not None and source.state == "held":
            continue  # its file is there and waits for a decision
        is_whole = source is not None or not received.get(missing.parent)
        contract = load_contracts()[missing.parent]
        why = source.reason if source else f"The file of {contract.row_names} held no row"
        waits = absent_sources.waits(missing)
        told = f"{why}. {waits}" if is_whole else waits
        found.append((not is_whole, -missing.rows, MissingFile(contract.file_name, told, is_whole)))
    return min(found, key=lambda each: each[:2])[2] if found else None


def first_of(settings: Settings) -> MissingFile | None:
    """As `first`; None before the first build."""
    if not warehouse_exists(settings):
        return None
    with open_bookkeeping(settings) as connection:
        return first(connection)
