"""How often 95 % intervals of cost hold the truth, and how often the test of a difference finds one
where there is none.

Cost: amounts of generated worlds are multiplied by a drawn effect of each provider, normal on the
log scale; the intervals are those of `benchmarks/posteriors.py`, which tests hold against the SQL.
Test: the events of each risk cell of a world are dealt at random, the sum compared with the
moments that the product's SQL gives.
"""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.posteriors import cost_posterior, residual_variances
from benchmarks.worlds import Replay
from pipeline.synthetic import generate

DEVIATIONS = (0.0, 0.03, 0.1, 0.15, 0.3)
#: Lower and upper number of encounters of the bands in which coverage is shown.
BANDS = ((1, 24), (25, 49), (50, 99), (100, 10**9))
GRAINS = {"provider": ["npi"], "provider_procedure": ["npi", "cpt"]}
Z_95 = 1.959964
DRAWS = 2_000


def cost_units(amounts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Per grain one row a unit (npi, cpt): encounters `n`, ln of the shrunken index `effect` and
    its standard error `error`; `amounts` has npi, cpt and ln_paid of each encounter.
    """
    amounts = amounts.assign(
        deviation=amounts.ln_paid - amounts.groupby("cpt").ln_paid.transform("mean")
    )
    variance = residual_variances(amounts).clip(lower=0.001)
    cells = amounts.groupby(["npi", "cpt"]).deviation.agg(n="size", excess="sum").reset_index()
    cells["precision"] = cells.n / cells.cpt.map(variance)
    cells["told"] = cells.excess / cells.cpt.map(variance)
    units = {}
    for grain, keys in GRAINS.items():
        sums = cells.groupby(keys)[["n", "precision", "told"]].sum().reset_index()
        effect, square, *_ = cost_posterior(
            (sums.told / sums.precision).to_numpy(),
            (1 / sums.precision).to_numpy(),
            np.sqrt(sums.npi.nunique() / len(sums)),
        )
        units[grain] = sums[[*keys, "n"]].assign(effect=effect, error=np.sqrt(square))
    return units


def shifted(amounts: pd.DataFrame, deviation: float, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """The amounts with a drawn effect of each provider added to ln_paid, and the effects by npi."""
    npis = np.sort(amounts.npi.unique())
    drawn = np.random.default_rng(seed).normal(0, 1, len(npis))
    effects = pd.Series(deviation * drawn, npis)
    return amounts.assign(ln_paid=amounts.ln_paid + amounts.npi.map(effects)), effects


def beside_the_truth(units: dict[str, pd.DataFrame], effects: pd.Series) -> pd.DataFrame:
    """Each unit of each grain with whether its interval holds its true effect. The truth is
    relative to all encounters of the same procedure, or of all, as the index is.
    """
    frames = []
    for grain, frame in units.items():
        own = frame.npi.map(effects)
        group = frame.cpt if "cpt" in frame else pd.Series(0, frame.index)
        mean = (own * frame.n).groupby(group).transform("sum") / frame.n.groupby(group).transform("sum")  # fmt: skip
        held = ((own - mean) - frame.effect).abs() <= Z_95 * frame.error
        frames.append(frame[["n"]].assign(grain=grain, covered=held))
    return pd.concat(frames, ignore_index=True)


def null_amounts(rows: int, seed: int) -> pd.DataFrame:
    """npi, cpt and ln_paid of each encounter of a world in which nobody differs."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(rows, seed, Path(scratch), world="null", defects=False)
        encounters = pd.read_csv(Path(scratch) / "encounters_details.csv", dtype=str)
    return encounters[["npi", "cpt"]].assign(ln_paid=np.log(encounters.paid_amount.astype(float)))


def cost_coverage(rows: int, seeds: Iterable[int]) -> list[dict]:
    """Per grain and true deviation: share of intervals that hold the truth, over all units, in the
    worst world and by band of volume (None where a band is empty).
    """
    frames = []
    for seed in seeds:
        amounts = null_amounts(rows, seed)
        for deviation in DEVIATIONS:
            moved, effects = shifted(amounts, deviation, seed)
            frames.append(
                beside_the_truth(cost_units(moved), effects).assign(deviation=deviation, seed=seed)
            )
    found = []
    for (grain, deviation), units in pd.concat(frames).groupby(["grain", "deviation"]):
        bands = [units.covered[units.n.between(*band)] for band in BANDS]
        found.append(
            {
                "grain": grain,
                "deviation": deviation,
                "covered": float(units.covered.mean()),
                "worst_seed": float(units.groupby("seed").covered.mean().min()),
                "bands": [float(band.mean()) if len(band) else None for band in bands],
            }
        )
    return found


def dealt(cells: pd.DataFrame, keys: Sequence[str], draws: int, seed: int) -> np.ndarray:
    """Sums of (O - E)^2 / E over the units of `keys`, one a draw, with the events of each risk
    group dealt at random; `cells` are rows of provider_case_mix.
    """
    dealer = np.random.default_rng(seed)
    unit = cells[list(keys)].agg(" ".join, axis=1)
    expected = cells.groupby(unit).expected_adverse_event_count.sum()
    places = pd.Series(np.arange(len(expected)), expected.index)
    counts = np.zeros((draws, len(expected)))
    for _, cell in cells.assign(place=unit.map(places)).groupby("risk_group"):
        hands = dealer.multivariate_hypergeometric(
            cell.encounters.to_numpy(), int(cell.adverse_event_count.sum()), size=draws
        )
        for column, place in enumerate(cell.place):
            counts[:, place] += hands[:, column]
    known = expected.to_numpy() > 0
    e = expected.to_numpy()[known]
    return ((counts[:, known] - e) ** 2 / e).sum(axis=1)


def size_of_test(replay: Replay, rows: int, seeds: Iterable[int], draws: int = DRAWS) -> list[dict]:
    """Per grain: how often the test says at 5 % that units differ when only chance acts, over all
    draws of all worlds, and how far the moments are from those of the draws.
    """
    found = {grain: [] for grain in GRAINS}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as scratch:
            generate(rows, seed, Path(scratch), world="null", defects=False)
            replay.fill(Path(scratch))
        replay.build()
        cells = replay.frame("select * from provider_case_mix")
        moments = replay.frame("select * from int_chance_moments").set_index("name")
        for grain, keys in GRAINS.items():
            mean, variance, third = moments.loc[
                grain, ["chi2_mean", "chi2_variance", "chi2_third_moment"]
            ].astype(float)
            sums = dealt(cells, keys, draws, seed)
            p = stats.pearson3.sf(sums, third / variance**1.5, mean, np.sqrt(variance))
            found[grain].append((np.mean(p < 0.05), sums.mean() / mean, sums.var() / variance))
    return [
        {
            "grain": grain,
            "worlds": len(values),
            "size": float(np.mean([size for size, *_ in values])),
            "mean_ratio": float(np.mean([ratio for _, ratio, _ in values])),
            "variance_ratio": float(np.mean([ratio for *_, ratio in values])),
        }
        for grain, values in found.items()
    ]
