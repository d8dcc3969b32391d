"""From a number to exactly the rows that made it, and from a row to its delivered line, masked."""

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.privacy.masking import masked_value
from pipeline.services.tables import browse, chart_queries, origins
from pipeline.services.tables.visible import hidden_cells
from pipeline.store.browse.filters import Filter
from tests.warehouse import query

COUNTS = {
    "provider_scorecard": "encounter_count",
    "provider_procedure_scorecard": "encounter_count",
    "provider_case_mix": "encounters",
    "case_mix_reference": "encounter_count",
    "procedure_benchmark": "encounter_count",
    "int_provider_procedure_amount": "encounters",
    "int_procedure_paid_distribution": "encounters",
}


#: Columns of an encounter that are empty in a hidden cell.
EMPTIED = {"age_band", "sex", "paid_cents"}


@pytest.fixture(scope="module")
def sample(sample_home):
    return load_settings(home=sample_home)


@pytest.mark.parametrize(("table", "count"), COUNTS.items())
def test_a_count_leads_to_that_many_rows(sample, table, count):
    rows = browse.page(sample, table, limit=5).rows
    for position in range(len(rows)):
        origin = origins.origin(sample, table, position=position)
        assert origin.rows_of == "fct_encounter"
        found = browse.page(sample, origin.rows_of, origin.filters, limit=1).total
        told = {condition.column: condition.value for condition in origin.filters}
        if not set(told) & EMPTIED:
            assert found == rows[count].iloc[position]
            continue
        # rows of hidden cells tell neither age nor sex nor amount
        same = " and ".join(f"{column} = ?" for column in told)
        cells = query(
            sample.home, f"select npi, cpt from fct_encounter where {same}", *told.values()
        )
        hidden = hidden_cells(sample).of(("npi", "cpt"))
        assert len(cells) == rows[count].iloc[position]
        assert found == sum(cell not in hidden for cell in cells)


def test_the_row_that_is_meant_is_the_one_on_screen_under_filter_and_order(sample):
    filters = (Filter("cpt", "is", "27130"),)
    rows = browse.page(
        sample, "provider_procedure_scorecard", filters, "encounter_count", True, 3
    ).rows
    origin = origins.origin(
        sample, "provider_procedure_scorecard", filters, "encounter_count", True, 2
    )
    assert {condition.column: condition.value for condition in origin.filters} == {
        "npi": rows["npi"].iloc[2],
        "cpt": "27130",
    }


def test_an_encounter_leads_to_its_line_and_the_line_is_shown_masked(sample):
    origin = origins.origin(sample, "fct_encounter", position=3)
    step = next(step for step in origin.steps if step.table == "raw_encounters")
    ((encounter,),) = query(
        sample.home, "select encounter_id from fct_encounter order by rowid limit 1 offset 3"
    )
    line = "select encounter_id from raw_encounters where _source_row_number = ?"
    assert query(sample.home, line, step.source_row_number) == [(encounter,)]
    delivered = origins.delivered(sample, step)
    assert delivered["encounter_id"].tolist() == [
        masked_value(encounter, "raw_encounters", "encounter_id")
    ]
    assert delivered["_source_row_number"].tolist() == [step.source_row_number]


def test_a_patient_is_traced_and_never_made_a_condition_of_other_rows(sample):
    origin = origins.origin(sample, "all_time_patients")
    assert (
        origin.rows_of is None
        and origin.filters == ()
        and any(step.source_row_number for step in origin.steps)
    )


def test_a_reference_row_comes_from_no_delivery(sample):
    assert origins.origin(sample, "cpt_code").steps == ()
    assert origins.origin(sample, "cpt_code", position=99) is None


def test_totals_bins_and_order_are_those_of_the_rows(sample):
    hidden = hidden_cells(sample).of(("npi", "cpt"))
    cells = query(sample.home, "select npi, cpt, paid_amount_usd from fct_encounter")
    values = pd.Series(
        [None if (npi, cpt) in hidden else paid for npi, cpt, paid in cells if cpt == "27130"]
    )
    filters = (Filter("cpt", "is", "27130"),)
    totals = browse.totals(sample, "fct_encounter", filters, "paid_amount_usd")
    assert totals.rows == browse.totals(sample, "fct_encounter", filters).rows == len(values)
    assert totals.everything == browse.page(sample, "fct_encounter").total
    assert totals.of_column["sum"] == pytest.approx(values.sum()) and totals.of_column[
        "mean"
    ] == pytest.approx(values.mean())
    assert (totals.of_column["minimum"], totals.of_column["maximum"]) == (
        values.min(),
        values.max(),
    )
    bins = chart_queries.histogram(sample, "fct_encounter", "paid_amount_usd", filters).frame
    assert bins["rows"].tolist() == [
        ((values >= low) & (values < high)).sum()
        for low, high in zip(bins["low"], bins["high"], strict=True)
    ]
    assert bins["rows"].sum() == values.notna().sum() < len(values)
    by_cpt = chart_queries.in_order(sample, "fct_encounter", "cpt", "paid_amount_usd", "sum").frame
    assert by_cpt["cpt"].tolist() == sorted(by_cpt["cpt"]) and by_cpt[
        "value"
    ].sum() == pytest.approx(sum(paid for npi, cpt, paid in cells if (npi, cpt) not in hidden))


def test_a_bin_that_is_clicked_holds_the_rows_that_it_counts(sample):
    first = chart_queries.histogram(sample, "fct_encounter", "paid_amount_usd").frame.iloc[0]
    inside = (
        Filter("paid_amount_usd", "at least", first["low"]),
        Filter("paid_amount_usd", "less than", first["high"]),
    )
    assert browse.page(sample, "fct_encounter", inside).total == first["rows"]


def test_a_hidden_outcome_is_not_counted_and_the_view_says_so(sample):
    totals = browse.totals(sample, "provider_scorecard", measure="adverse_event_count")
    assert (
        totals.hidden
        == browse.page(sample, "provider_scorecard").rows["adverse_event_count"].isna().sum()
        > 0
    )
