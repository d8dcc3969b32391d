"""Where every received row went: received = promoted + quarantined + superseded + duplicates +
rejected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.control.run_results import LEDGER_COLUMNS
from pipeline.store.sqlite.statements import has_relation, records


@dataclass(frozen=True)
class LedgerRow:
    """Rows of one source over all loads in force."""

    entity: str
    received: int
    promoted: int
    quarantined: int
    superseded: int
    duplicates: int
    rejected: int

    @property
    def balances(self) -> bool:
        """Whether every received row is accounted for."""
        return (
            self.received
            == self.promoted + self.quarantined + self.superseded + self.duplicates + self.rejected
        )


def ledger_by_entity(connection: Connection, entities: Sequence[str]) -> tuple[LedgerRow, ...]:
    """One row a source that has loads, in the order of `entities`; empty before the first build."""
    if not has_relation(connection, "ledger"):
        return ()
    sums = ", ".join(
        f"cast(coalesce(sum({name}), 0) as integer) as {name}" for name in LEDGER_COLUMNS
    )
    rows_by_entity = {
        row["entity"]: LedgerRow(**row)
        for row in records(connection, f"select entity, {sums} from ledger group by entity")
    }
    return tuple(rows_by_entity[entity] for entity in entities if entity in rows_by_entity)


def quarantined_rows(connection: Connection, entities: Sequence[str]) -> dict[str, int]:
    """Open rows by source, for the sources whose quarantine stands."""
    return {
        entity: connection.execute(f"select count(*) from quarantine_{entity}").fetchone()[0]
        for entity in entities
        if has_relation(connection, f"quarantine_{entity}")
    }


def quarantined_row_ids(connection: Connection, entity: str) -> list[str]:
    """Row ids of the open rows of one source."""
    return [
        row_id
        for (row_id,) in connection.execute(
            f"select _row_id from quarantine_{entity} order by _row_id"
        )
    ]
