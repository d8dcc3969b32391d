"""Amounts of the gold tables, computed a second time with pandas from silver. Dollars agree to
1e-6, ratios to 1e-7.
"""

import numpy as np
import pandas as pd
import pytest

from tests.dbt.gold_oracle import (
    cost_posterior,
    cost_variances,
    read_gold,
    residual_variances,
    wilson,
)
from tests.warehouse import query

CLOSE = 1e-7


@pytest.fixture(scope="module")
def gold(sample_home):
    """The gold tables as frames, by name."""
    return read_gold(sample_home)


@pytest.fixture(scope="module")
def amounts(gold):
    """Silver encounters with winsorised amounts, expected amounts and deviations of ln(paid)."""
    rows = gold["std_encounters"][
        ["encounter_id", "npi", "cpt", "patient_id", "paid_amount_usd"]
    ].copy()
    paid = rows.groupby("cpt").paid_amount_usd
    rows["winsor"] = rows.paid_amount_usd.clip(
        paid.transform(lambda s: round(s.quantile(0.02), 2)),
        paid.transform(lambda s: round(s.quantile(0.98), 2)),
    )
    rows["expected"] = rows.groupby("cpt").winsor.transform("mean")
    rows["ln_paid"] = np.log(rows.paid_amount_usd)
    rows["deviation"] = rows.ln_paid - rows.groupby("cpt").ln_paid.transform("mean")
    return rows


def test_paid_dollars_are_the_same_in_silver_and_in_every_gold_table(gold):
    cents = round(gold["std_encounters"].paid_amount_usd.sum() * 100)
    assert gold["fct_encounter"].paid_cents.sum() == cents
    for table in (
        "provider_case_mix",
        "provider_procedure_scorecard",
        "provider_scorecard",
        "procedure_benchmark",
    ):
        assert round(gold[table].paid_sum_usd.sum() * 100) == cents, table


def test_benchmark_percentiles_are_interpolated(gold, amounts):
    benchmark = gold["procedure_benchmark"].set_index("cpt")
    for cpt, paid in amounts.groupby("cpt").paid_amount_usd:
        row = benchmark.loc[cpt]
        for share in (5, 25, 50, 75, 95):
            assert row[f"paid_p{share:02d}_usd"] == pytest.approx(
                paid.quantile(share / 100), abs=1e-6
            )
        assert row["paid_mean_usd"] == pytest.approx(paid.mean(), abs=1e-6)
        assert row.paid_geometric_mean_usd == pytest.approx(np.exp(np.log(paid).mean()), rel=CLOSE)
        assert row.winsor_low_usd == pytest.approx(paid.quantile(0.02), abs=0.0051)
        assert row.winsor_high_usd == pytest.approx(paid.quantile(0.98), abs=0.0051)


def test_benchmark_counts_and_rates_are_those_of_the_encounters(gold):
    benchmark = gold["procedure_benchmark"].set_index("cpt")
    counted = (
        gold["fct_encounter"]
        .groupby("cpt")
        .agg(
            encounter_count=("npi", "size"),
            providers=("npi", "nunique"),
            patients=("patient_id", "nunique"),
            adverse_event_count=("has_adverse_event", "sum"),
        )
    )
    assert (
        benchmark[["encounter_count", "providers", "patients", "adverse_event_count"]] == counted
    ).all(axis=None)
    low, high = wilson(counted.adverse_event_count, counted.encounter_count)
    np.testing.assert_allclose(benchmark.adverse_event_rate_low, low, atol=CLOSE)
    np.testing.assert_allclose(benchmark.adverse_event_rate_high, high, atol=CLOSE)


def test_outliers_are_judged_by_the_median_deviation_or_its_substitute(gold, sample_home):
    """Among the promoted and waiting encounters of a procedure, as the rule looks at them."""
    standing = pd.DataFrame(
        query(
            sample_home,
            "select encounter_id, cpt, cast(paid_amount_usd as real) from row_verdicts_encounters "
            "where _status in ('promoted', 'quarantined') and cast(paid_amount_usd as real) > 0",
        ),
        columns=["encounter_id", "cpt", "paid"],
    )
    flagged = gold["fct_encounter"].set_index("encounter_id").is_cost_outlier
    for cpt, rows in standing.groupby("cpt"):
        away = np.log(rows.paid) - np.log(rows.paid).median()
        mad = away.abs().median()
        scale = mad / 0.6745 if mad > 0 else 1.253314 * away.abs().mean()
        expected = (away.abs() > 3.5 * scale) & (len(rows) >= 20)
        in_gold = rows.encounter_id.isin(flagged.index)
        assert (flagged[rows.encounter_id[in_gold]].to_numpy() == expected[in_gold]).all(), cpt


def test_cost_index_compares_winsorised_amounts_with_the_procedure_mix(gold, amounts):
    for table, keys in (
        ("provider_scorecard", ["npi"]),
        ("provider_procedure_scorecard", ["npi", "cpt"]),
    ):
        sums = amounts.groupby(keys)[["winsor", "expected"]].sum()
        index = gold[table].set_index(keys).cost_index
        np.testing.assert_allclose(
            index, (sums.winsor / sums.expected).loc[index.index], rtol=CLOSE
        )


def test_cost_index_is_shrunk_over_what_the_variance_may_be(gold, amounts):
    parameters = gold["model_parameter"].set_index("name")
    residual = amounts.cpt.map(residual_variances(amounts))
    weighed = amounts.assign(precision=1 / residual, told=amounts.deviation / residual)
    for name, keys in (("provider", ["npi"]), ("provider_procedure", ["npi", "cpt"])):
        within, between = cost_variances(amounts[keys].agg("|".join, axis=1), amounts.deviation)
        row = parameters.loc[name]
        assert row.cost_variance_within == pytest.approx(within, rel=1e-6)
        assert row.cost_variance_between == pytest.approx(between, abs=1e-8)
        table = gold[f"{name}_scorecard"].set_index(keys)
        sums = weighed.groupby(keys)[["precision", "told"]].sum().loc[table.index]
        effect, variance, reliability, tau2 = cost_posterior(
            (sums.told / sums.precision).to_numpy(),
            (1 / sums.precision).to_numpy(),
            np.sqrt(amounts.npi.nunique() / len(table)),
        )
        assert row.cost_tau2_used == pytest.approx(tau2, rel=1e-5)
        assert row.cost_prior_encounter_count == pytest.approx(within / tau2, rel=1e-4)
        np.testing.assert_allclose(table.cost_index_shrunk, np.exp(effect), rtol=1e-6)
        np.testing.assert_allclose(table.cost_standard_error, np.sqrt(variance), rtol=1e-5)
        np.testing.assert_allclose(table.cost_reliability, reliability, rtol=1e-5)
        for column, sign in (("cost_index_low", -1), ("cost_index_high", 1)):
            limit = np.exp(effect + sign * 1.959964 * np.sqrt(variance))
            np.testing.assert_allclose(table[column], limit, rtol=1e-6)


def test_scorecard_amounts_and_distinct_patients_are_counted_afresh(gold, amounts):
    for table, keys in (
        ("provider_scorecard", ["npi"]),
        ("provider_procedure_scorecard", ["npi", "cpt"]),
    ):
        groups, card = amounts.groupby(keys), gold[table].set_index(keys)
        assert (card.patients == groups.patient_id.nunique().loc[card.index]).all()
        assert (card.encounter_count == groups.size().loc[card.index]).all()
        np.testing.assert_allclose(
            card.paid_mean_usd, groups.paid_amount_usd.mean().loc[card.index], atol=1e-6
        )
        for column, share in (
            ("paid_p25_usd", 0.25),
            ("paid_median_usd", 0.5),
            ("paid_p75_usd", 0.75),
        ):
            quantile = groups.paid_amount_usd.quantile(share).loc[card.index]
            np.testing.assert_allclose(card[column], quantile, atol=1e-6)


def test_coverage_counts_known_performing_providers_of_each_network(gold):
    cells = gold["provider_procedure_scorecard"].merge(
        gold["std_employer_networks"][["employer_id", "npi"]].drop_duplicates()
    )
    known_cells = cells[cells.npi.isin(gold["std_providers"].npi)]
    everywhere = gold["fct_encounter"].groupby("cpt").size()
    for row in gold["employer_network_coverage"].itertuples():
        mine = known_cells[
            (known_cells.employer_id == row.employer_id) & (known_cells.cpt == row.cpt)
        ]
        demand = gold["std_referrals"].query("employer_id == @row.employer_id and cpt == @row.cpt")
        assert (row.performing, row.measurable_provider_count) == (
            len(mine),
            (mine.encounter_count >= 11).sum(),
        )
        assert (row.referrals, row.referrals_without_option) == (
            len(demand),
            0 if len(mine) else len(demand),
        )
        listed = cells[(cells.employer_id == row.employer_id) & (cells.cpt == row.cpt)]
        assert row.share_of_encounters_in_network == pytest.approx(
            listed.encounter_count.sum() / everywhere[row.cpt]
        )
        if len(listed):
            assert row.volume_concentration == pytest.approx(
                ((listed.encounter_count / listed.encounter_count.sum()) ** 2).sum()
            )


def test_everybody_seen_is_a_patient_once(gold):
    people = gold["all_time_patients"].set_index("patient_id")
    treated, referred = (
        set(gold["std_encounters"].patient_id),
        set(gold["std_referrals"].patient_id),
    )
    assert set(people.index) == set(gold["std_patients"].patient_id) | referred | treated
    assert people.index.is_unique
    assert set(people.index[people.is_in_encounters == 1]) == treated
    assert set(people.index[people.is_in_referrals == 1]) == referred


def test_ages_and_bands_are_those_of_the_as_of_day(gold):
    rows = gold["fct_encounter"].merge(gold["std_patients"], on="patient_id")
    day = pd.Timestamp(rows._as_of_date.iloc[0])
    born = pd.to_datetime(rows.birth_date)
    birthday_to_come = (born.dt.month * 100 + born.dt.day) > (day.month * 100 + day.day)
    age = day.year - born.dt.year - birthday_to_come
    assert (rows.age == age).all()
    bands = pd.cut(age, [-1, 64, 74, 84, 200], labels=["0-64", "65-74", "75-84", "85+"]).astype(str)
    assert (rows.age_band == bands).all()
