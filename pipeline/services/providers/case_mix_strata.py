"""The risk cells of the case mix as a screen may know them: events of hidden cells stand in one
pool a procedure, and those of hidden procedures in one pool for all.

A pool is what the total of its procedure leaves beside the cells that are shown, so everything that
is worked out of strata could be worked out from the screen.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

CELL = ["cpt", "age_band", "sex"]


@dataclass(frozen=True)
class Strata:
    """`totals`: stratum, cpt, encounters, events; `own`: npi, cpt, stratum, encounters."""

    totals: pd.DataFrame
    own: pd.DataFrame

    def expected(self, prior: float) -> pd.DataFrame:
        """`own` with the rate of its stratum, smoothed by `prior` encounters of its procedure, and
        made to agree with the events in sum.
        """
        totals = self.totals.assign(rate=self.rates(prior))
        return self.own.merge(totals[["stratum", "rate"]], on="stratum")

    def rates(self, prior: float) -> np.ndarray:
        """The rate of each stratum, in the order of `totals`."""
        sums = self.totals.groupby("cpt")[["encounters", "events"]].transform("sum")
        mean = sums["events"] / sums["encounters"]
        rates = (self.totals["events"] + prior * mean) / (self.totals["encounters"] + prior)
        factor = self.totals["events"].sum() / (rates * self.totals["encounters"]).sum()
        return (rates * factor).to_numpy()


def strata(
    cells: pd.DataFrame, own: pd.DataFrame, procedures: pd.DataFrame, events: float, cut: str = ""
) -> Strata:
    """From risk cells (CELL, encounters, events; null where hidden), providers by cell (npi, CELL,
    encounters), procedures (cpt, events; null where hidden) and all events.

    `cut` leaves parts of the cells out: "age", "sex", or "65" for two age bands.
    """
    known = procedures.set_index("cpt")["events"]
    cells = cells.assign(stratum=_names(cells, known, cut))
    totals = cells.groupby("stratum", as_index=False).agg(
        encounters=("encounters", "sum"), events=("events", lambda each: each.sum(skipna=False))
    )
    totals["cpt"] = totals["stratum"].str.split("|").str[0]
    shown = totals.groupby("cpt")["events"].sum()
    rest = (known - shown).where(known.notna())
    rest.loc[""] = events - known.sum()
    totals["events"] = totals["events"].fillna(totals["cpt"].map(rest)).clip(lower=0)
    merged = own.merge(cells[[*CELL, "stratum"]], on=CELL)
    merged["cpt"] = merged["stratum"].str.split("|").str[0].where(merged["stratum"] != "|", "")
    sums = merged.groupby(["npi", "cpt", "stratum"], as_index=False)["encounters"].sum()
    return Strata(totals[totals["encounters"] > 0].reset_index(drop=True), sums)


def _names(cells: pd.DataFrame, known: pd.Series, cut: str) -> pd.Series:
    band = cells["age_band"]
    if cut == "age":
        band = pd.Series("", index=cells.index)
    elif cut == "65":
        band = band.where(band == "0-64", "65+")
    sex = cells["sex"] if cut != "sex" else pd.Series("", index=cells.index)
    names = cells["cpt"] + "|" + band + "|" + sex
    names = names.mask(cells["events"].isna(), cells["cpt"] + "|hidden")
    return names.mask(cells["cpt"].map(known).isna(), "|")


def discrimination(rates: np.ndarray, encounters: np.ndarray, events: np.ndarray) -> float:
    """How likely an encounter with an adverse event had a higher risk than one without (AUC; equal
    risks count half).
    """
    order = np.argsort(rates, kind="stable")
    levels = pd.DataFrame({"rate": rates[order], "y": events[order], "n": encounters[order]})
    sums = levels.groupby("rate").sum()
    without = sums["n"] - sums["y"]
    lower = without.cumsum() - without
    pairs = sums["y"].sum() * without.sum()
    return float((sums["y"] * (lower + without / 2)).sum() / pairs) if pairs else float("nan")


def calibration_slope(rates: np.ndarray, encounters: np.ndarray, events: np.ndarray) -> float:
    """The slope of the log odds of the events on those of the rates; 1 where these are right, below
    where they spread too much (Newton's method on the logistic likelihood).
    """
    inside = (rates > 0) & (rates < 1)
    x = np.log(rates[inside] / (1 - rates[inside]))
    n, y = encounters[inside], events[inside]
    if len(x) < 2 or np.ptp(x) < 1e-9 or not 0 < y.sum() < n.sum():
        return float("nan")
    centre = np.average(x, weights=n)
    design = np.column_stack([np.ones(len(x)), x - centre])
    beta = np.array([np.log(y.sum() / (n.sum() - y.sum())), 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        information = design.T @ (design * (n * p * (1 - p))[:, None])
        step = np.linalg.solve(information, design.T @ (y - n * p))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    return float(beta[1])
