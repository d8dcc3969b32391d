"""Files of which nobody has said whether their dates are month first, although all that is clear in
them says so. Nothing here decides it.
"""

from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.declared.sources import load_contracts
from pipeline.store.sqlite.statements import has_relation, records
from pipeline.store.warehouse.date_orders import ORDERS, evidence


@dataclass(frozen=True)
class DateOrderSuggestion:
    """The order (MDY or DMY) that the clear dates of one file prove and none contradicts;
    `waiting` counts its open rows whose date in `column` cannot be read, `evidence` says why.
    """

    load_id: str
    source_file: str
    entity: str
    column: str
    date_order: str
    waiting: int
    evidence: str

    @property
    def words(self) -> str:
        """The order in words: month first, day first."""
        return ORDERS[self.date_order]


def suggestions(connection: Connection) -> list[DateOrderSuggestion]:
    """One for each load and column whose open dates wait for it; empty before the first build."""
    found = []
    for contract in load_contracts().values():
        entity = contract.entity
        if not contract.dated or not has_relation(connection, f"dq_{entity}"):
            continue
        for rule in contract.rules:
            if rule.kind != "iso_date" or rule.column is None:
                continue
            delivered = contract.column(rule.column).delivered
            if delivered is None:
                continue
            waiting = records(
                connection,
                "select loads.load_id, loads.source_file, count(*) as waiting from "
                f"(select _row_id, _load_id from row_verdicts_{entity} where _status = 'quarantined') as open_rows "
                "join ops_loads as loads on loads.load_id = open_rows._load_id and loads.status = 'loaded' "
                f"and loads.date_order is null where open_rows._row_id in "
                f"(select _row_id from dq_{entity} where rule_name = ?) group by 1, 2 order by 1",
                (rule.name,),
            )
            for load in waiting:
                shown = evidence(connection, contract.raw_table, delivered, load["load_id"])
                if shown.suggested:
                    found.append(
                        DateOrderSuggestion(
                            load["load_id"],
                            load["source_file"],
                            entity,
                            rule.column,
                            shown.suggested,
                            load["waiting"],
                            shown.sentence,
                        )
                    )
    return found
