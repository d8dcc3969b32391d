"""Make a home ready for its first load: control tables, the list of loads, one raw table per
source.
"""

from collections.abc import Mapping, Sequence

from pipeline.config import Settings
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.migrations import migrate_warehouse
from pipeline.store.sqlite.statements import transaction
from pipeline.store.warehouse import loads, raw_tables


def prepare_warehouse(settings: Settings, raw_columns: Mapping[str, Sequence[str]]) -> None:
    """Create or update the warehouse; `raw_columns` maps each raw table to its delivered columns.

    Call it under the pipeline lock.
    """
    with open_warehouse(settings, write=True) as connection:
        migrate_warehouse(connection)
        with transaction(connection):
            loads.create(connection)
            raw_tables.create(connection, raw_columns)
