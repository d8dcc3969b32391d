"""Expected adverse events and cost of the referrals of one procedure, before and after a network
changes.

Referrals go to the providers whose numbers are shown, by their encounters, as in
employer_savings_opportunity. Their shares are taken as known; intervals hold what is uncertain of
the providers, and those of a change only what moves.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

Z_95 = 1.959964
NO_CHANGE, MORE, LESS = "cannot be told from no change", "more", "less"
NOTHING, HIDDEN, NOBODY = "nothing moves", "too few done, or too few to show", "unknown"
MEASURES = ("events", "cost")
MEASURE_COLUMNS = (
    "shrunken_ratio",
    "shrunken_ratio_low",
    "shrunken_ratio_high",
    "cost_index_shrunk",
    "cost_standard_error",
)


@dataclass(frozen=True)
class Network:
    """Who is in the network `before` and `after`, and who takes what the removed one had."""

    before: frozenset[str]
    after: frozenset[str]
    removed: str | None = None
    added: str | None = None
    taker: str | None = None


def moved(
    cells: pd.DataFrame, network: Network, referrals: int, rate: float, mean_usd: float
) -> dict[str, object]:
    """For events and cost: before, after and change, each with low and high (`events_change_low`),
    and the verdict on the change (`events_verdict`). `cells` are those of one procedure by npi,
    empty where they are hidden.
    """
    columns = ["encounter_count", *MEASURE_COLUMNS]
    lines = cells[columns].to_dict("index")
    answer: dict[str, object] = {}
    for name, unit in zip(MEASURES, (referrals * rate, referrals * mean_usd), strict=True):
        told = {str(npi): _told(name, line, unit) for npi, line in lines.items()}
        shown = {npi: each for npi, each in told.items() if not any(map(math.isnan, each))}
        answer |= _measured(name, shown, frozenset(told), network, math.isnan(unit))
    return answer


def shares(
    volumes: Mapping[str, float], network: Network
) -> tuple[dict[str, float], dict[str, float]]:
    """The share of the referrals that goes to each provider with shown numbers, before and after;
    nothing where nobody is there.
    """
    before = _shares(volumes, network.before)
    if network.removed not in volumes or network.taker not in volumes:
        return before, _shares(volumes, network.after)
    after = _shares(volumes, network.before | network.after)
    after[str(network.taker)] += after.pop(str(network.removed))
    return before, after


def total(table: pd.DataFrame, measure: str) -> tuple[float, float, float, int]:
    """The change over all procedures of which it is known, its 95 % interval, and how many these
    are; cells of two procedures are independent.
    """
    known = table.dropna(subset=[f"{measure}_change"])
    change = float(known[f"{measure}_change"].sum())
    half = (known[f"{measure}_change_high"] - known[f"{measure}_change_low"]) / 2
    spread = math.sqrt(float((half**2).sum()))
    return change, change - spread, change + spread, len(known)


def verdict(low: float, high: float) -> str:
    """Whether a change can be told from none."""
    if low == high == 0:
        return NOTHING
    return MORE if low > 0 else LESS if high < 0 else NO_CHANGE


def _shares(volumes: Mapping[str, float], network: frozenset[str]) -> dict[str, float]:
    own = {npi: volume for npi, volume in volumes.items() if npi in network}
    everything = sum(own.values())
    return {npi: volume / everything for npi, volume in own.items()}


def _told(measure: str, line: Mapping[str, float], unit: float) -> tuple[float, float, float]:
    """Encounters, value and standard error of one provider, the last two of all referrals."""
    if measure == "events":
        error = (line["shrunken_ratio_high"] - line["shrunken_ratio_low"]) / (2 * Z_95)
        return line["encounter_count"], unit * line["shrunken_ratio"], unit * error
    value = unit * line["cost_index_shrunk"]
    return line["encounter_count"], value, value * line["cost_standard_error"]


def _measured(
    name: str,
    shown: Mapping[str, tuple[float, float, float]],
    performing: frozenset[str],
    network: Network,
    is_unknown: bool,
) -> dict[str, object]:
    before, after = shares({npi: volume for npi, (volume, _, _) in shown.items()}, network)
    moves = {npi: after.get(npi, 0.0) - before.get(npi, 0.0) for npi in shown}
    movers = {network.removed, network.added} & performing
    # somebody moves whose numbers are hidden, so nobody can tell what that does
    is_hidden = bool(movers - shown.keys())
    answer: dict[str, object] = {}
    low = high = math.nan
    for when, share, is_told in (
        ("before", before, bool(before)),
        ("after", after, bool(after) and not is_hidden),
        ("change", moves, bool(before and after) and not is_hidden),
    ):
        middle = sum(part * shown[npi][1] for npi, part in share.items()) if is_told else math.nan
        half = Z_95 * math.sqrt(sum((part * shown[npi][2]) ** 2 for npi, part in share.items()))
        low, high = middle - half, middle + half
        answer |= {f"{name}_{when}": middle, f"{name}_{when}_low": low, f"{name}_{when}_high": high}
    if is_unknown or (math.isnan(low) and not is_hidden):
        return answer | {f"{name}_verdict": NOBODY}
    return answer | {f"{name}_verdict": HIDDEN if is_hidden else verdict(low, high)}
