"""Peer groups and the cost of adverse events in sentences."""

import pandas as pd

from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.providers.explain_providers import counted
from pipeline.services.providers.peers import AREA, PROCEDURE, UNKNOWN, VOLUME, Peers

METHOD = (
    "Of the providers whose outcome is shown. The benchmark of a group is its observed over expected, shrunk to that of all "
    "groups as far as the data leave it open, with a 95 % interval; intervals that hold 1 tell no group from the others. "
    "Each provider is part of its own groups."
)
NO_COST = f"No procedure has {SMALLEST_CELL} encounters with an adverse event and as many without that may be shown."
EXPLORATORY = (
    "Ratio of the geometric means of the amounts within a procedure, with a 95 % interval. Exploratory: who has an adverse event "
    "is older and sicker in ways that no file tells, the amount may have been paid for something else, and the basis of payment is "
    f"unknown. Told from {SMALLEST_CELL} encounters of either kind on."
)
NAMES = {
    VOLUME: "of its third by volume",
    PROCEDURE: "with its main procedure",
    AREA: "of its area",
}


def beside(found: Peers, npi: str, scores: pd.Series) -> list[str]:
    """A sentence for each group of a provider."""
    told = []
    for kind, words in NAMES.items():
        group = found.of.loc[npi, kind]
        row = found.groups[(found.groups["kind"] == kind) & (found.groups["group"] == group)]
        if row.empty or group == UNKNOWN:
            continue
        own = row.iloc[0]
        who = f"{counted(own['providers'], 'provider')} {words} ({group})"
        if own["providers"] == 1:
            told.append(f"Nobody else is {words} ({group}).")
            continue
        told.append(
            f"{who}: {own['benchmark']:.2f} times the expected adverse events, from {own['low']:.2f} to "
            f"{own['high']:.2f}; this provider {float(scores['shrunken_ratio']):.2f}, from "
            f"{float(scores['shrunken_ratio_low']):.2f} to {float(scores['shrunken_ratio_high']):.2f}."
        )
    return told
