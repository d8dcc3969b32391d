"""What a table may tell of small cells, by what its rows are: which columns are emptied in which
rows.

One decision for all tables, so that what one hides another does not show: providers by procedure,
their totals, the totals of procedures and of their thirds by volume are one system of sums
(`small_cells`). Screens lose the outcomes of hidden cells; exports lose their counts and amounts as
well. Finer tables of providers show no outcome at all.

What leaves as a file also tells no number of one to ten people with an event, without one, or whose
outcome does not count yet: cells that would tell one, and those that would give it back, lose what
rests on outcomes (`HiddenCells.in_files`).
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from pipeline.privacy.column_meaning import ALL_ROWS, NO_CELLS, Cells, TableMeaning, meaning
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.privacy.small_counts import COUNT, SHARE
from pipeline.privacy.suppression import Cell, hidden_cells

#: The column that counts the versions of one thing.
VERSION = "row_version"
PROVIDER_CELL, RISK_CELL = ("npi", "cpt"), ("cpt", "age_band", "sex")
REFERRAL_CELL = ("employer_id", "cpt")
#: Grain -> the word for it in the system of sums.
KINDS = {
    PROVIDER_CELL: "cell",
    ("npi",): "provider",
    ("cpt", "tertile"): "third",
    ("cpt",): "procedure",
}
Keys = Mapping[tuple[str, ...], frozenset[tuple[Any, ...]]]
#: Procedure, age band, sex, encounters, events, mature encounters, procedure group, risk group.
RiskCell = tuple[str, str, str, int, int | None, int | None, str | None, str | None]


@dataclass(frozen=True)
class HiddenCells:
    """Keys of the hidden cells by grain: `("npi", "cpt")` -> pairs, and so on; `in_files` are those
    whose outcomes leave in no file, the hidden ones among them.
    """

    keys: Keys
    work_out: Callable[[], Keys] = dict

    @cached_property
    def in_files(self) -> Keys:
        """Worked out when a file asks: a screen does not wait for it."""
        return self.work_out()

    def of(self, grain: tuple[str, ...], in_files: bool = False) -> frozenset[tuple[Any, ...]]:
        """Hidden keys of one grain."""
        return (self.in_files if in_files else self.keys).get(grain, frozenset())


@dataclass(frozen=True)
class Emptied:
    """Columns that are emptied where `grain` is a hidden cell, in all rows, or where `count` is
    below the smallest cell.

    With `in_files` these are the cells whose outcomes leave in no file. With `only_where` only rows
    in which that column is 1 are emptied. With `versions_of` also the
    rows that are not the newest version of these columns: two versions of a large cell may be few
    encounters apart.
    """

    columns: tuple[str, ...]
    grain: tuple[str, ...] | str
    count: str | None = None
    only_where: str | None = None
    versions_of: tuple[str, ...] = ()
    in_files: bool = False


def hide(
    providers_by_procedure: Iterable[tuple[str, str, int, int | None, int, int | None]],
    thirds: Iterable[tuple[str, int, int, int]],
    risk_cells: Iterable[RiskCell],
    referrals: Iterable[tuple[str, str, int]] = (),
) -> HiddenCells:
    """The hidden cells of a warehouse.

    `providers_by_procedure` are (npi, cpt, n, events, suppressed, mature), `thirds` (cpt, tertile,
    lowest n, highest n). What gold suppressed stays hidden here, and so do cells and procedures
    that it compares at one rate. Events are some of the `mature` encounters, so these are what must
    not be few; None where no outcome is known. `referrals` are (employer, cpt, n).
    """
    told = list(providers_by_procedure), list(thirds), list(risk_cells)
    keys = _hidden(*told)
    return HiddenCells(
        {**keys, REFERRAL_CELL: _referrals(referrals)}, partial(_hidden, *told, before=keys)
    )


def _hidden(
    providers_by_procedure: list[tuple[str, str, int, int | None, int, int | None]],
    thirds: list[tuple[str, int, int, int]],
    risk_cells: list[RiskCell],
    before: Keys | None = None,
) -> Keys:
    """Keys of hidden cells by grain. With `before`, the cells that are hidden in any case, those
    whose outcomes leave in no file.
    """
    pooled = {("procedure", cell[0]) for cell in risk_cells if cell[6] not in (None, cell[0])}
    bands: dict[str, list[tuple[int, int, int]]] = {}
    for cpt, tertile, lowest, highest in thirds:
        bands.setdefault(cpt, []).append((lowest, highest, tertile))
    sums: dict[tuple[Any, ...], list[int]] = {}
    cells: list[Cell] = []
    hidden_before: set[tuple[Any, ...]] = set(pooled)
    for grain, kind in KINDS.items():
        hidden_before |= {(kind, *key) for key in (before or {}).get(grain, ())}
    for npi, cpt, n, events, suppressed, mature in providers_by_procedure:
        if suppressed:
            hidden_before.add(("cell", npi, cpt))
        third = next(
            (tertile for lowest, highest, tertile in bands.get(cpt, ()) if lowest <= n <= highest),
            None,
        )
        lines = (("provider", npi), ("third", cpt, third))
        counted = n if mature is None else mature
        people = _people(n, counted, events) if before is not None else ()
        cells.append(Cell(("cell", npi, cpt), counted, lines, (), events, people))
        for total in (("provider", npi), ("third", cpt, third), ("procedure", cpt)):
            so_far = sums.get(total, [0] * (2 + len(people)))
            sums[total] = [
                a + b for a, b in zip(so_far, (counted, events or 0, *people), strict=True)
            ]
    # the sum of everything is shown, so neither of its lines has a cell for it
    above: dict[str, Callable[[tuple[Any, ...]], tuple[Any, ...]]] = {
        "provider": lambda key: ("providers",),
        "third": lambda key: ("procedure", key[1]),
        # rates of procedures that are compared as one tell their sum, so it stands like a total
        "procedure": lambda key: ("small procedures",) if key in pooled else ("procedures",),
    }
    cells += [
        Cell(key, n, (above[key[0]](key),), (key,), events, tuple(people))
        for key, (n, events, *people) in sums.items()
    ]
    hidden = hidden_cells(cells, SMALLEST_CELL, hidden_before)
    while telling := _telling_providers(hidden, pooled, providers_by_procedure):
        hidden = hidden_cells(cells, SMALLEST_CELL, hidden_before | hidden | telling)
    keys = {
        grain: frozenset(key[1:] for key in hidden if key[0] == kind)
        for grain, kind in KINDS.items()
    }
    return keys | {RISK_CELL: _risk(risk_cells, keys["cpt",], before)}


def _people(n: int, counted: int, events: int | None) -> tuple[int, int, int]:
    """With an event, without one, and whose outcome does not count."""
    return events or 0, counted - (events or 0), n - counted


def _telling_providers(
    hidden: Set[tuple[Any, ...]],
    pooled: Set[tuple[Any, ...]],
    providers_by_procedure: Iterable[tuple[Any, ...]],
) -> set[tuple[Any, ...]]:
    """Totals that are shown of providers of a hidden procedure with rates of its own: the expected
    events of the provider would tell these.
    """
    telling = {key for key in hidden if key[0] == "procedure"} - pooled
    totals = {
        ("provider", row[0]) for row in providers_by_procedure if ("procedure", row[1]) in telling
    }
    return totals - hidden


def _risk(
    risk_cells: Iterable[RiskCell], procedures: frozenset[tuple[Any, ...]], before: Keys | None
) -> frozenset[tuple[Any, ...]]:
    """Hidden cells of one procedure each: they share no line with those of another. Of procedures
    that are compared as one, those that share a rate: that of another cell is its own, and told.
    """
    by_procedure: dict[str, list[Cell]] = {}
    by_group: dict[str, list[Cell]] = {}
    compared_as_one: set[str] = set()
    for cpt, band, sex, n, events, mature, procedure_group, group in risk_cells:
        lines = (("procedure", cpt), ("elsewhere", cpt))
        counted = n if mature is None else mature
        people = _people(n, counted, events) if before is not None else ()
        cell = Cell((cpt, band, sex), counted, lines, (), events, people)
        by_procedure.setdefault(cpt, []).append(cell)
        by_group.setdefault(group or f"{cpt} {band} {sex}", []).append(cell)
        if procedure_group not in (None, cpt):
            compared_as_one.add(cpt)
    pooled = {
        cell.key
        for group in by_group.values()
        if sum(cell.n > 0 for cell in group) > 1
        for cell in group
    } | (before or {}).get(RISK_CELL, frozenset())
    found: set[tuple[Any, ...]] = set()
    for cpt, cells in by_procedure.items():
        if cpt in compared_as_one:
            found.update(
                cell.key
                for cell in cells
                if before is not None or cell.n < SMALLEST_CELL or cell.key in pooled
            )
        elif (cpt,) in procedures:
            found.update(cell.key for cell in cells)
        else:
            found |= hidden_cells(cells, SMALLEST_CELL, pooled)
    return frozenset(found)


def _referrals(referrals: Iterable[tuple[str, str, int]]) -> frozenset[tuple[Any, ...]]:
    """Employers by procedure with one to ten referrals, and those that would give them away: the
    sums of an employer and of a procedure are told elsewhere. Nobody is no secret.
    """
    cells = [
        Cell((employer, cpt), n, (("employer", employer), ("procedure", cpt)))
        for employer, cpt, n in referrals
        if n
    ]
    return frozenset(hidden_cells(cells, SMALLEST_CELL))


def emptied(table: str, columns: Iterable[str], for_export: bool = False) -> tuple[Emptied, ...]:
    """What is emptied in a table with these columns, by their classes and its declaration; a column
    without a class is emptied in every row.
    """
    told = meaning(table)
    columns = tuple(columns)
    by_cells: dict[tuple[str, ...] | str, list[str]] = {}
    for name in told.empties("safe_harbor" if for_export else "screen"):
        cells = told.own_cells.get(name, _cells_of_rows(told, columns))
        if name not in columns:
            continue
        if isinstance(cells, tuple) and set(cells) <= set(columns):
            by_cells.setdefault(cells, []).append(name)
        elif _is_of_patients(told, name, cells):
            by_cells.setdefault(ALL_ROWS, []).append(name)
    count = told.count if told.count in columns else None
    only_where = told.only_where if told.only_where in columns else None
    undeclared = told.undeclared(columns)
    found = [
        Emptied(
            tuple(names),
            cells,
            count if cells == told.cells else None,
            only_where,
            told.versions_of if VERSION in columns else (),
        )
        for cells, names in by_cells.items()
    ]
    if for_export:
        found += [
            Emptied(of_outcomes, cells, None, only_where, in_files=True)
            for cells, names in by_cells.items()
            if (cells == RISK_CELL or cells in KINDS)
            and (of_outcomes := tuple(name for name in names if _rests_on_outcomes(told, name)))
        ]
    return (*found, *((Emptied(undeclared, ALL_ROWS),) if undeclared else ()))


def _rests_on_outcomes(told: TableMeaning, column: str) -> bool:
    """Whether a column tells outcomes, or a number of people beside that of the row."""
    return told.classes[column] == "outcome" or (
        told.classes[column] in (COUNT, SHARE) and column != told.count
    )


def _is_of_patients(told: TableMeaning, column: str, cells: Cells) -> bool:
    """Whether a column of rows that are in no known cell tells something of a group of patients: an
    outcome always, an amount where it is of one person or of a cell, and nothing else of a person.
    """
    classification = told.classes[column]
    if classification == "outcome":
        return True
    if cells == NO_CELLS or classification not in ("amount", COUNT, SHARE):
        return False
    return cells is not None or told.is_of_persons


def _cells_of_rows(told: TableMeaning, columns: Iterable[str]) -> Cells:
    """The cells that a model declares; a row about one person that names a provider and a procedure
    is in a cell of theirs whatever is declared.
    """
    if told.cells is None and told.is_of_persons and set(PROVIDER_CELL) <= set(columns):
        return PROVIDER_CELL
    return told.cells
