"""How providers compare: the scorecard with its uncertainty, the funnel around it, one provider by procedure.

Rates of a provider with fewer than eleven encounters, or of a cell that small, leave here empty: they say more about
chance than about the provider, and could be traced to patients.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.privacy import SMALLEST_CELL
from pipeline.store import tables as store_tables
from pipeline.store.database import open_warehouse, warehouse_exists
from pipeline.store.tables import Filter, relation_names

#: Two-sided limits of the funnel: normal quantile and the probability of each tail.
LIMITS = {"95 %": (1.959964, 0.025), "99.8 %": (3.090232, 0.001)}
RATES = ["ae_count", "ae_rate", "wilson_lo", "wilson_hi", "expected_ae", "oe", "oe_lo", "oe_hi", "eb_oe", "eb_lo", "eb_hi",
         "rs_rate", "midp_low", "midp_high"]


@dataclass(frozen=True)
class ProviderComparison:
    """All providers (`scorecard`), funnel lines by expected events (`funnel`), and the model behind the shrinkage."""

    scorecard: pd.DataFrame
    funnel: pd.DataFrame
    parameters: dict[str, float]
    suppressed: int


def comparison(settings: Settings) -> ProviderComparison | None:
    """Every provider beside what their case mix predicts; None until gold is built."""
    if not warehouse_exists(settings):
        return None
    with open_warehouse(settings) as connection:
        known = relation_names(connection)
        if "provider_scorecard" not in known:
            return None
        scores = store_tables.table_page(connection, "provider_scorecard", sort="n", descending=True,
                                         limit=store_tables.MAX_PAGE_ROWS)
        names = (store_tables.table_page(connection, "std_providers", limit=store_tables.MAX_PAGE_ROWS,
                                         columns=("npi", "provider_name", "zip5"))
                 if "std_providers" in known else pd.DataFrame(columns=["npi", "provider_name", "zip5"]))
        parameters = _parameters(connection) if "model_parameter" in known else {}
    scores = scores.merge(names, on="npi", how="left")
    scores["provider_name"] = scores["provider_name"].fillna("not in the directory")
    small = scores["n"] < SMALLEST_CELL
    scores[RATES] = scores[RATES].astype("float64").mask(small)
    shown = scores[~small]
    largest = float(shown["expected_ae"].max()) if len(shown) else 1.0
    return ProviderComparison(scores, funnel_lines(largest), parameters, int(small.sum()))


def by_procedure(settings: Settings, npi: str) -> pd.DataFrame:
    """One row a procedure of one provider; rates of cells under eleven encounters are empty."""
    with open_warehouse(settings) as connection:
        rows = store_tables.table_page(connection, "provider_procedure_scorecard", (Filter("npi", "is", npi),), sort="n",
                                       descending=True)
        labels = store_tables.table_page(connection, "dim_procedure", columns=("cpt", "plain_label"))
    rows = rows.merge(labels, on="cpt", how="left")
    present = [column for column in RATES if column in rows]
    rows[present] = rows[present].astype("float64").mask(rows["n"] < SMALLEST_CELL)
    return rows


def funnel_lines(largest_expected: float, points: int = 80) -> pd.DataFrame:
    """Columns expected, limit, low, high: O/E that a provider with that many expected events would seldom leave.

    Byar's limits of a Poisson count with O set to E; they draw the funnel, the verdicts come from exact mid-P. There is no
    lower limit (NaN) while no event at all would still be likely.
    """
    expected = np.linspace(0.25, max(largest_expected * 1.05, 1.0), points)
    frames = []
    for name, (z, tail) in LIMITS.items():
        low = np.clip(1 - 1 / (9 * expected) - z / (3 * np.sqrt(expected)), 0, None) ** 3
        low[np.exp(-expected) > tail] = np.nan
        above = expected + 1
        high = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3 / expected
        frames.append(pd.DataFrame({"expected": expected, "limit": name, "low": low, "high": high}))
    return pd.concat(frames, ignore_index=True)


def _parameters(connection) -> dict[str, float]:
    rows = store_tables.table_page(connection, "model_parameter", (Filter("name", "is", "provider"),), limit=1)
    if rows.empty:
        return {}
    return {name: float(value) for name, value in rows.iloc[0].items()
            if isinstance(value, int | float | np.number) and not name.startswith("_")}
