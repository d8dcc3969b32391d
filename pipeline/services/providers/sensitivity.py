"""Which statements about providers survive other ways of counting: another prior, other bands, own
events left out of the expectation, another floor, other shares cut off the amounts, other weights.

Everything is worked out from what a screen shows (`open_visible`): events of hidden risk cells
stand in pools (`case_mix_strata`), and providers that are hidden are in no statement.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.declared.variables import load_variables
from pipeline.services.providers.case_mix_strata import (
    CELL,
    Strata,
    calibration_slope,
    discrimination,
    strata,
)
from pipeline.services.providers.count_chance import binomial, hypergeometric, mid_p, verdict
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import tables
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

NEEDED = (
    "provider_scorecard",
    "provider_case_mix",
    "case_mix_reference",
    "procedure_benchmark",
    "provider_procedure_scorecard",
    "model_parameter",
)
PUBLISHED = "as published"
OWN_LEFT_OUT = "own events left out"
PRIORS, FLOORS = (5, 80), (25, 50)
CUTS = {"65": "two age bands", "age": "no age", "sex": "no sex"}
#: Shares of outcome in the quality of a provider, the rest is cost.
WEIGHTS = (1.0, 0.7, 0.5, 0.3, 0.0)
#: Providers for whom chance is worked out again: those with the most encounters.
MOST = 150
DRAWS, SEED = 200, 77


@dataclass(frozen=True)
class Sensitivity:
    """`verdicts` and `ratios`: a row a shown provider (npi), a column a way of counting; null where
    that way leaves the provider out. `quality`: best and worst npi a weight.

    `auc` and `slope` of the expectation, as fitted and corrected for having been fitted to the
    same events; None where nothing can be told.
    """

    verdicts: pd.DataFrame
    ratios: pd.DataFrame
    quality: pd.DataFrame
    auc: float | None
    auc_corrected: float | None
    slope_corrected: float | None


def sensitivity(settings: Settings) -> Sensitivity | None:
    """All ways of counting; None where no outcome is shown."""
    with open_visible(settings, *NEEDED) as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return None

        def rows(table: str, **columns: str) -> pd.DataFrame:
            names = ", ".join(f'{name} as "{shown}"' for shown, name in columns.items())
            return pd.read_sql_query(f"select {names} from {table}", connection)

        counted = {"encounters": "mature_encounter_count", "events": "adverse_event_count"}
        cell = {name: name for name in CELL}
        scores = tables.table_page(connection, "provider_scorecard", limit=tables.MAX_PAGE_ROWS)
        cells = rows("case_mix_reference", **cell, encounters="mature_encounter_count", events="observed_count")  # fmt: skip
        own = rows("provider_case_mix", npi="npi", **cell, encounters="mature_encounter_count")
        procedures = rows("procedure_benchmark", cpt="cpt", **counted)
        shown = rows("provider_procedure_scorecard", npi="npi", cpt="cpt", **counted)
        model = tables.table_page(connection, "model_parameter", limit=2).set_index("name")
    scores = scores.dropna(subset=["observed_to_expected"]).nlargest(MOST, "encounter_count")
    if len(scores) < 2:
        return None
    provider = model.loc["provider"]
    events = round(float(provider["overall_rate"]) * float(cells["encounters"].sum()))
    if not events:
        return None

    def cut(name: str) -> Strata:
        return strata(cells, own[own["encounters"] > 0], procedures, events, name)

    prior = float(load_variables()["case_mix_prior_encounters"])
    counting = _Counting(scores.set_index("npi"), shown, float(provider["tau2_used"] or 0))
    return counting.all_ways(cut, prior)


class _Counting:
    def __init__(self, scores: pd.DataFrame, shown: pd.DataFrame, variance: float) -> None:
        self.scores, self.shown, self.variance = scores, shown, max(variance, 1e-6)
        self.observed = scores["adverse_event_count"].astype(int)

    def all_ways(self, cut: Callable[[str], Strata], prior: float) -> Sensitivity:
        whole = cut("")
        verdicts = {PUBLISHED: self.scores["funnel_verdict_95"].replace("none", "in")}
        ratios = {PUBLISHED: self.scores["shrunken_ratio"].astype(float)}
        for way, (told, ratio) in self._other_ways(whole, cut, prior):
            verdicts[way], ratios[way] = told, ratio
        for floor in FLOORS:
            is_in = self.scores["mature_encounter_count"] >= floor
            verdicts[f"from {floor} encounters"] = verdicts[PUBLISHED].where(is_in)
            ratios[f"from {floor} encounters"] = ratios[PUBLISHED].where(is_in)
        return Sensitivity(
            pd.DataFrame(verdicts), pd.DataFrame(ratios), self._quality(), *_of_expectation(whole, prior)
        )  # fmt: skip

    def _other_ways(
        self, whole: Strata, cut: Callable[[str], Strata], prior: float
    ) -> Iterator[tuple[str, tuple[pd.Series, pd.Series]]]:
        dealt = self._dealt(whole)
        for other in PRIORS:
            yield f"prior of {other}", (dealt, self._ratio(_sums(whole.expected(other))))
        for name, title in CUTS.items():
            coarser = cut(name)
            yield title, (self._dealt(coarser), self._ratio(_sums(coarser.expected(prior))))
        yield OWN_LEFT_OUT, self._without_own(whole.expected(prior))

    def _ratio(self, expected: pd.Series) -> pd.Series:
        """Observed over expected, shrunk with the published variance."""
        borrowed = 1 / self.variance
        return (self.observed + borrowed) / (expected.reindex(self.scores.index) + borrowed)

    def _dealt(self, cells: Strata) -> pd.Series:
        """Verdicts where the events of each stratum fall on its encounters at random."""
        sizes = cells.totals.set_index("stratum")[["encounters", "events"]].round().astype(int)
        told = {}
        for npi, own in cells.own[cells.own["npi"].isin(self.scores.index)].groupby("npi"):
            parts = [
                hypergeometric(int(row.encounters), *map(int, sizes.loc[row.stratum]))
                for row in own.itertuples()
            ]
            told[npi] = verdict(mid_p(parts, int(self.observed[npi])))
        return pd.Series(told).reindex(self.scores.index)

    def _without_own(self, own: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        """Verdicts and ratios by what others have of a procedure, at the same age and sex."""
        own = own.assign(expected=own["encounters"] * own["rate"])
        by = own.groupby(["npi", "cpt"], as_index=False)["expected"].sum()
        by = by.merge(self.shown[["npi", "cpt", "events"]], on=["npi", "cpt"], how="left")
        others = by["expected"].groupby(by["cpt"]).transform("sum") - by["expected"]
        # what of a procedure is hidden counts as expected
        counted = by["events"].fillna(by["expected"])
        left = counted.groupby(by["cpt"]).transform("sum") - counted
        by["factor"] = np.where(others > 1e-9, left / others.clip(lower=1e-9), 1.0)
        own = own.merge(by[["npi", "cpt", "factor"]], on=["npi", "cpt"])
        own["risk"] = (own["rate"] * own["factor"]).clip(0, 1)
        told = {}
        for npi, rows in own[own["npi"].isin(self.scores.index)].groupby("npi"):
            parts = [binomial(int(row.encounters), float(row.risk)) for row in rows.itertuples()]
            told[npi] = verdict(mid_p(parts, int(self.observed[npi])))
        expected = (own["encounters"] * own["risk"]).groupby(own["npi"]).sum()
        return pd.Series(told).reindex(self.scores.index), self._ratio(expected)

    def _quality(self) -> pd.DataFrame:
        known = self.scores.dropna(subset=["shrunken_ratio", "cost_index_shrunk"])
        outcome, cost = (
            np.log(known[name].astype(float)) for name in ("shrunken_ratio", "cost_index_shrunk")
        )
        rows = []
        for weight in WEIGHTS:
            quality = weight * outcome + (1 - weight) * cost
            if len(quality):
                rows.append({"weight": weight, "best": quality.idxmin(), "worst": quality.idxmax()})
        return pd.DataFrame(rows)


def _sums(expected: pd.DataFrame) -> pd.Series:
    return (expected["encounters"] * expected["rate"]).groupby(expected["npi"]).sum()


def _of_expectation(cells: Strata, prior: float) -> tuple[float | None, float | None, float | None]:
    """AUC as fitted, AUC and calibration slope corrected: events are drawn at the fitted rates, the
    rates fitted to them, and judged by these events and by those that they would be used for.
    """
    n, y = (cells.totals[name].to_numpy(float) for name in ("encounters", "events"))
    rates = cells.rates(prior)
    generator = np.random.default_rng(SEED)
    gains, slopes = [], []
    for _ in range(DRAWS):
        drawn = generator.binomial(n.astype(int), rates.clip(0, 1)).astype(float)
        if not drawn.sum():
            continue
        fitted = Strata(cells.totals.assign(events=drawn), cells.own).rates(prior)
        gains.append(discrimination(fitted, n, drawn) - discrimination(fitted, n, n * rates))
        slopes.append(calibration_slope(fitted, n, n * rates))
    apparent = discrimination(rates, n, y)
    if np.isnan(apparent) or not gains:
        return None, None, None
    slope = float(np.nanmean(slopes)) if np.isfinite(slopes).any() else None
    return apparent, float(apparent - np.nanmean(gains)), slope
