"""Whether adverse events of a provider became more, or fewer, over the deliveries: a risk-adjusted
cumulative sum (Steiner, Cook, Farewell and Treasure, Biostatistics 2000;1:441).

Each step of deliveries (`delivery_steps`) adds the log likelihood ratio of doubled, or halved, odds
against those that the case mix predicts; a sum below 0 begins anew. A limit belongs to each
provider: the lowest that chance alone reaches, in all steps together, with a probability of at most
`FALSE_ALARM`, by simulated series of its own patients.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.services.providers.delivery_steps import with_steps
from pipeline.services.providers.shown_encounters import shown_encounters

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

FALSE_ALARM = 0.01
DRAWS, SEED = 10_000, 1954
#: Direction -> how many times the odds of an adverse event are what is looked for.
ODDS = {"more": 2.0, "fewer": 0.5}
#: Providers that are followed: those with the most encounters.
FOLLOWED = 300


@dataclass(frozen=True)
class Trends:
    """`paths`: npi, step, encounters, observed, expected, and the sum over its limit in either
    direction (`more`, `fewer`). `providers`: npi, steps, encounters, the highest of both, whether
    it reached its limit (`alarm`: more, fewer or none), and how likely chance does (`by_chance`).

    `one_step` counts the providers with too few encounters for a second step.
    """

    paths: pd.DataFrame
    providers: pd.DataFrame
    deliveries: int
    one_step: int


def trends(settings: Settings) -> Trends:
    """Every provider that is shown, by step."""
    return followed(shown_encounters(settings))


def followed(encounters: pd.DataFrame) -> Trends:
    """The sums of these encounters (see `shown_encounters`)."""
    largest = encounters.groupby("npi")["encounters"].sum().nlargest(FOLLOWED).index
    stepped = with_steps(encounters[encounters["npi"].isin(largest)])
    generator = np.random.default_rng(SEED)
    paths, rows, one_step = [], [], 0
    for npi, own in stepped.groupby("npi", sort=True):
        if own["step"].nunique() < 2:
            one_step += 1
            continue
        path, row = _of_provider(own, generator)
        paths.append(path.assign(npi=npi))
        rows.append({"npi": npi, **row})
    return Trends(
        pd.concat(paths, ignore_index=True) if paths else pd.DataFrame(),
        pd.DataFrame(rows),
        int(encounters["delivery"].nunique()),
        one_step,
    )


def _of_provider(own: pd.DataFrame, generator: np.random.Generator) -> tuple[pd.DataFrame, dict]:
    levels = [rows for _, rows in own.groupby("step", sort=True)]
    path = pd.DataFrame(
        {
            "step": [int(rows["step"].iloc[0]) for rows in levels],
            "encounters": [int(rows["encounters"].sum()) for rows in levels],
            "observed": [int(rows["events"].sum()) for rows in levels],
            "expected": [float((rows["encounters"] * rows["risk"]).sum()) for rows in levels],
        }
    )
    chance = np.stack([drawn_counts(rows, DRAWS, generator) for rows in levels], axis=1)
    row = {"steps": len(path), "encounters": int(path["encounters"].sum()), "by_chance": 0.0}
    for direction, odds in ODDS.items():
        offsets = np.array([_offset(rows, odds) for rows in levels])
        sums = cumulative(chance, odds, offsets)
        limit, probability = limit_of(sums.max(axis=1))
        own_sums = cumulative(path["observed"].to_numpy()[None, :], odds, offsets)[0]
        path[direction] = own_sums / limit
        row[f"highest_{direction}"] = float(path[direction].max())
        row["by_chance"] += probability
    alarms = [each for each in ODDS if row[f"highest_{each}"] >= 1 - 1e-12]
    return path, row | {"alarm": " and ".join(alarms) or "none"}


def drawn_counts(rows: pd.DataFrame, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Adverse events of a step, were each encounter at its own risk, `draws` times."""
    n, risk = rows["encounters"].to_numpy(), rows["risk"].clip(0, 1).to_numpy()
    return generator.binomial(n, risk, size=(draws, len(n))).sum(axis=1)


def cumulative(counts: np.ndarray, odds: float, offsets: np.ndarray) -> np.ndarray:
    """The sums after each step (column), for series of counts (rows)."""
    sums, total = np.zeros(counts.shape), np.zeros(len(counts))
    for place in range(counts.shape[1]):
        total = np.maximum(0, total + counts[:, place] * np.log(odds) - offsets[place])
        sums[:, place] = total
    return sums


def limit_of(highest: np.ndarray) -> tuple[float, float]:
    """The lowest limit that chance reaches with a probability of at most FALSE_ALARM, and with
    which it does. `highest` are the highest sums of simulated series.
    """
    values, counts = np.unique(np.round(highest, 9), return_counts=True)
    reached = counts[::-1].cumsum()[::-1] / len(highest)
    allowed = (reached <= FALSE_ALARM) & (values > 0)
    if not allowed.any():
        # nothing that was drawn is rare enough: beyond the highest
        return float(max(values[-1], 0) + np.log(2)), 0.0
    place = int(allowed.argmax())
    return float(values[place]), float(reached[place])


def _offset(rows: pd.DataFrame, odds: float) -> float:
    risk = rows["risk"].clip(0, 1).to_numpy()
    return float((rows["encounters"].to_numpy() * np.log1p(risk * (odds - 1))).sum())
