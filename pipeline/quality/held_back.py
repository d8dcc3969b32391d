"""What stays out of silver because a row waits: the row, and the waiting rows that name it as their
parent, down to the last child.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import NamedTuple

from pipeline.declared.sources import SourceContract
from pipeline.store.sqlite.statements import has_relation, quoted
from pipeline.store.warehouse.state import amount_of

#: A waiting row: its source and its id.
Row = tuple[str, str]
#: The sources that are counted by name, and the one whose amounts are added up.
COUNTED = ("encounters", "adverse_events", "referrals")
PAID = {"encounters": "paid_amount_usd"}


@dataclass(frozen=True)
class HoldsBack:
    """What stays out of silver because of one row, itself included; dollars are those of the
    encounters with an amount above zero, `other_rows` are rows of the other sources.
    """

    encounters: int = 0
    paid_amount_usd: float = 0.0
    adverse_events: int = 0
    referrals: int = 0
    other_rows: int = 0


class _Link(NamedTuple):
    """A column of a source that names the field of a parent."""

    column: str
    parent: str
    field: str


class WaitingRows:
    """All rows in quarantine, linked as the rules `known_in` of their sources link them."""

    def __init__(self, connection: Connection, contracts: Mapping[str, SourceContract]) -> None:
        self._links = {
            name: [
                _Link(rule.column, rule.parent, rule.arguments["field"])
                for rule in contract.rules
                if rule.action == "quarantine" and rule.parent and rule.column
            ]
            for name, contract in contracts.items()
        }
        self._values: dict[Row, dict[str, str | None]] = {}
        self._paid: dict[Row, float] = {}
        self._by_value: dict[tuple[str, str], dict[str | None, list[Row]]] = {}
        for name in contracts:
            if has_relation(connection, f"quarantine_{name}"):
                self._read(connection, name)

    def held_back_by(
        self, row: Row, suggested: Mapping[str, str | None] | None = None
    ) -> HoldsBack:
        """What `row` holds back; `suggested` replaces values of it that are missing (column ->
        value), so that what a suggested repair would release can be told.
        """
        missing: dict[str, str | None] = {
            column: value for column, value in (suggested or {}).items() if value
        }
        held, front = {row}, [row]
        while front:
            parent = front.pop()
            values = self._values.get(parent, {})
            if parent == row:
                values = missing | {name: value for name, value in values.items() if value}
            for child in self._children(parent[0], values):
                if child not in held:
                    held.add(child)
                    front.append(child)
        counts: dict[str, int] = defaultdict(int)
        for source, _ in held:
            counts[source if source in COUNTED else "other_rows"] += 1
        return HoldsBack(
            **counts,
            paid_amount_usd=round(sum(self._paid.get(each, 0.0) for each in held), 2),
        )

    def _children(self, source: str, values: Mapping[str, str | None]) -> Iterator[Row]:
        for child, links in self._links.items():
            for link in links:
                value = values.get(link.field)
                if link.parent == source and value:
                    yield from self._by_value.get((child, link.column), {}).get(value, ())

    def _read(self, connection: Connection, source: str) -> None:
        """Keep of each row what links it to parents and children, and its amount."""
        fields = {
            link.field for links in self._links.values() for link in links if link.parent == source
        }
        columns = sorted(fields | {link.column for link in self._links[source]})
        paid = PAID.get(source)
        amount = f"max(coalesce({amount_of(quoted(paid))}, 0.0), 0.0)" if paid else "0.0"
        listed = "".join(f", {quoted(column)}" for column in columns)
        for row_id, dollars, *cells in connection.execute(
            f"select _row_id, {amount}{listed} from {quoted(f'quarantine_{source}')}"
        ):
            row = (source, row_id)
            self._values[row] = dict(zip(columns, cells, strict=True))
            self._paid[row] = dollars
            for link in self._links[source]:
                index = self._by_value.setdefault((source, link.column), defaultdict(list))
                index[self._values[row][link.column]].append(row)
