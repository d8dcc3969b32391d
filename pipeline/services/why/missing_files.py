"""The files whose arrival would let waiting rows go on: the cause of what waits, where it is one.

Answers with what else is missing, so that every next step comes from here.
"""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts, source_names
from pipeline.quality import ledger
from pipeline.quality.missing_parents import MissingParents
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.why import absent_sources
from pipeline.services.why.absent_sources import AbsentSource, listed, reasons_together
from pipeline.store.sqlite.database import Database, warehouse_exists


@dataclass(frozen=True)
class MissingFile:
    """A file by its name, what waits for it in a sentence, and whether nothing of it is there
    (False: a part of its rows is).
    """

    name: str
    why: str
    is_whole: bool


@dataclass(frozen=True)
class Missing:
    """Files for which rows wait, those of which nothing is there first, and the sources of which
    nothing is there though no row waits for them.
    """

    files: tuple[MissingFile, ...] = ()
    unasked: tuple[AbsentSource, ...] = ()

    @property
    def whole(self) -> tuple[MissingFile, ...]:
        """The files of which nothing is there and for which rows wait."""
        return tuple(each for each in self.files if each.is_whole)

    @property
    def upload(self) -> str:
        """`Upload patients.csv and providers.csv`: all of which nothing is there and for which
        rows wait, else the one for which most rows wait; empty where none does.
        """
        wanted = self.whole or self.files[:1]
        return f"Upload {listed(each.name for each in wanted)}" if wanted else ""

    @property
    def why(self) -> str:
        """What waits for the files of `upload`."""
        return " ".join(each.why for each in self.whole or self.files[:1])

    @property
    def upload_unasked(self) -> str:
        """`Upload referrals.csv`; empty where every source was delivered or rows wait for it."""
        names = [each.file_name for each in self.unasked]
        if len(names) > 2:
            return f"Upload the {len(names)} files that are missing"
        return f"Upload {listed(names)}" if names else ""

    @property
    def why_unasked(self) -> str:
        """Which were never delivered or taken back, by their files where `upload_unasked` only
        counts them.
        """
        names = [each.file_name for each in self.unasked]
        said = f"{reasons_together(self.unasked)} What rests on them is unknown, not zero."
        return f"{said} The files: {listed(names)}." if len(names) > 2 else said


def missing(connection: Database) -> Missing:
    """Every file that is missing, the one for which most rows wait first; nothing before the first
    build.
    """
    absent = {each.name: each for each in absent_sources.of_sources(connection, source_names())}
    received = {
        row.entity: row.received for row in ledger.ledger_by_entity(connection, source_names())
    }
    waiting: dict[str, list[MissingParents]] = {}
    for each in absent_sources.unmet(connection):
        source = absent.get(each.parent)
        if source is None or source.state != "held":  # else its file is there, for a decision
            waiting.setdefault(each.parent, []).append(each)
    found = []
    for parent, parts in waiting.items():
        contract = load_contracts()[parent]
        is_whole = parent in absent or not received.get(parent)
        why = " ".join(map(absent_sources.waits, parts))
        if is_whole:
            source = absent.get(parent)
            reason = source.reason if source else f"The file of {contract.row_names} held no row"
            why = f"{reason}. {why}"
        rows = sum(each.rows for each in parts)
        found.append((not is_whole, -rows, MissingFile(contract.file_name, why, is_whole)))
    files = (each for *_, each in sorted(found, key=lambda each: each[:2]))
    unasked = (
        each for each in absent_sources.whole_files(absent.values()) if each.name not in waiting
    )
    return Missing(tuple(files), tuple(unasked))


def missing_now(settings: Settings) -> Missing:
    """As `missing`; nothing before the first build."""
    if not warehouse_exists(settings):
        return Missing()
    with open_bookkeeping(settings) as connection:
        return missing(connection)
