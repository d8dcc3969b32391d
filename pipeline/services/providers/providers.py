"""How providers compare: the scorecard with its uncertainty, and the funnel around it.

Outcomes of hidden cells (`shown`) and costs of fewer than eleven encounters leave here empty.
Everything is read from gold; nothing is estimated a second time.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.providers import explain_providers
from pipeline.services.tables import outcome_maturity
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import tables
from pipeline.store.browse.filters import Filter
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True

OUTCOMES = [
    "adverse_event_count",
    "expected_adverse_event_count",
    "observed_to_expected",
    "observed_to_expected_low",
    "observed_to_expected_high",
    "shrunken_ratio",
    "shrunken_ratio_low",
    "shrunken_ratio_high",
]
NEEDED = ("provider_scorecard", "funnel_limits", "model_parameter", "std_providers")
UNKNOWN_NAME = "not in the directory"


@dataclass(frozen=True)
class ProviderComparison:
    """All providers (`scorecard`, with their numbers in `words`), the lines of the funnel, and the
    model behind the shrinkage.

    `outcomes_unknown` says why no outcome is known, where none is; how many providers are
    `suppressed` for their size is None then. `maturity` says which encounters are too recent.
    """

    scorecard: pd.DataFrame
    funnel: pd.DataFrame
    parameters: dict[str, float]
    suppressed: int | None
    evidence: str
    outcomes_unknown: str
    maturity: str


def comparison(settings: Settings) -> ProviderComparison | None:
    """Every provider beside what their case mix predicts; None until gold is built."""
    if not warehouse_exists(settings):
        return None
    with open_visible(
        settings, "provider_scorecard", "std_providers", "funnel_limits", "model_parameter"
    ) as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return None
        scores = tables.table_page(
            connection,
            "provider_scorecard",
            sort="encounter_count",
            descending=True,
            limit=tables.MAX_PAGE_ROWS,
        )
        names = tables.matching(
            connection, "std_providers", "npi", scores["npi"], ("npi", "provider_name", "zip5")
        )
        lines = tables.table_page(
            connection, "funnel_limits", sort="step", limit=tables.MAX_PAGE_ROWS
        )
        parameters = _parameters(connection)
        unknown = outcome_maturity.why_unknown(settings)
    scores = scores.merge(names, on="npi", how="left")
    scores["provider_name"] = scores["provider_name"].fillna(UNKNOWN_NAME)
    scores["is_large_enough"] = scores["encounter_count"] >= SMALLEST_CELL
    scores[OUTCOMES] = scores[OUTCOMES].astype("float64")
    scores["q_value"] = q_values(scores["mid_p_low"], scores["mid_p_high"])
    scores["words"] = [
        f"<b>{row.provider_name}</b> ({row.npi})<br>{outcome_in_words(row, unknown)}".replace(
            ". ", ".<br>"
        )
        for row in scores.itertuples()
    ]
    largest = scores["expected_adverse_event_count"].max()
    if pd.notna(largest):
        lines = lines[lines["expected_adverse_event_count"].shift(fill_value=0) <= largest * 1.1]
    hidden = None if unknown else int(scores["observed_to_expected"].isna().sum())
    return ProviderComparison(
        scores,
        lines,
        parameters,
        hidden,
        explain_providers.difference_between_providers(parameters, unknown),
        unknown,
        outcome_maturity.sentence(settings),
    )


def q_values(low: pd.Series, high: pd.Series) -> pd.Series:
    """Benjamini and Hochberg's q of the providers that are shown, and of these alone: among all,
    the p of a hidden one may decide that of others, and could be read from it.
    """
    p = (2 * pd.concat([low, high], axis=1).astype("float64").min(axis=1, skipna=False)).clip(
        upper=1
    )
    falling = p.dropna().sort_values(ascending=False, kind="stable")
    ranks = np.arange(len(falling), 0, -1)
    return (falling * len(falling) / ranks).cummin().reindex(p.index)


def cost_reliance(scorecard: pd.DataFrame) -> str:
    """On how many cost indices one may rely, in one sentence."""
    compared = scorecard["cost_reliability"][scorecard["encounter_count"] >= SMALLEST_CELL]
    reliable = int((compared >= explain_providers.RELIABLE).sum())
    return explain_providers.cost_reliance(reliable, len(compared), len(scorecard))


def flags_by_chance(compared: ProviderComparison, limits: str) -> str:
    """How many of the providers whose ratio is shown chance alone would put outside the limits (95
    or 998), in a sentence.
    """
    shown = compared.scorecard[compared.scorecard["observed_to_expected"].notna()]
    return explain_providers.flags_by_chance(shown[f"flag_probability_{limits}"])


def outcome_in_words(row, why_unknown: str, is_alone: bool = False) -> str:
    """The outcome of a row in words; a row by procedure has no verdict of its own, so only its
    interval tells, and it says itself whether anybody else does the procedure.
    """
    mature = row.encounter_count if why_unknown else row.mature_encounter_count
    recent = int(row.encounter_count - mature)
    if hasattr(row, "funnel_verdict_95"):
        return explain_providers.outcome(
            mature,
            row.adverse_event_count,
            row.expected_adverse_event_count,
            row.funnel_verdict_95,
            row.funnel_verdict_998,
            why_unknown,
            recent,
            is_alone,
        )
    outside = (
        "low"
        if row.observed_to_expected_high < 1
        else "high"
        if row.observed_to_expected_low > 1
        else "in"
    )
    return explain_providers.outcome(
        mature,
        row.adverse_event_count,
        row.expected_adverse_event_count,
        outside,
        None,
        why_unknown,
        recent,
        row.is_alone,
    )


def _parameters(connection) -> dict[str, float]:
    rows = tables.table_page(
        connection, "model_parameter", (Filter("name", "is", "provider"),), limit=1
    )
    if rows.empty:
        return {}
    return {
        name: float(value)
        for name, value in rows.iloc[0].items()
        if isinstance(value, int | float | np.number) and not name.startswith("_")
    }
