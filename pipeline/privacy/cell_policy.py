"""What a table may tell of small cells, by what its rows are: which columns are emptied in which
rows.

One decision for all tables, so that what one hides another does not show: providers by procedure,
their totals, the totals of procedures and of their thirds by volume are one system of sums
(`small_cells`). Screens lose the outcomes of hidden cells; exports lose their counts and amounts as
well. Finer tables of providers show no outcome at all.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.privacy.column_meaning import ALL_ROWS, IN_EXPORTS, meaning
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.privacy.suppression import Cell, hidden_cells

PROVIDER_CELL, RISK_CELL = ("npi", "cpt"), ("cpt", "age_band", "sex")


@dataclass(frozen=True)
class HiddenCells:
    """Keys of the hidden cells by grain: `("npi", "cpt")` -> pairs, and so on."""

    keys: Mapping[tuple[str, ...], frozenset[tuple[Any, ...]]]

    def of(self, grain: tuple[str, ...]) -> frozenset[tuple[Any, ...]]:
        """Hidden keys of one grain."""
        return self.keys.get(grain, frozenset())


@dataclass(frozen=True)
class Emptied:
    """Columns that are emptied where `grain` is a hidden cell, in all rows, or where `count` is
    below the smallest cell.

    With `only_where` only rows in which that column is 1 are emptied.
    """

    columns: tuple[str, ...]
    grain: tuple[str, ...] | str
    count: str | None = None
    only_where: str | None = None


def hide(
    providers_by_procedure: Iterable[tuple[str, str, int, int]],
    thirds: Iterable[tuple[str, int, int, int]],
    risk_cells: Iterable[tuple[str, str, str, int]],
) -> HiddenCells:
    """The hidden cells of a warehouse.

    `providers_by_procedure` are (npi, cpt, n, suppressed), `thirds` (cpt, tertile, lowest n,
    highest n), `risk_cells` (cpt, band, sex, n). What gold suppressed stays hidden here.
    """
    bands: dict[str, list[tuple[int, int, int]]] = {}
    for cpt, tertile, lowest, highest in thirds:
        bands.setdefault(cpt, []).append((lowest, highest, tertile))
    sums: dict[tuple[Any, ...], int] = {}
    cells, suppressed_in_gold = [], set()
    for npi, cpt, n, suppressed in providers_by_procedure:
        if suppressed:
            suppressed_in_gold.add(("cell", npi, cpt))
        third = next(
            (tertile for lowest, highest, tertile in bands.get(cpt, ()) if lowest <= n <= highest),
            None,
        )
        cells.append(Cell(("cell", npi, cpt), n, (("provider", npi), ("third", cpt, third))))
        for total in (("provider", npi), ("third", cpt, third), ("procedure", cpt), ("all",)):
            sums[total] = sums.get(total, 0) + n
    above: dict[str, Callable[[tuple[Any, ...]], tuple[Any, ...]]] = {
        "provider": lambda key: ("providers",),
        "third": lambda key: ("procedure", key[1]),
        "procedure": lambda key: ("procedures",),
    }
    cells += [
        Cell(key, n, (above[key[0]](key),), (key,)) for key, n in sums.items() if key != ("all",)
    ]
    if cells:
        cells.append(Cell(("all",), sums["all",], (), (("providers",), ("procedures",))))
    hidden = hidden_cells(cells, SMALLEST_CELL, suppressed_in_gold)
    found = {
        PROVIDER_CELL: "cell",
        ("npi",): "provider",
        ("cpt", "tertile"): "third",
        ("cpt",): "procedure",
    }
    keys = {
        grain: frozenset(key[1:] for key in hidden if key[0] == kind)
        for grain, kind in found.items()
    }
    return HiddenCells(keys | {RISK_CELL: _risk(risk_cells, keys["cpt",])})


def _risk(
    risk_cells: Iterable[tuple[str, str, str, int]], procedures: frozenset[tuple[Any, ...]]
) -> frozenset[tuple[Any, ...]]:
    """Hidden cells of one procedure each: they share no line with those of another."""
    by_procedure: dict[str, list[Cell]] = {}
    for cpt, band, sex, n in risk_cells:
        by_procedure.setdefault(cpt, []).append(
            Cell((cpt, band, sex), n, (("procedure", cpt), ("elsewhere", cpt)))
        )
    found: set[tuple[Any, ...]] = set()
    for cpt, cells in by_procedure.items():
        if (cpt,) in procedures:
            found.update(cell.key for cell in cells)
        else:
            found |= hidden_cells(cells, SMALLEST_CELL)
    return frozenset(found)


def emptied(table: str, columns: Iterable[str], for_export: bool = False) -> tuple[Emptied, ...]:
    """What is emptied in a table with these columns, as its declaration says; an undeclared column
    is emptied in every row.
    """
    told = meaning(table)
    if told is None:
        return ()
    columns = tuple(columns)
    words = IN_EXPORTS if for_export else ("outcome",)
    by_cells: dict[tuple[str, ...] | str, list[str]] = {}
    for name in told.that_tell(*words):
        cells = told.own_cells.get(name, told.cells)
        # a figure without cells is of no group of patients; an outcome is never taken for one
        if name in columns and (cells or told.tells[name] == "outcome"):
            fits = isinstance(cells, tuple) and set(cells) <= set(columns)
            by_cells.setdefault(cells if fits and cells else ALL_ROWS, []).append(name)
    count = next((name for name in told.that_tell("count") if name in columns), None)
    only_where = told.only_where if told.only_where in columns else None
    undeclared = told.undeclared(columns)
    return tuple(
        Emptied(tuple(names), cells, count if cells == told.cells else None, only_where)
        for cells, names in by_cells.items()
    ) + ((Emptied(undeclared, ALL_ROWS),) if undeclared else ())
