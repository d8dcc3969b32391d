"""What survives other ways of counting, in sentences."""

from collections.abc import Mapping

import pandas as pd

from pipeline.services.providers.explain_providers import counted
from pipeline.services.providers.sensitivity import MOST, PUBLISHED, Sensitivity


def flags(found: Sensitivity) -> str:
    """How many of the published flags at 95 % every way of counting has."""
    published = found.verdicts[PUBLISHED]
    flagged = published[published.isin(("high", "low"))].index
    ways = found.verdicts.shape[1] - 1
    if not len(flagged):
        return f"No provider is outside the 95 % limits as published; {_elsewhere(found)}"
    kept = sum(holds(found.verdicts.loc[npi]) for npi in flagged)
    return (
        f"Of {counted(len(flagged), 'provider')} outside the 95 % limits {kept} "
        f"{'is' if kept == 1 else 'are'} so in all {ways} other ways of counting; {_elsewhere(found)}"
    )


def holds(verdicts: pd.Series) -> bool:
    """Whether every way that has the provider in it says what is published."""
    return bool((verdicts.dropna() == verdicts[PUBLISHED]).all())


def _elsewhere(found: Sensitivity) -> str:
    is_in = ~found.verdicts[PUBLISHED].isin(("high", "low"))
    others = found.verdicts[is_in].isin(("high", "low")).any(axis=1).sum()
    return f"{counted(int(others), 'other')} would be outside in some way."


def extremes(
    ratios: pd.DataFrame, names: Mapping[str, str], lowest: str, highest: str
) -> list[str]:
    """Who is lowest and highest in each column, in a sentence each."""
    found = []
    columns = [name for name in ratios if ratios[name].notna().sum() > 1]
    for title, pick in ((lowest, "idxmin"), (highest, "idxmax")):
        who = [getattr(ratios[name].dropna(), pick)() for name in columns]
        if not who:
            continue
        first = max(set(who), key=lambda npi: (who.count(npi), npi))
        share = (
            f"in all {len(who)}" if len(set(who)) == 1 else f"in {who.count(first)} of {len(who)}"
        )
        found.append(f"{title}: {names.get(first, first)} {share} ways of counting.")
    return found


def weights(found: Sensitivity, names: Mapping[str, str]) -> str:
    """Who is best and worst in quality, whatever outcome and cost weigh."""
    if found.quality.empty:
        return ""
    told = []
    for column in ("best", "worst"):
        who = found.quality[column]
        told.append(
            f"the {column} is {names.get(who.iloc[0], who.iloc[0])} at every weight"
            if who.nunique() == 1
            else f"the {column} is one of {who.nunique()} providers, by the weight"
        )
    return f"In quality, with outcome weighing from 100 % to 0 % beside cost, {' and '.join(told)}."


def expectation(found: Sensitivity) -> str:
    """Discrimination and calibration of what is expected."""
    if found.auc is None or found.auc_corrected is None:
        return "Nothing can be said of how well the expectation tells patients apart."
    slope = (
        ""
        if found.slope_corrected is None
        else f" Its calibration slope is {found.slope_corrected:.2f} (1 is right; below, expected risks spread too much)."
    )
    return (
        f"An encounter with an adverse event had the higher expected risk with a probability of {found.auc:.2f} (AUC; 0.50 is "
        f"chance), of {found.auc_corrected:.2f} corrected for having been fitted to the same events.{slope}"
    )


def scope() -> str:
    """What all this leaves out."""
    return (
        f"Worked out from what this page shows, at the {MOST} providers with the most encounters: events of hidden groups stand "
        "together, so the published verdicts may differ from those of the same rule here. A prior moves the ratio and no verdict, "
        "which rests on the events as they fell."
    )
