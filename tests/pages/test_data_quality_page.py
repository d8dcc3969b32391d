"""The page Data quality: a link to a run and to a rule, a cell of the matrix, states."""

import json

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.services.quality import over_time, rules
from pipeline.services.quarantine import corrections
from tests.pages.screen import page_text
from tests.warehouse import query


def listed(app):
    return next(element.value for element in app.dataframe if "failing_rows" in element.value)


def test_a_link_opens_the_results_of_a_run(open_page, sample_home):
    app = open_page("quality", sample_home, run="R000001")
    assert app.selectbox(key="run").value == "R000001"
    assert "As run R000001 left it" in page_text(app)
    assert listed(app)["failing_rows"].max() == 532


def test_a_link_to_a_run_that_published_nothing_says_so(open_page, sample_home):
    app = open_page("quality", sample_home, run="R000999")
    assert (
        "Run R000999 kept no results" in page_text(app) and listed(app)["failing_rows"].max() == 532
    )


@pytest.mark.parametrize("rule", ["ENC-06", "encounters__npi__known_provider"])
def test_a_link_opens_a_rule_by_its_id_or_name(rule, open_page, sample_home):
    app = open_page("quality", sample_home, rule=rule)
    assert "ENC-06 · encounters__npi__known_provider" in page_text(
        app
    ) and "How to mend it" in page_text(app)


def test_a_cell_of_the_matrix_lists_its_checks(open_page, sample_home):
    app = open_page("quality", sample_home)
    matrix = app.dataframe[0].value
    row = matrix["Source"].tolist().index("Encounters")
    app.session_state["sources"], app.session_state["kahn"] = (
        ["encounters"],
        ["plausibility-atemporal", "plausibility-temporal"],
    )
    app.run()
    passed, judged = (
        int(part) for part in matrix["plausibility"][row].split(" · ")[0].split(" / ")
    )
    rules = listed(app)
    assert (
        set(rules["entity"]) == {"Encounters"}
        and rules["kahn"].str.startswith("Plausibility").all()
    )
    assert len(rules) <= judged and passed < judged


def test_the_page_says_first_how_many_checks_failed_and_which_keeps_back_most(
    open_page, sample_home, empty_home
):
    first = open_page("quality", sample_home).markdown[0].value
    assert (
        first
        == "**4 of 126 checks failed**, 16 warned. ENC-06 keeps back most: 62 of 1,000 rows of Encounters."
    )
    assert (
        open_page("quality", empty_home).markdown[0].value
        == "Nothing is loaded yet. Upload a delivery and build; this page fills by itself."
    )


def test_filters_of_a_link_are_followed(open_page, sample_home):
    app = open_page("quality", sample_home, state="failed")
    assert {chips[0] for chips in listed(app)["status"]} == {"✗ failed"}


@pytest.mark.parametrize("part", ["Rules", "Grades", "Trend", "Row ledger"])
def test_every_part_is_drawn_full_and_empty(part, open_page, sample_home, empty_home):
    for home in (sample_home, empty_home):
        app = open_page("quality", home, part=part)
        assert not app.exception and not app.error


def test_a_rule_shows_what_it_means_and_who_fails(open_page, sample_home):
    app = open_page("quality", sample_home)
    app.session_state["rules"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert "How to mend it" in page_text(app)
    assert app.code[0].value.startswith("select m.*")
    assert any("_source_row_number" in element.value for element in app.dataframe)


def test_every_mart_shows_its_grade_and_why(open_page, sample_home):
    app = open_page("quality", sample_home, part="Grades")
    grades = next(element.value for element in app.dataframe if "grade" in element.value)
    assert {letter for (letter,) in grades["grade"]} == {"A", "D"}
    assert grades["reason"].str.contains("rows wait").any()


def test_a_picked_rule_stays_picked_in_a_filtered_list_and_is_let_go_when_it_leaves_it(
    open_page, sample_home
):
    app = open_page("quality", sample_home)
    rules = listed(app)
    place = rules.index[rules["rule_id"] == "NET-03"][0]
    app.session_state["rules"] = {"selection": {"rows": [int(place)], "columns": [], "cells": []}}
    app.run()
    assert "How to mend it" in page_text(app)
    app.multiselect(key="sources").set_value(["employer_networks"]).run()
    assert (
        not app.exception
        and "employer_networks__npi__shape" in app.query_params["rule"]
        and "How to mend it" in page_text(app)
    )
    app.multiselect(key="sources").set_value(["providers"]).run()
    assert not app.exception and "How to mend it" not in page_text(app)


def test_the_rows_that_a_rule_holds_back_are_one_click_from_their_repair(open_page, sample_home):
    app = open_page("quality", sample_home, rule="ENC-06")
    failing = next(
        element.value for element in app.dataframe if "_source_row_number" in element.value
    )
    assert len(failing) == 62 and "_row_id" not in failing
    links = {element.proto.label: element.proto for element in app.get("page_link")}
    assert links["Repair these rows"].query_string == "source=encounters&rule=ENC-06"
    app = open_page("quarantine", sample_home, source="encounters", rule="ENC-06")
    assert (app.segmented_control(key="source").value, app.selectbox(key="rule").value) == (
        "encounters",
        "ENC-06",
    )


def test_the_trend_tells_shares_over_dates_with_deliveries_and_decisions(
    open_page, own_sample_home, monkeypatch
):
    settings = load_settings(home=own_sample_home)
    first = rules.trend(settings)
    later = first.assign(
        run_id="R000002",
        finished_at="2099-01-01T00:00:00Z",
        failing_rows=first["failing_rows"] // 2,
    )
    monkeypatch.setattr(rules, "trend", lambda *arguments: pd.concat([first, later]))
    ((row,),) = query(own_sample_home, "select min(_row_id) from quarantine_encounters")
    corrections.correct(settings, "encounters", [row], {"npi": "2487874143"}, "looked at")
    marks = over_time.marks(settings)
    assert sorted(zip(marks["kind"], marks["label"], strict=True)) == [
        ("decisions", "1 decision"),
        ("delivery", "delivery L00001"),
    ]
    app = open_page("quality", own_sample_home, part="Trend")
    assert not app.exception and "Share of the rows looked at" in page_text(app)
    drawn = json.loads(app.get("plotly_chart")[-1].proto.spec)["data"]
    lines = {line["name"]: line for line in drawn}
    assert "decisions" in lines
    assert "delivery" not in lines  # it came before the first run ended
    of_source = first[first["entity"] == "encounters"]
    share = 100 * of_source["failing_rows"].sum() / of_source["rows_checked"].sum()
    assert lines["Encounters"]["y"][0] == pytest.approx(share)
    assert lines["Encounters"]["y"][1] < share
