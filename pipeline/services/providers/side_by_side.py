"""Providers side by side: which of them the 95 % intervals of the scorecard tell apart, in words.

Nothing is estimated here: an interval that lies wholly beyond another's tells the two apart, and
intervals that overlap do not.
"""

from dataclasses import dataclass
from itertools import combinations

import pandas as pd

#: What is compared -> its estimate and the ends of its 95 % interval, in the scorecard.
MEASURES = {
    "adverse events": ("shrunken_ratio", "shrunken_ratio_low", "shrunken_ratio_high"),
    "cost": ("cost_index_shrunk", "cost_index_low", "cost_index_high"),
}


@dataclass(frozen=True)
class Estimate:
    """One provider in one measure, beside what its patients or procedures predict (1)."""

    name: str
    value: float
    low: float
    high: float

    @property
    def words(self) -> str:
        """`A. Belwick (0.98, from 0.62 to 1.42)`"""
        return f"{self.name} ({self.value:.2f}, from {self.low:.2f} to {self.high:.2f})"


def sentences(scorecard: pd.DataFrame, npis: list[str]) -> list[str]:
    """What can be said of these providers beside one another: a few sentences for each measure.
    Of providers with fewer than eleven encounters nothing is.
    """
    chosen = scorecard.set_index("npi").loc[npis].reset_index()
    figures = [name for columns in MEASURES.values() for name in columns]
    chosen[figures] = chosen[figures].where(chosen["is_large_enough"].astype(bool))
    return [
        sentence for measure, columns in MEASURES.items()
        for sentence in _of_measure(chosen, measure, columns)
    ]  # fmt: skip


def _of_measure(chosen: pd.DataFrame, measure: str, columns: tuple[str, str, str]) -> list[str]:
    known = chosen.dropna(subset=list(columns))
    estimates = [
        Estimate(str(row["provider_name"]), *(float(row[column]) for column in columns))
        for _, row in known.iterrows()
    ]
    told = [_missing(chosen[~chosen["npi"].isin(known["npi"])], measure)]
    apart = [
        (below, above)
        for one, other in combinations(estimates, 2)
        for below, above in ((one, other), (other, one))
        if below.high < above.low
    ]
    told += [
        f"In {measure} {above.words} lies wholly above {below.words}." for below, above in apart
    ]
    if len(estimates) > 1 and not apart:
        told.append(
            f"In {measure} {_all(estimates)} cannot be told apart: their 95 % intervals overlap."
        )
    elif apart and len(apart) < len(estimates) * (len(estimates) - 1) / 2:
        told.append(f"In {measure} no other two of them can be told apart.")
    return [sentence for sentence in told if sentence]


def _missing(rows: pd.DataFrame, measure: str) -> str:
    if rows.empty:
        return ""
    return f"In {measure} nothing is shown of {_list(rows['provider_name'].astype(str).tolist())}."


def _all(estimates: list[Estimate]) -> str:
    return _list([each.words for each in estimates])


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
