"""How providers compare: the scorecard with its uncertainty, the funnel around it, and one provider
in detail and in words.

Outcomes of hidden cells (`shown`) and costs of fewer than eleven encounters leave here empty.
Everything is read from gold; nothing is estimated a second time.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.declared.variables import load_variables
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.providers import explain_providers
from pipeline.services.tables import outcome_maturity
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import aggregates, tables
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
COSTS = [
    "paid_mean_usd",
    "paid_median_usd",
    "paid_p25_usd",
    "paid_p75_usd",
    "cost_index",
    "cost_index_shrunk",
    "cost_reliability",
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


@dataclass(frozen=True)
class ProviderProfile:
    """One provider: sentences over all procedures, a row a procedure with its sentences, and the
    mix beside that of all.

    `mix` maps procedure, age and sex to a frame (group, own, everybody) of shares; empty for too
    few encounters.
    """

    npi: str
    name: str
    zip5: str | None
    encounters: int
    sentences: tuple[str, ...]
    procedures: pd.DataFrame
    mix: dict[str, pd.DataFrame]


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
        f"<b>{row.provider_name}</b> ({row.npi})<br>{_outcome(row, unknown)}".replace(". ", ".<br>")
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


def profile(settings: Settings, npi: str) -> ProviderProfile | None:
    """One provider by procedure, in numbers and in words; None for an NPI without an encounter."""
    with open_visible(
        settings,
        "provider_scorecard",
        "provider_procedure_scorecard",
        "std_providers",
        "dim_procedure",
        "provider_case_mix",
        "case_mix_reference",
        "model_parameter",
    ) as connection:
        own = (Filter("npi", "is", npi),)
        total = tables.table_page(connection, "provider_scorecard", own, limit=1)
        if total.empty:
            return None
        provider = tables.table_page(
            connection, "std_providers", own, limit=1, columns=("provider_name", "zip5")
        )
        rows = tables.table_page(
            connection, "provider_procedure_scorecard", own, sort="encounter_count", descending=True
        )
        labels = tables.table_page(connection, "dim_procedure", columns=("cpt", "plain_label"))
        by_procedure = aggregates.grouped(
            connection, "provider_procedure_scorecard", "cpt", limit=tables.MAX_PAGE_ROWS
        )
        cells = tables.table_page(
            connection,
            "provider_case_mix",
            own,
            limit=tables.MAX_PAGE_ROWS,
            columns=("cpt", "age_band", "sex", "encounters"),
        )
        everybody = tables.table_page(
            connection,
            "case_mix_reference",
            limit=tables.MAX_PAGE_ROWS,
            columns=("cpt", "age_band", "sex", "encounter_count"),
        )
        unknown = outcome_maturity.why_unknown(settings)
    rows = rows.merge(labels, on="cpt", how="left")
    rows["plain_label"] = rows["plain_label"].fillna(rows["cpt"])
    rows[OUTCOMES] = rows[OUTCOMES].astype("float64")
    rows[COSTS] = rows[COSTS].astype("float64").mask(rows["encounter_count"] < SMALLEST_CELL)
    performing = by_procedure.set_index("cpt")["value"]
    rows["is_alone"] = rows["cpt"].map(performing) == 1
    minimum = int(load_variables()["volume_minimum"])
    rows["meets_minimum"] = rows["encounter_count"] >= minimum
    rows["words"] = [_outcome(row, unknown) for row in rows.itertuples()]
    rows["cost_words"] = [
        explain_providers.cost(
            row.encounter_count,
            row.cost_index,
            row.cost_index_shrunk,
            row.cost_reliability,
            row.is_alone,
        )
        for row in rows.itertuples()
    ]
    rows["volume_words"] = [
        explain_providers.volume(row.encounter_count, minimum) for row in rows.itertuples()
    ]
    whole = next(total.itertuples())
    name = provider["provider_name"].iloc[0] if len(provider) else UNKNOWN_NAME
    zip5 = provider["zip5"].iloc[0] if len(provider) else None
    mix = _mix(cells, everybody, labels) if whole.encounter_count >= SMALLEST_CELL else {}
    return ProviderProfile(
        npi,
        name,
        zip5,
        int(whole.encounter_count),
        _sentences(whole, rows, minimum, unknown),
        rows,
        mix,
    )


def _sentences(whole, procedures: pd.DataFrame, minimum: int, why_unknown: str) -> tuple[str, ...]:
    """Outcome, estimate, case mix, cost and volume over all procedures."""
    reached = int(procedures["meets_minimum"].sum())
    volume = (
        f"{explain_providers.counted(whole.encounter_count, 'encounter')} to date; {reached} of "
        f"{explain_providers.counted(len(procedures), 'procedure')} done reach "
        f"the volume minimum of {minimum} ({explain_providers.OVER_TO_DATE})."
    )
    is_alone = bool(procedures["is_alone"].all())
    sentences = [_outcome(whole, why_unknown, is_alone)]
    if not why_unknown and not is_alone and whole.mature_encounter_count >= SMALLEST_CELL:
        sentences += [
            explain_providers.power(whole.mature_encounter_count, whole.double_odds_power_95),
            explain_providers.estimate(
                whole.shrunken_ratio,
                whole.shrunken_ratio_low,
                whole.shrunken_ratio_high,
                whole.reliability,
            ),
            explain_providers.case_mix(whole.case_mix_index),
        ]
    return (
        *filter(None, sentences),
        explain_providers.cost(
            whole.encounter_count,
            whole.cost_index,
            whole.cost_index_shrunk,
            whole.cost_reliability,
            is_alone,
        ),
        volume,
    )


def _outcome(row, why_unknown: str, is_alone: bool = False) -> str:
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


def _mix(
    cells: pd.DataFrame, everybody: pd.DataFrame, labels: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    names = dict(zip(labels["cpt"], labels["plain_label"], strict=True))
    mix = {}
    for title, column in (("Procedure", "cpt"), ("Age", "age_band"), ("Sex", "sex")):
        shares = pd.DataFrame(
            {
                "own": cells.groupby(column)["encounters"].sum() / cells["encounters"].sum(),
                "everybody": everybody.groupby(column)["encounter_count"].sum()
                / everybody["encounter_count"].sum(),
            }
        ).fillna(0.0)
        frame = shares.rename_axis("group").reset_index()
        mix[title] = frame.assign(group=frame["group"].map(lambda value: names.get(value, value)))
    return mix


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
