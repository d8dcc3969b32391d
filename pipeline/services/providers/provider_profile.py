"""One provider in detail: by procedure, in numbers and in words, and the mix of patients."""

from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.variables import load_variables
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.providers import explain_providers
from pipeline.services.providers.providers import OUTCOMES, UNKNOWN_NAME, outcome_in_words
from pipeline.services.tables import outcome_maturity
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import aggregates, tables
from pipeline.store.browse.filters import Filter

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True

COSTS = [
    "paid_mean_usd",
    "paid_median_usd",
    "paid_p25_usd",
    "paid_p75_usd",
    "cost_index",
    "cost_index_shrunk",
    "cost_reliability",
]


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
    rows["words"] = [outcome_in_words(row, unknown) for row in rows.itertuples()]
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
    sentences = [outcome_in_words(whole, why_unknown, is_alone)]
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
