"""Groups as a table, names beside ids, and sets of columns on the page Tables."""

import pytest

from pages.tables import column_sets
from pipeline.config import load_settings
from pipeline.services.tables import browse, chart_queries, names
from pipeline.services.tables.chart_queries import GROUP_ROWS, GROUP_VALUE
from tests.pages.screen import page_text
from tests.warehouse import query


def groups(app):
    return app.dataframe[0].value


def test_a_link_opens_groups_of_two_columns_with_counts_shares_and_a_sum(open_page, sample_home):
    app = open_page(
        "tables",
        sample_home,
        table="fct_encounter",
        view="Groups",
        by="cpt",
        **{"and": "is_cost_outlier"},
        agg="sum",
        of="paid_amount_usd",
        where="cpt:not:20610",
    )
    assert not app.exception and not app.warning
    rows = browse.page(load_settings(home=sample_home), "fct_encounter", limit=2_000).rows
    rows = rows[rows["cpt"] != "20610"]
    by = ["cpt", "is_cost_outlier"]
    expected = rows.groupby(by, dropna=False)["paid_amount_usd"].agg(["size", "sum"])
    shown = groups(app)
    assert list(shown.columns) == [
        "cpt", "plain_label", "is_cost_outlier", GROUP_ROWS, "row_share", GROUP_VALUE
    ]  # fmt: skip
    assert shown[GROUP_ROWS].tolist() == sorted(expected["size"], reverse=True)
    assert shown[GROUP_ROWS].sum() == len(rows)
    for each in shown.itertuples(index=False):
        size, total = expected.loc[(each.cpt, each.is_cost_outlier)]
        assert (each.rows_of_the_group, each.value_of_the_group) == (size, pytest.approx(total))
        assert each.row_share == pytest.approx(100 * size / len(rows))


def test_a_group_leads_to_its_rows_and_becomes_a_filter(open_page, sample_home):
    app = open_page(
        "tables", sample_home, table="fct_encounter", view="Groups", by="npi", agg="rows"
    )
    app.session_state["groups_fct_encounter"] = {
        "selection": {"rows": [1], "columns": [], "cells": []}
    }
    app.run()
    npi, n = groups(app)[["npi", GROUP_ROWS]].iloc[1]
    assert f"{n} rows of `fct_encounter` where npi is {npi}" in page_text(app)
    app.button(key="filter_group_fct_encounter").click().run()
    assert app.query_params["where"] in (f"npi:is:{npi}", [f"npi:is:{npi}"])
    assert groups(app)["npi"].tolist() == [npi]


def test_neither_a_masked_column_nor_a_hidden_cell_is_in_a_group(open_page, sample_home):
    app = open_page("tables", sample_home, table="std_encounters", view="Groups")
    assert not {"patient_id", "encounter_id"} & {*app.selectbox(key="by").options}
    settings = load_settings(home=sample_home)
    with pytest.raises(Exception, match="masked"):
        chart_queries.group_table(settings, "std_encounters", ("cpt", "patient_id"))
    cells = chart_queries.group_table(
        settings, "fct_encounter", ("npi", "cpt"), "has_adverse_event", "sum"
    ).frame
    pages = browse.page(settings, "provider_procedure_scorecard", limit=500).rows
    known = pages.set_index(["npi", "cpt"])["adverse_event_count"]
    for each in cells.itertuples(index=False):
        events = known[each.npi, each.cpt]
        assert (each.value_of_the_group == events) or (events != events)
        assert events == events or each.value_of_the_group != each.value_of_the_group


def test_one_of_each_column_with_names_stands_in_the_link(open_page, sample_home):
    app = open_page("tables", sample_home, table="fct_encounter", cols="short")
    shown = app.dataframe[0].value
    assert "paid_amount_usd" in shown and "has_adverse_event" in shown
    assert not {"paid_cents", "winsorised_paid_usd", "ln_paid", "_build_id"} & {*shown.columns}
    npi = list(shown.columns).index("npi")
    assert shown.columns[npi + 1] == "provider_name"
    name = dict(query(sample_home, "select npi, provider_name from std_providers"))
    assert shown["provider_name"].tolist() == [name[each] for each in shown["npi"]]
    app.selectbox(key="cols").set_value("own").run()
    app.multiselect(key="col").set_value(["cpt", "age_band"]).run()
    assert list(app.dataframe[0].value.columns) == ["cpt", "plain_label", "age_band"]
    assert app.query_params["cols"] in ("own", ["own"])
    again = open_page(
        "tables", sample_home, table="fct_encounter", cols="own", col=["cpt", "age_band"]
    )
    assert list(again.dataframe[0].value.columns) == ["cpt", "plain_label", "age_band"]


def test_a_row_that_is_picked_among_some_columns_offers_all_its_values(open_page, sample_home):
    app = open_page("tables", sample_home, table="fct_encounter", cols="own", col=["cpt"])
    picked = {"selection": {"rows": [3], "columns": [], "cells": []}}
    app.session_state["rows_fct_encounter"] = picked
    app.run()
    assert any(button.key == "filter_like_fct_encounter_npi" for button in app.button)


def test_a_table_of_bookkeeping_alone_is_shown_whole():
    assert column_sets.one_of_each(["_load_id", "_row_id"]) == ["_load_id", "_row_id"]
    assert column_sets.one_of_each(["npi", "paid_usd", "paid_cents"]) == ["npi", "paid_usd"]


def test_ids_of_people_have_no_names(sample_home):
    settings = load_settings(home=sample_home)
    assert names.names_of(settings, "patient_id", ("1",)) == {}
    assert names.names_of(settings, "cpt", ("27130", "none"))["27130"]
    assert names.names_of(settings, "npi", ("none",)) == {}
