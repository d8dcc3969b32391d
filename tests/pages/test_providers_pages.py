"""Providers, referrals and networks: what links open, what is hidden, and what stays out of the
address.
"""

import sqlite3
from urllib.parse import parse_qs

import pandas as pd
import pytest

from pages.providers import charts
from pages.widgets.formats import verbatim
from pipeline.config import load_settings
from pipeline.services.networks import networks, roster_changes
from pipeline.services.providers import providers
from pipeline.services.referrals import referrals
from tests.absence import build, world
from tests.factories import npi
from tests.pages.screen import metrics, page_text
from tests.warehouse import query


def test_a_link_opens_a_provider_in_words_and_by_procedure(open_page, sample_home):
    scorecard = providers.comparison(load_settings(home=sample_home)).scorecard
    npi = scorecard["npi"].iloc[0]
    app = open_page("providers", sample_home, provider=npi)
    assert app.selectbox(key="provider").value == npi
    assert scorecard["provider_name"].iloc[0] in page_text(
        app
    ) and "were expected for these patients" in page_text(app)
    assert "There is no evidence that providers differ" in page_text(
        app
    ) and "is used, the mean of" in page_text(app)
    assert any("meets_minimum" in element.value for element in app.dataframe)


def test_providers_of_a_link_stand_side_by_side_in_words_and_columns(open_page, sample_home):
    scorecard = providers.comparison(load_settings(home=sample_home)).scorecard
    first, second = scorecard.nlargest(2, "encounter_count").itertuples()
    pinned = [first.npi, second.npi, "1999999999"]
    app = open_page("providers", sample_home, beside="Side by side", pin=pinned)
    assert not app.exception
    assert "1 provider without an encounter" in app.warning[0].value
    overlap = max(first.shrunken_ratio_low, second.shrunken_ratio_low) <= min(
        first.shrunken_ratio_high, second.shrunken_ratio_high
    )
    assert ("cannot be told apart: their 95 % intervals overlap" in page_text(app)) is overlap
    shown = app.dataframe[0].value.set_index("measure")
    assert list(shown.columns) == [f"{each.provider_name} · {each.npi}" for each in (first, second)]
    assert shown.loc["Encounters"].tolist() == [
        str(each.encounter_count) for each in (first, second)
    ]
    assert app.query_params["pin"] == [first.npi, second.npi]


@pytest.mark.parametrize(
    ("view", "told"),
    [
        ("Sensitivity", "ways of counting"),
        ("Variation", "are chance"),
        ("Trends", "a trend needs two"),
        ("Peers", "exploratory"),
    ],
)
def test_what_a_number_rests_on_opens_by_link(view, told, open_page, sample_home):
    app = open_page("providers", sample_home, beside=view)
    assert not app.exception and not app.error
    assert told in page_text(app)


def test_one_provider_is_compared_with_nobody(open_page, sample_home):
    scorecard = providers.comparison(load_settings(home=sample_home)).scorecard
    app = open_page("providers", sample_home, beside="Side by side", pin=scorecard["npi"].iloc[0])
    assert not app.exception and "Choose two or more providers" in page_text(app)


def test_from_a_provider_one_click_leads_to_its_encounters(open_page, sample_home):
    scorecard = providers.comparison(load_settings(home=sample_home)).scorecard
    npi = scorecard.nlargest(1, "encounter_count")["npi"].iloc[0]
    app = open_page("providers", sample_home, provider=npi)
    links = [
        link.proto for link in app.get("page_link") if "Show the encounters" in link.proto.label
    ]
    of_all, of_one = (parse_qs(link.query_string) for link in links)
    assert of_all["where"] == [f"npi:is:{npi}"] and of_one["where"][0] == f"npi:is:{npi}"
    rows = query(
        sample_home, "select count(*), count(distinct cpt) from fct_encounter where npi = ?", npi
    )
    assert rows[0][0] > 10
    shown = open_page("tables", sample_home, **{name: values for name, values in of_all.items()})
    assert not shown.exception and f"of {rows[0][0]:,}" in page_text(shown)
    cpt = of_one["where"][1].removeprefix("cpt:is:")
    assert query(sample_home, "select 1 from fct_encounter where npi = ? and cpt = ?", npi, cpt)


def test_a_link_to_a_provider_without_encounters_says_so(open_page, sample_home):
    app = open_page("providers", sample_home, provider="1234567893")
    assert "no encounter" in app.warning[0].value and app.selectbox(key="provider").value is None


@pytest.mark.parametrize("page", ["providers", "referrals"])
def test_a_page_says_how_many_encounters_are_too_recent_to_count(page, open_page, own_sample_home):
    whole = open_page(page, own_sample_home)
    assert not whole.exception
    assert "No later delivery of adverse events has come yet" in page_text(whole)
    with sqlite3.connect(own_sample_home / "icon_health.db") as warehouse:
        warehouse.execute(
            "update std_encounter_maturity set is_outcome_counted = 0 "
            "where encounter_id in (select encounter_id from std_encounter_maturity limit 40)"
        )
        warehouse.execute("update ops_build set build_id = 'another'")
        ((encounters,),) = warehouse.execute("select count(*) from std_encounters")
    warehouse.close()
    app = open_page(page, own_sample_home)
    assert not app.exception
    assert f"40 of {encounters:,} encounters are too recent to count" in page_text(app)


def test_where_all_encounters_are_too_recent_no_outcome_is_told(open_page, own_sample_home):
    with sqlite3.connect(own_sample_home / "icon_health.db") as warehouse:
        warehouse.execute("update std_encounter_maturity set is_outcome_counted = 0")
        warehouse.execute("update ops_build set build_id = 'another'")
    warehouse.close()
    app = open_page("providers", own_sample_home)
    assert not app.exception
    assert "no adverse events were delivered after them" in page_text(app)
    assert metrics(app)["Providers drawn"] == "–"


@pytest.mark.parametrize("limits", ["95", "998"])
def test_a_point_lies_beyond_its_own_dashes_where_its_verdict_flags_it(limits, home_store):
    """In a world in which every encounter of one provider has an event, and none of another."""

    def make(home):
        rows = world()
        events = rows["adverse_events"]
        of_one, of_other = (
            {row["encounter_id"] for row in rows["encounters"] if row["npi"] == npi(number)}
            for number in (1, 2)
        )
        kept = {row["encounter_id"] for row in events} - of_other | of_one
        rows["adverse_events"] = [{**events[0], "encounter_id": name} for name in sorted(kept)]
        build(home, rows, home.parent / "uneven-files")

    compared = providers.comparison(load_settings(home=home_store.once("uneven", make)))
    points = compared.scorecard[compared.scorecard["observed_to_expected"].notna()]
    verdict = f"funnel_verdict_{limits}"
    figure = charts.funnel(points, compared.funnel, verdict)
    lower, upper = (
        dict(zip(points["npi"], trace.y, strict=True))
        for trace in figure.data
        if trace.name.startswith({"95": "95 %", "998": "99.8 %"}[limits])
    )
    drawn = {
        key: ratio
        for trace in figure.data
        if trace.customdata is not None
        for (key,), ratio in zip(trace.customdata, trace.y, strict=True)
    }
    assert len(drawn) == len(points) > 3 and {"in", "high", "low"} == set(points[verdict])
    for key, told in zip(points["npi"], points[verdict], strict=True):
        assert (drawn[key] >= upper[key]) == (told == "high"), key
        assert (drawn[key] <= lower[key]) == (told == "low"), key


def test_over_dispersion_is_part_of_the_link(open_page, sample_home):
    app = open_page("providers", sample_home, limits="95", spread="true")
    assert app.toggle(key="spread").value and "Outside 95 % limits" in metrics(app)


def test_a_link_opens_the_network_of_an_employer(open_page, sample_home):
    app = open_page("networks", sample_home, employer="91002", procedure="27130")
    table = next(element.value for element in app.dataframe if "performing" in element.value)
    assert table[["employer_id", "cpt"]].values.tolist() == [["91002", "27130"]]
    assert metrics(app)["Referrals"] == f"{int(table['referrals'].sum()):,}"
    app = open_page("networks", sample_home, employer="91002", procedure="27130", shows="Map")
    assert "US Census Bureau" in page_text(app) and "GeoNames" in page_text(app)


def test_a_suppressed_price_is_shown_as_suppressed(open_page, sample_home):
    app = open_page("networks", sample_home, shows="Prices")
    prices = next(element.value for element in app.dataframe if "paid_p25_usd" in element.value)
    hidden = prices["shown"] == "suppressed"
    assert (
        hidden.any()
        and prices.loc[
            hidden, ["encounter_count", "paid_p25_usd", "paid_median_usd", "paid_p75_usd"]
        ]
        .isna()
        .all()
        .all()
    )


@pytest.mark.parametrize(
    "part", ["Coverage", "Map", "Roster", "Access", "Adequacy", "Prices", "Volume", "Savings"]
)
def test_every_part_of_the_networks_opens_by_link(part, open_page, sample_home):
    app = open_page("networks", sample_home, shows=part)
    assert (
        not app.exception and not app.error and (len(app.dataframe) or len(app.get("plotly_chart")))
    )


def test_networks_begin_with_the_answer_and_their_tables_with_the_verdict(open_page, sample_home):
    app = open_page("networks", sample_home, shows="Savings")
    answer = networks.networks(load_settings(home=sample_home))
    assert any(verbatim(answer.headline) in each.value for each in app.markdown)
    table = next(each.value for each in app.dataframe if "in_short" in each.value)
    assert list(table.columns[:2]) == ["in_short", "employer"]
    assert set(table["in_short"]) <= {
        "saves",
        "costs more",
        "cannot be told from chance",
        "nothing would move",
        "too few encounters",
    }
    links = {each.proto.label: each.proto.query_string for each in app.get("page_link")}
    assert "gap_reason%3Ais%3Anone_nearby" in links["Those with nobody near"]
    assert "status%3Anot%3Aactive" in links["The entries to mend"]


def test_a_link_opens_a_change_of_a_network(open_page, sample_home):
    app = open_page("networks", sample_home, shows="What if")
    assert "Choose an employer" in page_text(app)
    ((npi,),) = query(
        sample_home, "select min(npi) from network_option where employer_id = '91001'"
    )
    app = open_page("networks", sample_home, employer="91001", shows="What if", without=npi)
    table = next(each.value for each in app.dataframe if "events_verdict" in each.value)
    assert (table["performing_after"] <= table["performing_before"]).all()
    assert "Adverse events expected: " in page_text(app) and "Distance: of " in page_text(app)
    app = open_page("networks", sample_home, employer="91001", shows="What if", without="2" * 10)
    assert not app.exception and any("is left out" in each.value for each in app.warning)


def choose_the_first_referral(app):
    app.session_state["referrals_None_None_None_0"] = {
        "selection": {"rows": [0], "columns": [], "cells": []}
    }
    return app.run()


def test_a_referral_shows_candidates_with_reasons_and_keeps_the_patient_out_of_the_address(
    open_page, sample_home
):
    app = choose_the_first_referral(open_page("referrals", sample_home))
    settings = load_settings(home=sample_home)
    choice = referrals.choose_for_referral(
        settings, referrals.ReferralQuery(), 0, referrals.standard_weights()
    )
    for row in choice.candidates.head(5).itertuples():
        assert " · ".join(row.reasons) in page_text(app)
    assert choice.headings[min(choice.headings)] in page_text(app)
    assert not app.query_params


def test_a_weight_changes_the_order_and_is_part_of_the_link(open_page, sample_home):
    parameters = {"for": "anybody", "employer": "91002", "procedure": "27130"}
    app = open_page("referrals", sample_home, **parameters)
    app.text_input(key="patient_zip").set_value("00251").run()
    before = next(element.value for element in app.dataframe if "score" in element.value)
    app.slider(key="w_distance").set_value(1.0)
    app.slider(key="w_volume").set_value(0.0).run()
    after = next(element.value for element in app.dataframe if "score" in element.value)
    assert (
        before["npi"].tolist() != after["npi"].tolist()
        and after["miles"].iloc[0] <= before["miles"].iloc[0]
    )
    assert set(app.query_params) <= {*parameters, "w_distance", "w_volume"}
    app.button(key="standard_weights").click().run()
    again = next(element.value for element in app.dataframe if "score" in element.value)
    assert again["npi"].tolist() == before["npi"].tolist()


def test_a_wrong_zip_is_said_and_gives_no_distance(open_page, sample_home):
    app = open_page("referrals", sample_home, **{"for": "anybody"})
    app.text_input(key="patient_zip").set_value("12a").run()
    assert "five digits" in app.warning[
        0
    ].value and "no place is known for the patient" in page_text(app)


def test_the_roster_tells_what_deliveries_changed(open_page, sample_home, monkeypatch):
    app = open_page("networks", sample_home, shows="Roster")
    assert "No delivery after the first has changed" in page_text(app)
    changes = pd.DataFrame(
        {
            "npi": ["2881158705"],
            "provider_name": ["Belwick, Pelis"],
            "what": ["on the list of 91001"],
            "since": pd.to_datetime(["2026-11-01T10:00:00Z"]),
            "until": pd.to_datetime(["2026-11-08T10:00:00Z"]),
        }
    )
    monkeypatch.setattr(roster_changes, "roster_changes", lambda settings, employer: changes)
    app = open_page("networks", sample_home, shows="Roster", employer="91001")
    assert "1 state that a later delivery began or ended" in page_text(app)
    (table,) = (frame.value for frame in app.dataframe if "what" in frame.value)
    assert table["what"].tolist() == ["on the list of 91001"]
