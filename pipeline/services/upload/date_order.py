"""The order of day and month in a file: what its dates show, and what somebody states for it."""

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest import tray
from pipeline.ingest.date_order import checked
from pipeline.ingest.identification import identify
from pipeline.quality import date_orders as suggested_orders
from pipeline.quality.date_orders import DateOrderSuggestion
from pipeline.services.access.roles import DECIDE, OPERATE, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.upload import statements
from pipeline.services.upload.tray import Waiting, is_large
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation, transaction
from pipeline.store.warehouse import date_orders, loads
from pipeline.store.warehouse.date_orders import ORDERS, DateOrderEvidence

__all__ = [
    "ORDERS",
    "DateOrderEvidence",
    "DateOrderSuggestion",
    "of_file",
    "of_waiting",
    "state",
    "suggestions",
]


@needs(OPERATE)
def of_file(settings: Settings, tray_id: str) -> list[DateOrderEvidence]:
    """What the dates of a file of the tray show, one for each column of dates; the whole file is
    read. Raises InputRefused for a file that cannot be read.
    """
    return _tallied(tray.get(settings.tray_dir, tray_id))


@needs(OPERATE)
def of_waiting(settings: Settings, file: Waiting) -> list[DateOrderEvidence]:
    """As `of_file`, for a file at hand; nothing for one so large that nobody should wait for it, or
    that cannot be read.
    """
    if is_large([file]):
        return []
    try:
        return _tallied(file)
    except InputRefused:
        return []


def _tallied(file: Waiting) -> list[DateOrderEvidence]:
    table, found = identify(file.delivery, load_contracts(), file.reading)
    cells: dict[str, list[str | None]] = {
        column: [] for column in found.contract.dated if column in found.match.positions
    }
    for batch in table.batches():
        for column, collected in cells.items():
            collected += batch.column(found.match.positions[column])
    return [
        date_orders.tally(
            column,
            sum(bool(cell and cell.strip()) for cell in collected),
            ((cell, 1) for cell in collected if cell),
        )
        for column, collected in cells.items()
    ]


def suggestions(settings: Settings) -> list[DateOrderSuggestion]:
    """Loads whose clear dates prove an order that others of their dates wait for; nothing is
    applied.
    """
    if not warehouse_exists(settings):
        return []
    with open_warehouse(settings) as connection:
        if not has_relation(connection, "ops_load_date_orders"):
            return []
        return suggested_orders.suggestions(connection)


@needs(DECIDE)
def state(
    settings: Settings,
    load_id: str,
    order: str | None,
    reason: str,
    by: str | None = None,
    for_sender: bool = True,
) -> dict:
    """Say for a load whether its dates are month first (mdy) or day first (dmy), None for neither;
    the next build reads them so. `for_sender` remembers it for the next files of its sender.
    Returns the load.

    Raises InputRefused for another word, without a reason, and for a load that is not in force or
    has no dates.
    """
    order, reason, by = checked(order), audit_text.reason(reason), audit_text.author(by)
    with statements.about(settings, load_id, "date order") as (connection, load):
        if not load_contracts()[load["entity"]].dated:
            raise InputRefused("has no column of dates", load_id, "name a load that has")
        facts = {"date_order": order or "none", "for_sender": for_sender}
        statements.note(settings, load, "date order", facts)
        with transaction(connection):
            date_orders.state(connection, load_id, order, reason, by)
        if for_sender:
            statements.for_next_files(settings, load, by, reason, date_order=order)
        return loads.get(connection, load_id)
