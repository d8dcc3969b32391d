"""How often chance alone brings a provider to a limit of its trend, and how often a provider that
became worse is noticed.

    python -m benchmarks.alarms [--seeds 50] [--first-seed 17001]

Worlds of 24 providers, three procedures of eight patient groups each and six deliveries, made here.
A limit promises that chance reaches it with a probability of at most 1 % in each direction. It is
worked out from risks; the product has only those that the same events gave (as in `int_risk_cell`),
so both are shown: the true risks, and the estimated ones.
"""

import argparse
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from pipeline.services.providers.trends import followed

FIRST_SEED = 17_001
PROVIDERS, PROCEDURES, GROUPS, DELIVERIES = 24, 3, 8, 6
#: Encounters that a cell borrows from its procedure, as in `int_risk_cell`.
BORROWED = 20
#: How many times the odds are, from the middle delivery on, of the provider that becomes worse.
WORSE = 2.0
#: Mean encounters of a provider at a procedure in one delivery.
VOLUMES = (4, 15)


def world(seed: int, volume: float, worse: Sequence[str] = ()) -> pd.DataFrame:
    """A row each npi, cpt, patient group and delivery, with its true risk and drawn events; `worse`
    are providers whose odds rise in the middle of the deliveries.
    """
    generator = np.random.default_rng(seed)
    cells = pd.MultiIndex.from_product(
        [[str(npi) for npi in range(PROVIDERS)], [f"cpt {cpt}" for cpt in range(PROCEDURES)],
         range(GROUPS), range(1, DELIVERIES + 1)],
        names=["npi", "cpt", "group", "delivery"],
    ).to_frame(index=False)  # fmt: skip
    base = pd.Series(generator.beta(2, 16, PROCEDURES), [f"cpt {cpt}" for cpt in range(PROCEDURES)])
    times = generator.lognormal(0, 0.4, GROUPS)
    size = pd.Series(generator.lognormal(0, 0.6, PROVIDERS), cells.npi.unique())
    cells["true_risk"] = (cells.cpt.map(base) * times[cells.group]).clip(0.005, 0.6)
    cells["encounters"] = generator.poisson(volume / GROUPS * cells.npi.map(size))
    cells = cells[cells.encounters > 0].reset_index(drop=True)
    later = cells.npi.isin(worse) & (cells.delivery > DELIVERIES // 2)
    odds = cells.true_risk / (1 - cells.true_risk) * np.where(later, WORSE, 1)
    cells["events"] = generator.binomial(cells.encounters, odds / (1 + odds))
    return cells


def estimated_risk(cells: pd.DataFrame) -> pd.Series:
    """The risk of each row from the events themselves: rates of procedure and patient group that
    borrow from their procedure, scaled so that as many events are expected as were observed.
    """
    counts = ["events", "encounters"]
    own = cells.groupby(["cpt", "group"])[counts].transform("sum")
    whole = cells.groupby("cpt")[counts].transform("sum")
    rate = (own.events + BORROWED * whole.events / whole.encounters) / (own.encounters + BORROWED)
    return rate * cells.events.sum() / (rate * cells.encounters).sum()


def alarms(volume: float, seeds: Iterable[int]) -> list[dict]:
    """Per kind of risk: providers followed, the share with an alarm and what chance gives of it,
    worlds with any alarm, and (with estimated risks) the share of providers that became worse with
    the alarm `more`.
    """
    results = []
    for kind in ("true", "estimated"):
        calm, noticed = [], []
        for seed in seeds:
            for worse in ([], [str(seed % PROVIDERS)])[: 1 if kind == "true" else 2]:
                cells = world(seed, volume, worse)
                risk = cells.true_risk if kind == "true" else estimated_risk(cells)
                providers = followed(cells.assign(risk=risk)).providers
                if worse:
                    noticed += (providers.alarm[providers.npi.isin(worse)] == "more").tolist()
                else:
                    calm.append(providers.assign(seed=seed))
        quiet = pd.concat(calm)
        alarmed = quiet.alarm != "none"
        results.append(
            {
                "risks": kind,
                "providers": len(quiet),
                "alarms": float(alarmed.mean()),
                "by_chance": float(quiet.by_chance.mean()),
                "worlds": quiet.seed.nunique(),
                "worlds_with_any": int(quiet.seed[alarmed].nunique()),
                "noticed": float(np.mean(noticed)) if noticed else None,
            }
        )
    return results


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row a volume and kind of risk."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.alarms", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    options = parser.parse_args(arguments)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    print(
        "| encounters a delivery | risks | providers | alarms | by chance | worlds with any | doubled odds noticed |"
    )
    print("|---|---|---|---|---|---|---|")
    for volume in VOLUMES:
        for found in alarms(volume, seeds):
            print(
                f"| {volume * PROCEDURES} | {found['risks']} | {found['providers']:,} | {found['alarms']:.2%} | "
                f"{found['by_chance']:.2%} | {found['worlds_with_any']} of {found['worlds']} | "
                f"{'' if found['noticed'] is None else format(found['noticed'], '.0%')} |"
            )


if __name__ == "__main__":
    main()
