"""What employers would save, and which cells of it are hidden, against an oracle in pandas."""

import json
import re

import pytest

from pipeline.config import load_settings
from pipeline.services.tables.visible import hidden_cells
from tests.dbt.choice_oracle import DEMAND, Z_95, saving


def test_savings_are_those_of_the_referrals_that_would_move_and_cover_zero_where_nobody_differs(
    tables, offered, places
):
    table = tables["employer_savings_opportunity"]
    means = tables["procedure_benchmark"].set_index("cpt").winsorised_mean_usd
    referrals = tables["std_referrals"].groupby(DEMAND).size()
    for row in table.itertuples():
        demands = [
            (zip5, count)
            for (employer, cpt, zip5), count in referrals.items()
            if (employer, cpt) == (row.employer_id, row.cpt)
        ]
        expected = (
            saving(offered.get((row.employer_id, row.cpt), []), demands, means[row.cpt], places)
            if demands
            else None
        )
        if expected is None:
            assert row.saving_usd != row.saving_usd
            assert row.verdict == "not_measured"
            continue
        middle, sd = expected
        assert row.saving_usd == pytest.approx(middle, abs=1e-3 * row.referrals)
        assert row.saving_high_usd - row.saving_low_usd == pytest.approx(
            2 * Z_95 * sd, rel=1e-4, abs=0.01
        )
        assert row.saving_low_usd <= 0 <= row.saving_high_usd, "the sample has no true differences"
        assert row.verdict == "not_distinguishable_from_zero"
    assert (table.verdict != "not_measured").sum() >= 5


def test_savings_of_the_referrals_add_up_to_that_of_the_employer(tables):
    sums = (
        tables["referral_access"]
        .groupby(["employer_id", "cpt"])
        .expected_saving_usd.sum(min_count=1)
    )
    table = tables["employer_savings_opportunity"].set_index(["employer_id", "cpt"])
    for key, row in table[table.verdict != "not_measured"].iterrows():
        assert sums[key] == pytest.approx(row.saving_usd, abs=1e-3 * row.referrals)


def test_nothing_is_said_of_a_provider_with_few_encounters_or_of_one_that_gives_it_away(tables):
    cells = tables["int_provider_procedure_disclosure"].set_index(["npi", "cpt"])
    assert (cells[cells.encounter_count < 11].is_suppressed == 1).all()
    hidden = set(cells[cells.is_suppressed == 1].index)
    silent = [
        "volume",
        "shrunken_ratio",
        "shrunken_ratio_low",
        "shrunken_ratio_high",
        "cost_index_shrunk",
        "cost_index_low",
        "cost_index_high",
    ]
    for name in ("network_option", "network_candidate"):
        table = tables[name].set_index(["npi", "cpt"])
        mine = table[table.index.isin(hidden)]
        assert len(mine)
        assert mine[silent].isna().all(axis=None)
        assert (mine[["outcome_score", "cost_score", "volume_score"]] == 0).all(axis=None)
        assert (
            mine[["outcome_standard_error", "cost_standard_error", "score_standard_error"]]
            .drop_duplicates()
            .shape[0]
            == 1
        )
        assert table[~table.index.isin(hidden)][silent].notna().all(axis=None)
    advice = tables["referral_recommendation"].set_index(["npi", "cpt"])
    mine = advice[advice.index.isin(hidden)]
    assert not mine.reasons_text.str.contains(
        "adverse events|cost (?:below|above|like)|done so far", regex=True
    ).any()
    assert not any(re.search(r"\d\.\d", re.sub(r"\(.*?\)", "", text)) for text in mine.reasons_text)
    codes = tables["network_candidate"].set_index(["npi", "cpt"]).reason_codes.map(json.loads)
    assert all(("not_measured" in names) == (key in hidden) for key, names in codes.items())


@pytest.mark.parametrize("line", ["cpt", "npi"])
def test_no_hidden_cell_can_be_had_by_subtraction_along_a_procedure_or_a_provider(tables, line):
    for _, cells in tables["int_provider_procedure_disclosure"].groupby(line):
        hidden = cells[cells.is_suppressed == 1]
        assert len(hidden) in (0, len(cells)) or (
            len(hidden) >= 2 and hidden.encounter_count.sum() >= 11
        )


def test_gold_hides_the_cells_that_screens_and_exports_hide(tables, sample_home):
    cells = tables["int_provider_procedure_disclosure"]
    mine = cells[cells.is_suppressed == 1]
    # screens hide more: cells that could be no other number, for events are not negative
    assert set(zip(mine.npi, mine.cpt, strict=True)) <= hidden_cells(
        load_settings(home=sample_home)
    ).of(("npi", "cpt"))
