"""Cells that are compared at one rate: as counted a second time in Python on random tables, and so
that expected events give none of the hidden ones away.
"""

import sqlite3

import numpy as np
import pandas as pd
import pytest

from benchmarks.disclosure.expectations import COUNTS, recovered
from pipeline.declared.variables import load_variables
from pipeline.privacy.cell_policy import hide
from tests.dbt.gold_oracle import risk_groups
from tests.macros import model

CELL = ["cpt", "age_band", "sex"]
STATEMENT = model(
    "enterprise_datasets/statistics/int_risk_cell", load_variables(), build_columns="1 as _build_id"
)


def random_cells(seed: int) -> pd.DataFrame:
    """Rows of int_provider_risk_cell of a made-up house: some procedures of a few encounters, some
    of one provider, rates from none to nearly all.
    """
    chance = np.random.default_rng(seed)
    providers, procedures = chance.integers(2, 40), chance.integers(1, 12)
    rows = int(chance.choice([30, 300, 3_000]))
    share = chance.pareto(1.0, procedures) + 0.02
    cpt = chance.choice(procedures, rows, p=share / share.sum())
    npi = np.where(chance.random(procedures) < 0.2, 0, -1)[cpt]
    npi = np.where(npi < 0, chance.integers(0, providers, rows), npi)
    rate = chance.beta(0.4, 4, procedures)
    frame = pd.DataFrame(
        {
            "npi": [f"p{number}" for number in npi],
            "cpt": [f"c{number:02}" for number in cpt],
            "age_band": chance.choice(["0-64", "65-74", "75-84", "85+"], rows, p=[0.1, 0.5, 0.35, 0.05]),
            "sex": chance.choice(["female", "male"], rows),
            "mature_encounter_count": chance.random(rows) < 0.9,
            "adverse_event_count": chance.random(rows) < rate[cpt],
        }
    )  # fmt: skip
    frame["adverse_event_count"] &= frame["mature_encounter_count"]
    sums = frame.astype({"mature_encounter_count": int, "adverse_event_count": int})
    return (
        sums.assign(encounters=1)
        .groupby(["npi", *CELL], as_index=False)[
            ["encounters", "mature_encounter_count", "adverse_event_count"]
        ]
        .sum()
    )


def grouped(rows: pd.DataFrame) -> pd.DataFrame:
    """The model's answer for these rows."""
    with sqlite3.connect(":memory:") as connection:
        rows.to_sql("int_provider_risk_cell", connection, index=False)
        return pd.read_sql_query(STATEMENT, connection).sort_values(CELL, ignore_index=True)


@pytest.mark.parametrize("seed", range(60))
def test_groups_are_those_of_a_second_count_and_hide_what_screens_hide(seed):
    rows = random_cells(seed)
    cells = grouped(rows)
    again = risk_groups(cells[[*CELL, *COUNTS]])
    assert cells["risk_group"].tolist() == again["risk_group"].tolist()
    assert cells["procedure_group"].tolist() == again["procedure_group"].tolist()

    by_cell = rows.groupby(["npi", "cpt"], as_index=False)[
        ["encounters", "mature_encounter_count", "adverse_event_count"]
    ].sum()
    policy = hide(
        [
            (row.npi, row.cpt, row.encounters, row.adverse_event_count, 0,
             row.mature_encounter_count)
            for row in by_cell.itertuples()
        ],
        [],
        cells[
            [*CELL, "encounter_count", "observed_count", "mature_encounter_count",
             "procedure_group", "risk_group"]
        ].itertuples(index=False, name=None),
    )  # fmt: skip
    hidden = sorted(policy.of(tuple(CELL)))
    hidden_procedures = {cpt for (cpt,) in policy.of(("cpt",))}
    table = cells.set_index(CELL)
    counted = (table["mature_encounter_count"] > 0).astype(int)
    pooled = counted.groupby(table["risk_group"]).transform("sum") > 1
    assert set(table.index[pooled]) <= set(hidden)
    others = {key for key in hidden if not pooled[key] and counted[key]}
    assert {cpt for cpt, *_ in others} <= hidden_procedures, "a hidden cell has a rate of its own"

    # what no expected number of a shown provider tells: rates of hidden procedures that stand alone
    own_rate = {cpt for cpt in hidden_procedures if (table.xs(cpt)["procedure_group"] == cpt).any()}
    hidden_providers = {npi for (npi,) in policy.of(("npi",))}
    performing = set(rows["npi"][rows["cpt"].isin(own_rate)])
    assert performing <= hidden_providers
    told = {key for key in hidden if key[0] not in own_rate}
    shown_procedures = set(cells["cpt"]) - hidden_procedures
    found = recovered(
        table[[*COUNTS, "risk_group"]].astype(dict.fromkeys(COUNTS, float)),
        hidden, told, shown_procedures,
    )  # fmt: skip
    # the sum of a hidden procedure that stands alone is none: no total of its providers is shown
    numbers = table[COUNTS]
    if not numbers["observed_count"].sum():
        return
    for key in found:
        if isinstance(key, tuple):
            whole = numbers.xs(key[0]).sum()
            assert not whole["observed_count"] and whole["mature_encounter_count"] >= 100, key
        else:
            assert key in own_rate or not numbers.xs(key)["mature_encounter_count"].sum(), key
