"""Charts and exports of the page Tables."""

import pytest

from pipeline.config import load_settings
from pipeline.services.tables import export
from pipeline.services.tables.visible import hidden_cells
from tests.pages.screen import page_text
from tests.warehouse import query


def test_a_chart_of_many_rows_says_that_it_is_a_sample_and_draws_all_when_asked(
    open_page, sample_home, monkeypatch
):
    monkeypatch.setattr("pipeline.services.tables.chart_queries.SAMPLED_FROM", 500)
    monkeypatch.setattr("pipeline.store.browse.chart_sample.ROWS", 300)
    hidden = hidden_cells(load_settings(home=sample_home)).of(("npi", "cpt"))
    rows = query(
        sample_home, "select npi, cpt, paid_amount_usd from fct_encounter where age_band = '65-74'"
    )
    exact = sum(paid for npi, cpt, paid in rows if (npi, cpt) not in hidden)
    assert 0 < exact < sum(paid for *_, paid in rows)
    app = open_page(
        "tables",
        sample_home,
        table="fct_encounter",
        view="Chart",
        chart="Bars",
        by="age_band",
        agg="sum",
    )
    assert "This is a sample of 300 of 938 rows: sums are estimates" in page_text(app)
    app.button(key="all_rows").click().run()
    assert (
        not app.exception
        and "All 938 rows are drawn" in page_text(app)
        and "sample of" not in page_text(app)
    )
    assert app.session_state["chart_of_all_rows"]["drawing"].frame.set_index("age_band").loc[
        "65-74", "value"
    ] == pytest.approx(exact)
    app.selectbox(key="agg").set_value("rows").run()
    assert "This is a sample of 300 of 938 rows: numbers of rows are estimates" in page_text(app)


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        ("Line", "a sample of 300 of 938 rows"),
        ("Histogram", "a sample of 300 of 938 rows"),
        ("Scatter", "A sample of 200 of 938 rows"),
        ("Box", "A sample of 100 of 938 rows"),
    ],
)
def test_no_chart_is_a_silent_sample(chart, message, open_page, sample_home, monkeypatch):
    monkeypatch.setattr("pipeline.services.tables.chart_queries.SAMPLED_FROM", 500)
    monkeypatch.setattr("pipeline.store.browse.chart_sample.ROWS", 300)
    monkeypatch.setattr("pages.tables.chart_builder.MOST_POINTS", 200)
    monkeypatch.setattr("pages.tables.chart_builder.MOST_BOXED", 100)
    assert message in page_text(
        open_page("tables", sample_home, table="fct_encounter", view="Chart", chart=chart)
    )


@pytest.mark.parametrize("chart", ["Bars", "Line", "Histogram", "Scatter", "Box"])
def test_every_kind_of_chart_is_drawn_of_a_table(chart, open_page, sample_home):
    app = open_page("tables", sample_home, table="fct_encounter", view="Chart", chart=chart)
    assert not app.exception and not app.error and len(app.get("plotly_chart")) == 1


def test_an_export_is_written_under_its_profile_and_offered_with_its_manifest(
    open_page, own_sample_home
):
    app = open_page("tables", own_sample_home, table="std_referrals", view="Export")
    app.selectbox(key="export_profile").set_value("limited_data_set").run()
    assert app.button(key="export_write").disabled
    app.text_input(key="export_note").set_value("University, DUA 12").run()
    app.button(key="export_write").click().run()
    (made,) = export.manifests(load_settings(home=own_sample_home))
    assert (made["profile"], made["note"], made["rows"]) == (
        "limited_data_set",
        "University, DUA 12",
        200,
    )
    assert {button.label for button in app.get("download_button")} == {
        "Download the file",
        "Manifest",
    }


def test_a_table_that_no_profile_covers_says_so(open_page, sample_home):
    app = open_page("tables", sample_home, table="raw_patients", view="Export")
    assert "which no profile covers" in page_text(app) and "export_write" not in [
        button.key for button in app.button
    ]
