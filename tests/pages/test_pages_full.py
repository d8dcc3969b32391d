"""Every page on the finished sample, and what people do on them."""

import json

import pytest

from pages.components.tables import as_csv
from pipeline.config import load_settings
from pipeline.orchestrate.runner import run_queued
from pipeline.services import providers, quarantine, referrals, runs, workbasket
from pipeline.store.database import open_control
from tests.pages.conftest import PAGES


def said(app) -> str:
    """Everything that a page writes as text."""
    return " ".join(element.value for kind in (app.markdown, app.caption, app.success, app.info) for element in kind)


def metrics(app) -> dict[str, str]:
    """Label -> value of the tiles."""
    return {element.label: element.value for element in app.metric}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_on_the_sample_draws_without_an_error(page, open_page, sample_home):
    app = open_page(page, sample_home)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", ["load/upload", "load/run_history", "review/data_quality", "review/quarantine", "explore/gold",
                                  "explore/providers", "explore/referrals", "explore/networks", "explore/features", "about/catalog",
                                  "about/settings"])
def test_a_page_on_the_sample_shows_a_table(page, open_page, sample_home):
    assert len(open_page(page, sample_home).dataframe) >= 1


def test_the_overview_sends_to_the_rows_that_wait(open_page, sample_home):
    app = open_page("home/overview", sample_home)
    assert "Next: Decide on 2 suggested repairs" in said(app)
    assert metrics(app)["Rows"] == f"{sum(workbasket.open_counts(load_settings(home=sample_home)).values()):,}"


def test_the_ledger_on_screen_balances(open_page, sample_home):
    assert "every received row has exactly one fate" in said(open_page("home/overview", sample_home))


@pytest.mark.parametrize("page", ["review/quarantine", "explore/gold", "review/data_quality"])
def test_no_page_shows_a_whole_patient_value(page, open_page, sample_home):
    app = open_page(page, sample_home, layer="standard_model", table="std_referrals", source="encounters")
    for element in app.dataframe:
        for column in {"patient_id", "encounter_id"} & set(element.value.columns):
            assert element.value[column].dropna().map(len).max() <= 8
        if "birth_date" in element.value.columns:
            assert not element.value["birth_date"].dropna().str.match(r"\d{4}-\d{2}-\d{2}").any()


def test_a_link_opens_the_table_that_it_names(open_page, sample_home):
    app = open_page("explore/gold", sample_home, layer="standard_model", table="std_providers")
    assert app.selectbox(key="table").value == "std_providers"


def test_a_link_to_a_table_that_is_gone_shows_another_instead(open_page, sample_home):
    app = open_page("explore/gold", sample_home, table="no_such_table")
    assert not app.exception and len(app.dataframe) >= 1


def test_a_link_opens_a_provider_in_words_and_by_procedure(open_page, sample_home):
    seen = providers.comparison(load_settings(home=sample_home)).scorecard
    npi = seen["npi"].iloc[0]
    app = open_page("explore/providers", sample_home, provider=npi)
    assert app.selectbox(key="provider").value == npi
    assert seen["provider_name"].iloc[0] in said(app) and "were expected for these patients" in said(app)
    assert "There is no evidence that providers differ" in said(app) and "is used, because" in said(app)
    assert any("meets_minimum" in element.value for element in app.dataframe)


def test_a_link_to_a_provider_without_encounters_says_so(open_page, sample_home):
    app = open_page("explore/providers", sample_home, provider="1234567893")
    assert "no encounter" in app.warning[0].value and app.selectbox(key="provider").value is None


def test_a_link_opens_the_network_of_an_employer(open_page, sample_home):
    app = open_page("explore/networks", sample_home, employer="91002", procedure="27130")
    shown = next(element.value for element in app.dataframe if "performing" in element.value)
    assert shown[["employer_id", "cpt"]].values.tolist() == [["91002", "27130"]]
    assert metrics(app)["Referrals"] == f"{int(shown['referrals'].sum()):,}"
    app = open_page("explore/networks", sample_home, employer="91002", procedure="27130", shows="Map")
    assert "US Census Bureau" in said(app) and "GeoNames" in said(app)


@pytest.mark.parametrize("part", ["Coverage", "Map", "Roster", "Access", "Prices", "Volume", "Savings"])
def test_every_part_of_the_networks_opens_by_link(part, open_page, sample_home):
    app = open_page("explore/networks", sample_home, shows=part)
    assert not app.exception and not app.error and (len(app.dataframe) or len(app.get("plotly_chart")))


def choose_the_first_referral(app):
    app.session_state["referrals_None_None_None_0"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    return app.run()


def test_a_referral_shows_candidates_with_reasons_and_keeps_the_patient_out_of_the_address(open_page, sample_home):
    app = choose_the_first_referral(open_page("explore/referrals", sample_home))
    settings = load_settings(home=sample_home)
    choice = referrals.choose_for_referral(settings, referrals.WantedReferrals(), 0, referrals.standard_weights())
    for row in choice.candidates.head(5).itertuples():
        assert " · ".join(row.reasons) in said(app)
    assert choice.headings[1] in said(app)
    assert not app.query_params


def test_a_weight_changes_the_order_and_is_part_of_the_link(open_page, sample_home):
    parameters = {"for": "anybody", "employer": "91002", "procedure": "27130"}
    app = open_page("explore/referrals", sample_home, **parameters)
    app.text_input(key="patient_zip").set_value("00251").run()
    before = next(element.value for element in app.dataframe if "score" in element.value)
    app.slider(key="w_distance").set_value(1.0)
    app.slider(key="w_volume").set_value(0.0).run()
    after = next(element.value for element in app.dataframe if "score" in element.value)
    assert before["npi"].tolist() != after["npi"].tolist() and after["miles"].iloc[0] <= before["miles"].iloc[0]
    assert set(app.query_params) <= {*parameters, "w_distance", "w_volume"}
    app.button(key="standard_weights").click().run()
    again = next(element.value for element in app.dataframe if "score" in element.value)
    assert again["npi"].tolist() == before["npi"].tolist()


def test_a_wrong_zip_is_said_and_gives_no_distance(open_page, sample_home):
    app = open_page("explore/referrals", sample_home, **{"for": "anybody"})
    app.text_input(key="patient_zip").set_value("12a").run()
    assert "five digits" in app.warning[0].value and "no place is known for the patient" in said(app)


def test_a_suppressed_price_is_shown_as_suppressed(open_page, sample_home):
    app = open_page("explore/networks", sample_home, shows="Prices")
    prices = next(element.value for element in app.dataframe if "p25" in element.value)
    hidden = prices["shown"] == "suppressed"
    assert hidden.any() and prices.loc[hidden, ["n", "p25", "median", "p75"]].isna().all().all()


def test_over_dispersion_is_part_of_the_link(open_page, sample_home):
    app = open_page("explore/providers", sample_home, limits="95", spread="true")
    assert app.toggle(key="spread").value and "Outside 95 % limits" in metrics(app)


def test_a_rule_shows_what_it_means_and_who_fails(open_page, sample_home):
    app = open_page("review/data_quality", sample_home)
    app.session_state["rules"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert "How to mend it" in said(app)
    assert app.code[0].value.startswith("select m.*")
    assert any("_source_row_number" in element.value for element in app.dataframe)


def test_every_mart_shows_its_grade_and_why(open_page, sample_home):
    app = open_page("review/data_quality", sample_home, part="Grades")
    shown = next(element.value for element in app.dataframe if "grade" in element.value)
    assert {letter for (letter,) in shown["grade"]} == {"A", "D"}
    assert shown["reason"].str.contains("rows wait").any()


def test_an_edited_cell_is_rechecked_and_saved_with_its_reason(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    suggestion = next(each for each in quarantine.suggestions(settings) if each.entity == "providers")
    app = open_page("review/quarantine", own_sample_home, source="providers")
    rows = workbasket.basket(settings, "providers").rows
    position = rows["row_id"].tolist().index(suggestion.row_id)
    app.session_state["edit_providers_None_0_0"] = {"edited_rows": {position: {"npi": suggestion.new}}, "added_rows": [],
                                                    "deleted_rows": []}
    app.run()
    assert "would pass" in said(app) and "62 encounters" in said(app)
    assert app.button(key="save_corrections").disabled
    app.text_input(key="why_providers").set_value("Looked up").run()
    app.button(key="save_corrections").click().run()
    decided = quarantine.audit(settings).iloc[0]
    assert (decided["column_name"], decided["new_value"], decided["reason"]) == ("npi", suggestion.new, "Looked up")
    assert "not built in yet" in said(app)


def test_a_repaired_download_is_shown_as_differences_and_saved_with_its_reason(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    suggestion = next(each for each in quarantine.suggestions(settings) if each.entity == "providers")
    app = open_page("review/quarantine", own_sample_home, source="providers")
    rows = workbasket.basket(settings, "providers").rows
    rows.loc[rows["row_id"] == suggestion.row_id, "npi"] = suggestion.new
    uploader = next(each for each in app.file_uploader if each.label == "Repaired CSV")
    uploader.upload("quarantine_providers.csv", as_csv(rows), "text/csv").run()
    assert "1 changed cell in 1 row" in said(app) and "Would promote" in said(app)
    assert quarantine.audit(settings).empty
    app.text_input(key="repaired_why_providers").set_value("Looked up").run()
    app.button(key="save_repaired").click().run()
    decided = quarantine.audit(settings).iloc[0]
    assert (decided["column_name"], decided["new_value"], decided["reason"]) == ("npi", suggestion.new, "Looked up")


def test_a_wrong_edit_says_which_rule_it_would_still_fail(open_page, own_sample_home):
    app = open_page("review/quarantine", own_sample_home, source="providers")
    app.session_state["edit_providers_None_0_0"] = {"edited_rows": {0: {"npi": "123"}}, "added_rows": [], "deleted_rows": []}
    app.run()
    assert "would still fail PRV-02" in said(app)


def test_edits_outlive_a_change_of_the_page_and_are_saved_together_with_their_evidence(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    app = open_page("review/quarantine", own_sample_home, source="employer_networks")
    app.button(key="fill_suggested").click().run()
    assert "3 edited rows, not saved yet" in said(app) and "Would promote 3 rows" in said(app)
    app.segmented_control(key="source").set_value("encounters").run()
    assert "not saved yet" not in said(app)
    app.segmented_control(key="source").set_value("employer_networks").run()
    app.text_input(key="why_employer_networks").set_value("Looked at").run()
    app.button(key="save_corrections").click().run()
    decided = quarantine.audit(settings)
    assert len(decided) == 3 and decided["evidence"].notna().all() and "not saved yet" not in said(app)


def test_find_and_replace_keeps_the_changes_aside_until_they_are_saved(open_page, own_sample_home):
    app = open_page("review/quarantine", own_sample_home, source="employer_networks")
    app.selectbox(key="replace_column_employer_networks").set_value("npi").run()
    app.text_input(key="replace_find_employer_networks").set_value("224645979").run()
    app.text_input(key="replace_with_employer_networks").set_value("12").run()
    app.button(key="replace_apply").click().run()
    assert "3 edited rows, not saved yet" in said(app) and "would still fail NET-03 (npi)" in said(app)
    assert quarantine.audit(load_settings(home=own_sample_home)).empty
    app.button(key="drop_edits").click().run()
    assert "not saved yet" not in said(app)


def test_what_another_decided_meanwhile_is_said_and_kept(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    app = open_page("review/quarantine", own_sample_home, source="employer_networks")
    app.button(key="fill_suggested").click().run()
    row_id = workbasket.basket(settings, "employer_networks").rows["row_id"].iloc[0]
    quarantine.reject(settings, "employer_networks", [row_id], "Not our provider", "Grace")
    app.text_input(key="why_employer_networks").set_value("Looked at").run()
    assert "Grace rejected the row" in app.warning[0].value and app.button(key="save_corrections").disabled
    app.button(key="keep_theirs").click().run()
    assert "2 edited rows, not saved yet" in said(app) and not app.button(key="save_corrections").disabled
    app.button(key="save_corrections").click().run()
    assert quarantine.audit(settings)["kind"].tolist() == ["correct", "correct", "reject"]


def test_a_suggestion_is_recorded_with_its_evidence_and_can_be_taken_back(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    app = open_page("review/quarantine", own_sample_home)
    next(button for button in app.button if button.label == "Use this value in 1 row").click().run()
    decided = quarantine.audit(settings).iloc[0]
    assert json.loads(decided["evidence"])
    app.session_state["audit"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    app.text_input(key=f"revert_reason_{decided['decision_id']}").set_value("Mistake").run()
    app.button(key="revert_decision").click().run()
    assert quarantine.audit(settings).iloc[0]["revert_reason"] == "Mistake"


def test_a_load_is_undone_from_the_page(open_page, own_sample_home):
    app = open_page("load/upload", own_sample_home)
    app.session_state["loads"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    app.button(key="undo_load").click().run()
    assert "is undone" in said(app)


def test_a_file_is_looked_at_before_it_is_loaded(open_page, empty_home):
    app = open_page("load/upload", empty_home)
    app.file_uploader[0].upload("adverse_events.csv", b"Encounter ID,note\nABC,x\n", "text/csv").run()
    assert app.button(key="load_files").label == "Load 1 file"
    assert not (empty_home / "icon_health.db").exists()
    app.button(key="load_files").click().run()
    assert "1 row loaded as L00001" in said(app)


def test_a_wrong_header_is_mapped_by_hand_and_remembered(open_page, empty_home):
    app = open_page("load/upload", empty_home)
    data = "Kid,Sex,Geboren\n1000001,male,1950-01-02\n"
    app.file_uploader[0].upload("people.csv", data.encode(), "text/csv").run()
    assert app.button(key="load_files").disabled
    tray_id = next(button.key for button in app.button if button.key.startswith("map_apply_")).removeprefix("map_apply_")
    app.selectbox(key=f"map_source_{tray_id}").set_value("patients").run()
    app.selectbox(key=f"map_{tray_id}_patients_patient_id").set_value("Kid").run()
    app.selectbox(key=f"map_{tray_id}_patients_birth_date").set_value("Geboren").run()
    app.button(key=f"map_apply_{tray_id}").click().run()
    app.button(key="load_files").click().run()
    assert "1 row loaded as L00001" in said(app)
    app.file_uploader[0].upload("people.csv", data.replace("1950", "1951").encode(), "text/csv").run()
    assert "Columns mapped as in the last file with this header" in said(app)
    assert app.button(key="load_files").label == "Load 1 file"


def test_a_refused_file_says_why_and_cannot_be_loaded(open_page, empty_home):
    app = open_page("load/upload", empty_home)
    app.file_uploader[0].upload("patients.csv", b"patient_id,gender\n1,male\n", "text/csv").run()
    assert "birth_date" in app.error[0].value
    assert app.button(key="load_files").disabled


def test_a_dropped_file_is_judged_and_stays_in_the_tray_until_it_is_taken_out(open_page, own_sample_home):
    app = open_page("load/upload", own_sample_home)
    data = "encounter_id,npi,patient_id,cpt,paid_amount\nABC,1,2,xx,free\n"
    app.file_uploader[0].upload("encounters_details.csv", data.encode(), "text/csv").run()
    cells = next(element.value for element in app.dataframe if "line" in element.value and "why" in element.value)
    assert set(cells["line"]) == {2} and {"ENC-02", "ENC-09", "ENC-11"} <= set(cells["rule_id"])
    assert "1 row would wait in quarantine" in said(app) and "would hold the whole load" in app.warning[0].value
    again = open_page("load/upload", own_sample_home)
    assert again.button(key="load_files").label == "Load 1 file"
    next(button for button in again.button if button.label == "Take out of the tray").click().run()
    assert not [button for button in again.button if button.key == "load_files"]


def test_a_delimiter_chosen_by_hand_is_read_at_once(open_page, own_sample_home):
    app = open_page("load/upload", own_sample_home)
    app.file_uploader[0].upload("adverse_events.csv", b"encounter_id;note\nABC;x\n", "text/csv").run()
    chooser = next(each for each in app.selectbox if each.key.startswith("read_delimiter_"))
    assert chooser.options[0] == "inferred: semicolon"
    chooser.set_value(",").run()
    assert app.button(key="load_files").disabled and "encounter_id" in app.error[0].value
    next(each for each in app.selectbox if each.key.startswith("read_delimiter_")).set_value("inferred").run()
    assert app.button(key="load_files").label == "Load 1 file"


def test_a_large_file_is_loaded_by_the_worker_while_the_page_watches(open_page, own_sample_home, monkeypatch):
    settings = load_settings(home=own_sample_home)
    monkeypatch.setattr("pipeline.services.intake.AT_ONCE_BYTES", 10)
    monkeypatch.setattr("pipeline.orchestrate.worker.ensure_worker", lambda *_: None)
    app = open_page("load/upload", own_sample_home)
    app.file_uploader[0].upload("adverse_events.csv", b"encounter_id,note\nABC,x\n", "text/csv").run()
    app.button(key="load_files").click().run()
    run = runs.active(settings)
    assert run.verb == "ingest" and [button.key for button in app.button if button.key == "load_files"] == []
    assert app.button(key="cancel_load")
    run_queued(settings, run)
    app.run()
    assert "1 row loaded as L00007" in said(app)


def test_two_runs_are_compared_by_what_differs(open_page, own_sample_home):
    assert "Only one run yet" in said(open_page("load/run_history", own_sample_home))
    with open_control(load_settings(home=own_sample_home)) as control:
        columns = ", ".join(name for _, name, *_ in control.execute("pragma table_info(ops_runs)") if name != "run_id")
        control.execute(f"insert into ops_runs (run_id, {columns}) select 'R000002', {columns} from ops_runs where run_id = 'R000001'")
        control.execute("insert into ops_row_counts select 'R000002', table_name, rows + (table_name = 'std_encounters') "
                        "from ops_row_counts where run_id = 'R000001'")
    app = open_page("load/run_history", own_sample_home, run="R000002")
    assert app.selectbox(key="against").value == "R000001"
    changed = next(element.value for element in app.dataframe if list(element.value)[:2] == ["table_name", "before"])
    assert changed[["table_name", "change"]].values.tolist() == [["std_encounters", 1]]
