"""What a person states about a whole load: kept with the load, and for the next files of its
sender.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.reading import Reading
from pipeline.orchestrate import senders
from pipeline.orchestrate.lock import hold_lock
from pipeline.services.access import audit
from pipeline.services.access.roles import DECIDE, needs
from pipeline.store.sqlite.database import Database, open_warehouse, warehouse_exists
from pipeline.store.warehouse import loads


@needs(DECIDE)
@contextmanager
def about(settings: Settings, load_id: str, what: str) -> Iterator[tuple[Database, dict]]:
    """The warehouse, open to write under the lock, and a load in force; `what` is stated. Raises
    InputRefused for a load that there is not, or that was taken back.
    """
    if not warehouse_exists(settings):
        raise InputRefused("there is no such load", load_id, "nothing is loaded yet")
    with (
        hold_lock(settings, f"{what} of {load_id}", settings.wait_seconds),
        open_warehouse(settings, write=True) as connection,
    ):
        loads.create(connection)
        load = loads.get(connection, load_id)
        if load["status"] != "loaded":
            raise InputRefused("was taken back", load_id, "load the file again")
        yield connection, load


@needs(DECIDE)
def note(settings: Settings, load: dict, what: str, facts: Mapping[str, Any]) -> None:
    """Leave an audit record of what is stated about a load, before it is in force; `facts` hold
    names of columns and numbers, never a word of the file.
    """
    audit.record(settings, f"state {what}", load["load_id"], {"source": load["entity"], **facts})


@needs(DECIDE)
def for_next_files(settings: Settings, load: dict, by: str, reason: str, **stated: Any) -> None:
    """Read the next files of the sender of a load so too, and otherwise as was decided for it."""
    delivery = delivered(settings, load)
    memory = senders.shape_memory(settings, delivery)
    reading = senders.remembered_reading(memory, Reading()) if memory else Reading()
    decided = replace(reading, **stated)
    senders.remember(settings, delivery, decided, load["entity"], load["load_id"], by, reason)


def delivered(settings: Settings, load: dict) -> Delivery:
    """The file of a load, as it was delivered."""
    return Delivery(load["source_file"], settings.delivered_dir / load["sha256"])
