"""What one delivery holds: an index range per table, rows written instead, rows written after."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Planted:
    """One planted defect; `resolves_in` is the delivery that repairs it, None when none does."""

    rule_id: str
    entity: str
    key: str
    column: str
    good: str
    bad: str
    action: str
    promotable: bool
    resolves_in: int | None = None


@dataclass(frozen=True)
class Row:
    """One row as text by column, with the defects planted in it."""

    values: dict[str, str]
    planted: tuple[Planted, ...] = ()


@dataclass
class TablePlan:
    """Rows [first, last) of a table; `instead` replaces a row by others (none: it is left out)."""

    first: int = 0
    last: int = 0
    instead: dict[int, tuple[Row, ...]] = field(default_factory=dict)
    after: list[Row] = field(default_factory=list)
    delivered: bool = True


@dataclass
class Held:
    """What cannot be promoted while a delivery is the newest: numbers of providers, patients,
    encounters.
    """

    providers: set[int] = field(default_factory=set)
    patients: set[int] = field(default_factory=set)
    encounters: set[int] = field(default_factory=set)
    early_adverse_events: int = 0


@dataclass
class DeliveryPlan:
    """One delivery: its number (1 = first), its tables by entity, what it holds back."""

    number: int
    tables: dict[str, TablePlan] = field(default_factory=dict)
    held: Held = field(default_factory=Held)
    events: dict[str, int] = field(default_factory=dict)
