"""Filters of the page Tables: what the form offers, what a link holds, and rows that become
filters.
"""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.tables import conditions
from pipeline.config import load_settings
from pipeline.services.tables import browse, table_list
from pipeline.services.tables.browse import Filter
from tests.pages.screen import link, page_text


def open_filter(app: AppTest, table: str, column: str, operator: str | None = None) -> None:
    """Open the form of a new filter and choose its column and comparison."""
    app.session_state[f"filter_add_{table}"] = True
    app.run()
    app.selectbox(key=f"filter_column_{table}").set_value(column).run()
    if operator is not None:
        app.selectbox(key=f"filter_operator_{table}").set_value(operator).run()


def test_a_masked_column_is_offered_neither_for_a_filter_nor_for_an_order(open_page, sample_home):
    app = open_page("tables", sample_home, table="std_encounters")
    app.session_state["filter_add_std_encounters"] = True
    app.run()
    offered = app.selectbox(key="filter_column_std_encounters").options
    assert "cpt" in offered and not {"patient_id", "encounter_id", "_source_file"} & {*offered}
    assert (
        "Masked columns cannot be filtered, ordered or drawn: Encounter ID, Patient ID, Source file."
        in page_text(app)
    )
    orders = next(box for box in app.selectbox if box.label == "Sort by").options
    assert not any("patient_id" in order for order in orders)
    app.selectbox(key="filter_column_std_encounters").set_value("cpt").run()
    app.multiselect(key="filter_value_std_encounters_cpt").set_value(["27130"]).run()
    app.button(key="filter_apply_std_encounters").click().run()
    assert link(app)["where"] == ["cpt:is:27130"]


@pytest.mark.parametrize("value", ["", "1", "1..", "..1", "9..1"])
def test_a_link_with_a_range_that_is_none_says_so(value, open_page, sample_home):
    app = open_page(
        "tables", sample_home, table="fct_encounter", where=f"paid_amount_usd:to:{value}"
    )
    assert not app.exception and len(app.dataframe) == 1
    assert "for paid_amount_usd" in app.warning[0].value and "where" not in link(app)


def test_several_values_a_range_and_alternatives_stand_in_the_link_and_open_again(
    open_page, sample_home
):
    app = open_page("tables", sample_home, table="std_encounters")
    open_filter(app, "std_encounters", "cpt")
    app.multiselect(key="filter_value_std_encounters_cpt").set_value(["27130"]).run()
    app.text_input(key="filter_text_std_encounters_cpt").set_value("27447")
    app.button(key="filter_apply_std_encounters").click().run()
    open_filter(app, "std_encounters", "paid_amount_usd", "between")
    app.text_input(key="filter_low_std_encounters_paid_amount_usd").set_value("1000")
    app.text_input(key="filter_high_std_encounters_paid_amount_usd").set_value("3000")
    app.button(key="filter_apply_std_encounters").click().run()
    open_filter(app, "std_encounters", "paid_amount_usd", "less than")
    app.segmented_control(key="filter_joined_std_encounters_paid_amount_usd").set_value(
        "or instead"
    ).run()
    app.text_input(key="filter_text_std_encounters_paid_amount_usd").set_value("200")
    app.button(key="filter_apply_std_encounters").click().run()
    where = [
        "cpt:is:27130",
        "cpt:or-is:27447",
        "paid_amount_usd:to:1000..3000",
        "paid_amount_usd:or-lt:200",
    ]
    assert link(app)["where"] == where
    rows = browse.page(load_settings(home=sample_home), "std_encounters", limit=2_000).rows
    paid = rows["paid_amount_usd"]
    expected = sum(rows["cpt"].isin(["27130", "27447"]) & (paid.between(1000, 3000) | (paid < 200)))
    again = open_page("tables", sample_home, table="std_encounters", where=where)
    for each in (app, again):
        assert f"**{expected:,} rows** of" in page_text(each) and not each.warning
        assert [button.label for button in each.button if "paid" in button.label] == [
            "paid_amount_usd between 1000 and 3000",
            "or paid_amount_usd less than 200",
        ]
    # the alternative that is left stands for itself, not for the filter before it
    again.button(key="filter_std_encounters_paid_amount_usd_to_0").click().run()
    assert link(again)["where"] == ["cpt:is:27130", "cpt:or-is:27447", "paid_amount_usd:lt:200"]


def test_what_is_left_of_alternatives_never_joins_the_filter_before_them():
    first, head = Filter("cpt", "starts with", "2"), Filter("cpt", "is", "27130")
    other = Filter("cpt", "is", "27447", is_alternative=True)
    left = conditions.without([first, head, other], head)
    assert left == [first, Filter("cpt", "is", "27447")]
    assert conditions.sentence([first, head, other]) == (
        "cpt starts with 2 and (cpt is 27130 or cpt is 27447)"
    )
    assert conditions.added([head, Filter("npi", "is", "1")], [other])[1] == other
    assert conditions.added([head], [head]) == [head]


def test_a_second_click_on_a_filter_that_is_gone_takes_no_other_away(open_page, sample_home):
    app = open_page(
        "tables",
        sample_home,
        table="provider_scorecard",
        where=["encounter_count:ge:11", "observed_to_expected:ge:0.5"],
    )
    first = next(button for button in app.button if button.label == "encounter_count at least 11")
    first.click().run()
    assert link(app)["where"] == ["observed_to_expected:ge:0.5"]
    buttons = len(app.button)
    first.click().run()
    assert (
        not app.exception
        and link(app)["where"] == ["observed_to_expected:ge:0.5"]
        and len(app.button) == buttons
    )


def test_a_value_that_is_typed_and_applied_at_once_is_the_value_of_the_filter(
    open_page, sample_home
):
    app = open_page("tables", sample_home, table="provider_scorecard")
    open_filter(app, "provider_scorecard", "encounter_count", "at least")
    app.text_input(key="filter_text_provider_scorecard_encounter_count").set_value("50")
    app.button(key="filter_apply_provider_scorecard").click().run()
    assert link(app)["where"] == ["encounter_count:ge:50"]


def test_a_value_of_a_picked_row_becomes_a_filter(open_page, sample_home):
    app = open_page("tables", sample_home, table="fct_encounter")
    picked = {"selection": {"rows": [3], "columns": [], "cells": []}}
    app.session_state["rows_fct_encounter"] = picked
    app.run()
    row = app.dataframe[0].value.iloc[3]
    offered = {button.key for button in app.button if "filter_like_" in str(button.key)}
    assert "filter_like_fct_encounter_npi" in offered
    assert "filter_like_fct_encounter_patient_id" not in offered
    app.button(key="filter_like_fct_encounter_npi").click().run()
    assert link(app)["where"] == [f"npi:is:{row['npi']}"]
    assert set(app.dataframe[0].value["npi"]) == {row["npi"]}


@pytest.mark.parametrize(
    "table", ["provider_procedure_scorecard", "fct_encounter", "std_referrals"]
)
def test_a_row_meets_each_filter_made_of_its_values(table, sample_home):
    settings = load_settings(home=sample_home)
    rows = browse.page(settings, table, limit=2_000).rows
    info = next(each for each in table_list.tables(settings) if each.name == table)
    for place in (0, len(rows) // 2, len(rows) - 1):
        for column in info.shareable:
            value = rows.iloc[place][column]
            condition = conditions.condition_of(column, value)
            found = browse.page(settings, table, (condition,), limit=2_000).rows[column]
            assert len(found), condition
            assert found.isna().all() if pd.isna(value) else set(found) == {value}, condition
