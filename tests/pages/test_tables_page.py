"""The page Tables: what a link opens and never holds, what is clicked, what is written to a
file.
"""

from functools import wraps
from threading import Event

import pytest

from pages.tables import conditions
from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.tables import browse, table_list
from pipeline.services.tables.browse import Filter
from pipeline.services.tables.visible import hidden_cells
from tests.pages.screen import link, page_text
from tests.warehouse import query


def test_a_link_opens_table_filters_order_and_chart(open_page, sample_home):
    app = open_page(
        "tables",
        sample_home,
        table="fct_encounter",
        where=["cpt:is:27130", "paid_amount_usd:ge:1000"],
        sort="paid_amount_usd",
        desc="true",
        view="Chart",
        chart="Histogram",
        of="ln_paid",
    )
    hidden = hidden_cells(load_settings(home=sample_home)).of(("npi", "cpt"))
    paid_amounts = [
        paid
        for npi, paid in query(
            sample_home,
            "select npi, paid_amount_usd from fct_encounter where cpt = '27130' and paid_amount_usd >= 1000",
        )
        if (npi, "27130") not in hidden
    ]
    rows, paid = len(paid_amounts), sum(paid_amounts)
    assert (
        f"**{rows:,} rows** of 938 ({rows / 9.38:.1f} %) · Paid amount (USD): sum **\\${paid:,.0f}**"
        in page_text(app)
    )
    assert {"cpt is 27130", "paid_amount_usd at least 1000"} <= {
        button.label for button in app.button
    }
    assert (
        app.selectbox(key="sort").value == "paid_amount_usd"
        and app.selectbox(key="of").value == "ln_paid"
    )
    assert link(app)["where"] == ["cpt:is:27130", "paid_amount_usd:ge:1000"]


def test_a_link_that_names_a_patient_is_not_followed(open_page, sample_home):
    ((patient,),) = query(sample_home, "select patient_id from std_encounters limit 1")
    app = open_page(
        "tables",
        sample_home,
        table="std_encounters",
        where=[f"patient_id:is:{patient}", "no_column:is:1", "cpt:zz:1"],
    )
    assert (
        f"**{query(sample_home, 'select count(*) from std_encounters')[0][0]} rows**"
        in page_text(app)
    )
    assert "where" not in link(app)
    (warning,) = app.warning
    assert warning.value.endswith(
        "left out: patient_id is masked; there is no column no_column; zz is no comparison."
    )
    assert patient not in warning.value


def test_no_column_that_a_screen_masks_can_stand_in_a_link(sample_home):
    for info in table_list.tables(load_settings(home=sample_home)):
        masked = [
            column.name
            for column in info.columns
            if column.classification in ("direct_identifier", "free_text", "date", "place")
        ]
        assert conditions.in_address(info, [Filter(name, "is", "x") for name in masked]) == []
        taken, refusals = conditions.from_address(info, [f"{name}:is:x" for name in masked])
        assert taken == [] and refusals == [f"{name} is masked" for name in masked]


def test_a_row_leads_to_the_rows_that_it_counts(open_page, sample_home):
    app = open_page("tables", sample_home, table="provider_scorecard")
    app.session_state["rows_provider_scorecard"] = {
        "selection": {"rows": [0], "columns": [], "cells": []}
    }
    app.run()
    npi, n = app.dataframe[0].value[["npi", "encounter_count"]].iloc[0]
    assert f"{n} rows of `fct_encounter` where npi is {npi}" in page_text(app)
    app.button(key="open_provider_scorecard_0").click().run()
    assert app.selectbox(
        key="table"
    ).value == "fct_encounter" and f"**{n} rows** of 938" in page_text(app)
    assert link(app)["where"] == [f"npi:is:{npi}"]


def test_the_landing_zone_is_searched_by_name_use_and_description(open_page, sample_home):
    app = open_page("tables", sample_home, layer="landing_zone")
    labels = app.selectbox(key="table").options
    assert len(labels) > 40 and labels[0].startswith("raw_") and "as delivered" in labels[0]
    assert any(label.startswith("quarantine_encounters · waiting · 62 rows") for label in labels)


@pytest.mark.parametrize(("question", "first"), [("3", 51), ("999", 926), ("x", 1)])
def test_a_link_to_a_page_opens_its_rows(question, first, open_page, sample_home):
    app = open_page("tables", sample_home, table="fct_encounter", rows="25", page=question)
    assert not app.exception and f"Rows {first:,} to " in page_text(app)


def test_every_page_of_an_ordered_table_is_reached_and_of_a_view_the_page_says_how_many(
    open_page, sample_home, monkeypatch
):
    monkeypatch.setattr(browse, "SORTED_REACH", 100)
    monkeypatch.setattr("pipeline.store.browse.sorted_pages.NEAR_ROWS", 10)
    lowest = query(sample_home, "select npi from fct_encounter order by npi limit 13")
    app = open_page(
        "tables",
        sample_home,
        table="fct_encounter",
        sort="npi",
        desc="true",
        rows="25",
        page="38",
    )
    assert "Rows 926 to 938 of 938" in page_text(app) and "pages reach" not in page_text(app)
    assert app.dataframe[0].value["npi"].tolist()[::-1] == [npi for (npi,) in lowest]
    app = open_page(
        "tables", sample_home, table="promoted_encounters", sort="paid_amount_usd", rows="25"
    )
    assert "pages reach the first 100 rows. Turn the order round or add a filter" in page_text(app)


def test_a_link_opens_the_table_that_it_names(open_page, sample_home):
    app = open_page("tables", sample_home, layer="standard_model", table="std_providers")
    assert app.selectbox(key="table").value == "std_providers"


def test_a_link_of_an_older_version_opens_the_table_and_columns_of_now(open_page, sample_home):
    app = open_page(
        "tables",
        sample_home,
        table="provider_procedure_amount",
        where=["encounters:ge:11"],
    )
    assert app.selectbox(key="table").value == "int_provider_procedure_amount"
    app = open_page(
        "tables",
        sample_home,
        table="provider_scorecard",
        where=["n:ge:11", "npi:not:1"],
        sort="eb_oe",
        sum="paid_sum",
    )
    assert link(app)["where"] == ["encounter_count:ge:11", "npi:not:1"]
    assert app.selectbox(key="sort").value == "shrunken_ratio"
    assert app.selectbox(key="sum").value == "paid_sum_usd"


def test_a_link_to_a_table_that_is_gone_shows_another_instead(open_page, sample_home):
    app = open_page(
        "tables", sample_home, table="no_such_table", where="npi:is:1", sort="no_column"
    )
    assert not app.exception and len(app.dataframe) >= 1
    assert [each.value.split("left out: ")[1] for each in app.warning] == [
        "there is no table no_such_table."
    ]
    app.selectbox(key="table").select_index(0).run()
    assert not app.warning


@pytest.mark.parametrize("parameter", ["sort", "sum", "by", "of", "x", "y"])
def test_a_link_that_names_a_column_which_is_not_here_says_so(parameter, open_page, sample_home):
    for column, why in (
        ("no_column", "there is no column no_column"),
        ("patient_id", "patient_id is masked"),
    ):
        app = open_page("tables", sample_home, table="fct_encounter", **{parameter: column})
        assert not app.exception and [
            each.value.endswith(f"left out: {why}.") for each in app.warning
        ]


def test_a_picked_row_is_not_another_row_on_another_page_or_in_another_order(
    open_page, sample_home
):
    app = open_page("tables", sample_home, table="std_encounters", layer="standard_model")
    app.session_state["rows_std_encounters"] = {
        "selection": {"rows": [2], "columns": [], "cells": []}
    }
    app.run()
    assert "Where this row comes from" in page_text(app)
    app.selectbox(key="sort").set_value("npi").run()
    assert not app.exception and "Where this row comes from" not in page_text(app)


def test_rows_are_read_while_they_are_counted(open_page, sample_home, monkeypatch):
    begun, read, count = Event(), browse.page, browse.totals

    @wraps(read)
    def reads(*arguments):
        begun.set()
        return read(*arguments)

    @wraps(count)
    def counts(*arguments):
        assert begun.wait(20), "the rows wait for their number"
        return count(*arguments)

    monkeypatch.setattr(browse, "page", reads)
    monkeypatch.setattr(browse, "totals", counts)
    app = open_page("tables", sample_home, table="fct_encounter", where="cpt:is:27130")
    assert not app.exception and "Rows 1 to 100 of" in page_text(app)


def test_a_count_that_fails_is_told_where_the_page_is(open_page, sample_home, monkeypatch):
    @wraps(browse.totals)
    def fails(*_):
        raise InputRefused("the count took too long", "fct_encounter", "add a filter")

    monkeypatch.setattr(browse, "totals", fails)
    app = open_page("tables", sample_home, table="fct_encounter")
    assert not app.exception and "the count took too long" in app.error[0].value


def test_a_page_behind_the_last_one_shows_the_last_one(open_page, sample_home):
    for order in ({}, {"sort": "paid_amount_usd"}):
        app = open_page("tables", sample_home, table="fct_encounter", page="999999", **order)
        assert "Rows 901 to 938 of 938" in page_text(app)
        assert len(app.dataframe[0].value) == 38


def test_a_shared_link_names_its_table_even_the_first_one(open_page, sample_home):
    app = open_page("tables", sample_home)
    assert any(element.value.endswith("?table=provider_scorecard") for element in app.code)


def test_the_rows_say_what_is_masked_in_the_words_of_the_headings(open_page, sample_home):
    app = open_page("tables", sample_home, table="row_verdicts_encounters")
    text = page_text(app)
    assert "Masked: Encounter ID, Patient ID, Source file" in text and "encounter_id" not in text


def test_a_page_that_cannot_be_downloaded_says_why(open_page, sample_home):
    reason = "No download: row_verdicts_encounters holds cells as delivered"
    assert reason in page_text(open_page("tables", sample_home, table="row_verdicts_encounters"))
    assert "No download" not in page_text(open_page("tables", sample_home, table="std_patients"))
