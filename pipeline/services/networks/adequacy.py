"""Whether a network is near enough: the share of those referred who have a provider of their
procedure within the miles that 42 CFR 422.116 states for their type of county.

Miles are great-circle miles between the middles of ZIPs, as in referral_access; nothing is known of
minutes. Whose type of county is unknown never passes. A type with fewer than eleven referrals of an
employer is counted as unknown, and with it the next smallest until nobody can work it out; who is
near is told in multiples of eleven, so that nobody can work out one to ten who are, or are not.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.variables import load_variables
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.privacy.small_counts import in_elevens
from pipeline.services.providers.explain_providers import counted
from pipeline.services.tables.visible import open_visible
from pipeline.store.marts import networks as network_marts
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

NEEDED = ("referral_access", "std_referrals")
UNKNOWN = "unknown"
MEETS, SHORT = "meets the standard", "falls short"
COLUMNS = [
    "employer_id",
    "county_type",
    "verdict",
    "near_share",
    "asked_share",
    "miles",
    "referrals",
    "words",
]


@dataclass(frozen=True)
class Standards:
    """By type of county the miles and the share of members; the type by first digits of a ZIP."""

    miles: Mapping[str, float]
    shares: Mapping[str, float]
    county_types: Mapping[str, str]

    def county_type(self, zip5: str | None) -> str:
        """The type of the longest beginning that is known, of a type that has a standard."""
        beginnings = (str(zip5)[:length] for length in range(5, 0, -1)) if zip5 else ()
        kind = next(
            (self.county_types[each] for each in beginnings if each in self.county_types), UNKNOWN
        )
        return kind if kind in self.miles and kind in self.shares else UNKNOWN


def standards() -> Standards:
    """The standards of the project."""
    declared = load_variables()
    return Standards(
        declared["adequacy_miles"], declared["adequacy_shares"], declared["county_types"]
    )


def adequacy(settings: Settings, employer: str | None = None) -> pd.DataFrame:
    """`COLUMNS` for each employer and type of county; no row until gold is built."""
    if not warehouse_exists(settings):
        return pd.DataFrame(columns=COLUMNS)
    with open_visible(settings, *NEEDED, masked=False) as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return pd.DataFrame(columns=COLUMNS)
        rows = network_marts.distances(connection, employer)
    return judged(rows, standards())


def judged(rows: pd.DataFrame, by: Standards) -> pd.DataFrame:
    """`COLUMNS` of rows of employer_id, zip5, candidates, miles and referrals. An unknown distance
    counts as too far in the share; where that decides, the verdict is unknown.
    """
    typed = rows.assign(county_type=[by.county_type(zip5) for zip5 in rows["zip5"]])
    typed["county_type"] = typed.groupby("employer_id")["county_type"].transform(
        lambda kinds: _without_small(kinds, typed.loc[kinds.index, "referrals"])
    )
    lines = [
        _line(str(employer), str(kind), group, by)
        for (employer, kind), group in typed.groupby(["employer_id", "county_type"])
    ]
    numbers = dict.fromkeys(("near_share", "asked_share", "miles", "referrals"), "float64")
    return pd.DataFrame(lines, columns=COLUMNS).astype(numbers)


def told_share(near: int, referrals: int, asked: float, verdict: str) -> float:
    """The share that may be told: of a number rounded down to a multiple of eleven, or further
    where the verdict would leave one number alone that is told so.
    """
    least = math.ceil(asked * referrals - 1e-9)
    first, last = (least, referrals) if verdict == MEETS else (0, least - 1)
    low = max(in_elevens(near), first)
    if low == min(in_elevens(near) + SMALLEST_CELL - 1, last):
        low = max(in_elevens(low - 1), first)
    return (first if low == first + 1 else low) / referrals


def in_words(table: pd.DataFrame) -> str:
    """The verdicts in one sentence."""
    counts = table["verdict"].value_counts()
    judged_rows = int(counts.get(MEETS, 0) + counts.get(SHORT, 0))
    unknown = len(table) - judged_rows
    left = f"Of {unknown:,} more nobody can tell; none of these passes." if unknown else ""
    if not judged_rows:
        return f"No network can be judged by type of county. {left}".strip()
    return (
        f"{int(counts.get(MEETS, 0)):,} of {counted(judged_rows, 'pair')} of network and type of county that can be judged have "
        f"enough patients within the miles of 42 CFR 422.116. {left}"
    ).strip()


def _without_small(kinds: pd.Series, referrals: pd.Series) -> pd.Series:
    """The types of one employer, small ones counted as unknown."""
    sums = referrals.groupby(kinds).sum()
    merged = {kind for kind, count in sums.items() if count < SMALLEST_CELL} | {UNKNOWN}
    for kind in sums.drop(labels=list(merged), errors="ignore").sort_values(kind="stable").index:
        if not 0 < sums.reindex(sorted(merged)).sum() < SMALLEST_CELL:
            break
        merged.add(kind)
    return kinds.mask(kinds.isin(merged), UNKNOWN)


def _line(employer: str, kind: str, group: pd.DataFrame, by: Standards) -> list[object]:
    referrals = int(group["referrals"].sum())
    if referrals < SMALLEST_CELL:
        return _untold(employer, kind, None, "Too few referrals to tell.")
    if group["candidates"].isna().any():
        return _untold(employer, kind, referrals, "Who performs what is unknown.")
    if kind == UNKNOWN:
        near = (
            f"{in_elevens(round(_share(group, miles) * referrals)) / referrals:.1%} within {miles:g} miles ({name.replace('_', ' ')})"
            for name, miles in by.miles.items()
        )
        words = f"Type of county unknown: at least {', '.join(near)}."
        return _untold(employer, kind, referrals, words)
    miles, asked = float(by.miles[kind]), float(by.shares[kind])
    share = _share(group, miles)
    no_distance = group.loc[group["miles"].isna() & (group["candidates"] > 0), "referrals"].sum()
    at_most = share + no_distance / referrals
    verdict = MEETS if share >= asked else SHORT if at_most < asked else UNKNOWN
    told = told_share(round(share * referrals), referrals, asked, verdict)
    words = (
        f"At least {told:.1%} have a provider of their procedure within {miles:g} miles; "
        f"{asked:.0%} are asked."
    )
    if no_distance:
        words += " Of some the distance is unknown, and they count as too far."
    return [employer, kind, verdict, told, asked, miles, referrals, words]


def _untold(employer: str, kind: str, referrals: int | None, words: str) -> list[object]:
    return [employer, kind, UNKNOWN, None, None, None, referrals, words]


def _share(group: pd.DataFrame, miles: float) -> float:
    near = (group["candidates"] > 0) & (group["miles"] <= miles)
    return float(group.loc[near, "referrals"].sum() / group["referrals"].sum())
