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

from pipeline.privacy.masking import COUNTS, OUTCOMES, SMALLEST_CELL
from pipeline.privacy.suppression import Cell, hidden_cells

#: Columns that tell an outcome, beside those that `privacy.OUTCOMES` begins.
OUTCOME_NAMES = (
    "o",
    "e",
    "rate_raw",
    "rate_smoothed",
    "calibrated_rate",
    "rate_lo",
    "rate_hi",
    "lo95",
    "hi95",
    "funnel_95",
    "funnel_998",
    "od_95",
    "od_998",
    "row_hash",
    "outcome_score",
    "outcome_se",
    "merit_score",
    "order_score",
    "score",
    "score_se",
    "score_lo",
    "score_hi",
    "reason_codes",
    "reasons_text",
)
#: 1 where a row of the choice tables tells an outcome at all; of the others the reasons say that
#: nothing can be told.
MEASURED = "is_measured"
#: What says which cell a row is, and since when; never emptied.
KEYS = (
    "npi",
    "cpt",
    "tertile",
    "age_band",
    "sex",
    "zip3",
    "employer_id",
    "row_version",
    "feature_version",
    "is_retired",
    "suppressed",
    "small_cell",
)
PROVIDER_CELL, RISK_CELL = ("npi", "cpt"), ("cpt", "age_band", "sex")
#: Grain of a table (all of these columns) -> the cells that its rows are; the first that fits.
GRAINS = (
    ("encounter_id",),
    ("npi", "cpt", "age_band"),
    PROVIDER_CELL,
    ("npi",),
    ("cpt", "tertile"),
    RISK_CELL,
    ("cpt",),
)
ALL_ROWS = "all rows"


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


def emptied(types: Mapping[str, str], for_export: bool = False) -> tuple[Emptied, ...]:
    """What is emptied in a table with these columns (name -> declared type); nothing where no
    column tells an outcome.
    """
    grain = next((each for each in GRAINS if set(each) <= types.keys()), None)
    outcomes = tuple(name for name in types if is_outcome(name))
    if grain is None or not outcomes and not (for_export and _count(types)):
        return ()
    if grain == ("encounter_id",):
        rates = tuple(name for name in outcomes if name == "expected_ae")
        found = (
            [Emptied(tuple(name for name in outcomes if name not in rates), PROVIDER_CELL)]
            if {"npi", "cpt"} <= types.keys()
            else []
        )
        return tuple(found) + (
            (Emptied(rates, RISK_CELL),) if rates and set(RISK_CELL) <= types.keys() else ()
        )
    columns = (
        tuple(name for name in types if _is_measure(name, types[name])) if for_export else outcomes
    )
    return (
        Emptied(
            columns,
            ALL_ROWS if grain == ("npi", "cpt", "age_band") else grain,
            _count(types),
            MEASURED if MEASURED in types else None,
        ),
    )


def is_outcome(column: str) -> bool:
    """Whether a column tells of adverse events."""
    return column.startswith(OUTCOMES) or column in OUTCOME_NAMES


def _count(types: Mapping[str, str]) -> str | None:
    return next((name for name in COUNTS if name in types), None)


def _is_measure(column: str, declared: str) -> bool:
    return (
        is_outcome(column)
        or column not in KEYS
        and not column.startswith("_")
        and not declared.startswith("text")
    )
