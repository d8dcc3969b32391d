"""Repairs in the grid, in bulk, from suggestions and from a file; what another person decided
meanwhile.
"""

import json

from pages.widgets import session
from pipeline.config import load_settings
from pipeline.services.quarantine import decisions, drafts, open_rows
from pipeline.services.tables.export_files import csv_bytes
from pipeline.store.control.control_file import open_control
from tests.pages.screen import page_text, type_into


def test_an_edited_cell_is_rechecked_and_saved_with_its_reason(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    suggestion = next(
        suggestion
        for suggestion in decisions.suggestions(settings)
        if suggestion.entity == "providers"
    )
    app = open_page("quarantine", own_sample_home, source="providers")
    rows = open_rows.page(settings, "providers").rows
    position = rows["row_id"].tolist().index(suggestion.row_id)
    type_into(app, position, {"npi": suggestion.new})
    assert "would pass" in page_text(app) and "62 encounters" in page_text(app)
    app.button(key="save_corrections").click().run()
    assert "Say why, then save" in page_text(app) and decisions.audit(settings).empty
    app.text_input(key="why_providers").set_value("Looked up").run()
    app.button(key="save_corrections").click().run()
    decided = decisions.audit(settings).iloc[0]
    assert (decided["column_name"], decided["new_value"], decided["reason"]) == (
        "npi",
        suggestion.new,
        "Looked up",
    )
    assert "not built in yet" in page_text(app)


def test_a_repaired_download_is_shown_as_differences_and_saved_with_its_reason(
    open_page, own_sample_home
):
    settings = load_settings(home=own_sample_home)
    suggestion = next(
        suggestion
        for suggestion in decisions.suggestions(settings)
        if suggestion.entity == "providers"
    )
    app = open_page("quarantine", own_sample_home, source="providers")
    rows = open_rows.page(settings, "providers").rows
    rows.loc[rows["row_id"] == suggestion.row_id, "npi"] = suggestion.new
    uploader = next(uploader for uploader in app.file_uploader if uploader.label == "Repaired CSV")
    uploader.upload("quarantine_providers.csv", csv_bytes(rows), "text/csv").run()
    assert "1 changed cell in 1 row" in page_text(app) and "Would promote" in page_text(app)
    assert decisions.audit(settings).empty
    app.text_input(key="repaired_why_providers").set_value("Looked up").run()
    app.button(key="save_repaired").click().run()
    decided = decisions.audit(settings).iloc[0]
    assert (decided["column_name"], decided["new_value"], decided["reason"]) == (
        "npi",
        suggestion.new,
        "Looked up",
    )


def test_a_wrong_edit_says_which_rule_it_would_still_fail(open_page, own_sample_home):
    app = open_page("quarantine", own_sample_home, source="providers")
    type_into(app, 0, {"npi": "123"})
    assert "would still fail PRV-02" in page_text(app)


def test_edits_outlive_a_change_of_the_page_and_are_saved_together_with_their_evidence(
    open_page, own_sample_home
):
    settings = load_settings(home=own_sample_home)
    app = open_page("quarantine", own_sample_home, source="employer_networks")
    app.button(key="fill_suggested").click().run()
    assert "3 edited rows, not saved yet" in page_text(app) and "Would promote 3 rows" in page_text(
        app
    )
    app.segmented_control(key="source").set_value("encounters").run()
    assert "not saved yet" not in page_text(app)
    app.segmented_control(key="source").set_value("employer_networks").run()
    app.text_input(key="why_employer_networks").set_value("Looked at").run()
    app.button(key="save_corrections").click().run()
    decided = decisions.audit(settings)
    assert (
        len(decided) == 3
        and decided["evidence"].notna().all()
        and "not saved yet" not in page_text(app)
    )


def _waiting(home) -> list[str]:
    return open_rows.page(load_settings(home=home), "employer_networks").rows["row_id"].tolist()


def test_find_and_replace_keeps_the_changes_aside_until_they_are_saved(open_page, own_sample_home):
    app = open_page("quarantine", own_sample_home, source="employer_networks")
    app.selectbox(key="replace_column_employer_networks").set_value("npi").run()
    app.text_input(key="replace_find_employer_networks_npi").set_value("224645979").run()
    app.text_input(key="replace_with_employer_networks").set_value("12").run()
    app.button(key="replace_apply").click().run()
    assert "3 edited rows, not saved yet" in page_text(
        app
    ) and "employer_in_network.csv, line" in page_text(app)
    assert "would still fail NET-03 (NPI)" in page_text(app) and not any(
        row_id in page_text(app) for row_id in _waiting(own_sample_home)
    )
    assert decisions.audit(load_settings(home=own_sample_home)).empty
    app.button(key="drop_edits").click().run()
    assert "not saved yet" not in page_text(app)


def test_what_another_decided_meanwhile_is_said_and_kept(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    app = open_page("quarantine", own_sample_home, source="employer_networks")
    app.button(key="fill_suggested").click().run()
    row_id = open_rows.page(settings, "employer_networks").rows["row_id"].iloc[0]
    decisions.reject(settings, "employer_networks", [row_id], "Not our provider", "Grace")
    app.text_input(key="why_employer_networks").set_value("Looked at").run()
    assert (
        "employer_in_network.csv, line" in app.warning[0].value
        and row_id not in app.warning[0].value
    )
    assert (
        "Grace rejected the row" in app.warning[0].value
        and app.button(key="save_corrections").disabled
    )
    app.button(key="keep_theirs").click().run()
    assert (
        "2 edited rows, not saved yet" in page_text(app)
        and not app.button(key="save_corrections").disabled
    )
    app.button(key="save_corrections").click().run()
    assert decisions.audit(settings)["kind"].tolist() == ["correct", "correct", "reject"]


def test_a_reload_takes_unsaved_edits_up_again_and_still_tells_what_others_decided_meanwhile(
    open_page, own_sample_home
):
    settings = load_settings(home=own_sample_home)
    open_page("quarantine", own_sample_home, source="employer_networks").button(
        key="fill_suggested"
    ).click().run()
    row_id = open_rows.page(settings, "employer_networks").rows["row_id"].iloc[0]
    decisions.reject(settings, "employer_networks", [row_id], "Not our provider", "Grace")
    app = open_page("quarantine", own_sample_home, source="employer_networks")
    assert "3 edited rows, not saved yet**, taken up again from" in page_text(app)
    assert "Grace rejected the row" in app.warning[0].value
    app.button(key="keep_theirs").click().run()
    app.text_input(key="why_employer_networks").set_value("Looked at").run()
    app.button(key="save_corrections").click().run()
    assert decisions.audit(settings)["kind"].tolist() == ["correct", "correct", "reject"]
    assert "not saved yet" not in page_text(
        open_page("quarantine", own_sample_home, source="employer_networks")
    )


def test_unsaved_edits_are_kept_under_the_name_of_their_author(open_page, own_sample_home):
    app = open_page("quarantine", own_sample_home, source="employer_networks")
    app.button(key="fill_suggested").click().run()
    app.text_input(key=session.AUTHOR).set_value("Ada").run()
    assert "not saved yet" not in page_text(
        open_page("quarantine", own_sample_home, source="employer_networks")
    )
    again = open_page("quarantine", own_sample_home, source="employer_networks")
    again.text_input(key=session.AUTHOR).set_value("Ada").run()
    assert "3 edited rows, not saved yet" in page_text(again)
    again.button(key="drop_edits").click().run()
    assert (
        drafts.unsaved(load_settings(home=own_sample_home), "employer_networks", "Ada").edits == {}
    )


def test_a_suggestion_is_recorded_with_its_evidence_and_can_be_taken_back(
    open_page, own_sample_home
):
    settings = load_settings(home=own_sample_home)
    app = open_page("quarantine", own_sample_home)
    next(button for button in app.button if button.label == "Use this value in 1 row").click().run()
    decided = decisions.audit(settings).iloc[0]
    assert json.loads(decided["evidence"])
    app.session_state["audit"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    app.text_input(key=f"revert_reason_{decided['decision_id']}").set_value("Mistake").run()
    app.button(key="revert_decision").click().run()
    assert decisions.audit(settings).iloc[0]["revert_reason"] == "Mistake"


def test_the_picked_decision_stays_the_picked_one_when_somebody_decides_meanwhile(
    open_page, own_sample_home
):
    settings = load_settings(home=own_sample_home)
    row_ids = open_rows.page(settings, "encounters", open_rows.RowSearch()).rows["row_id"].tolist()
    mine = decisions.waive(settings, "encounters", row_ids[:1], "Mine", "Ada")[0]
    app = open_page("quarantine", own_sample_home)
    app.session_state["audit"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    app.text_input(key=f"revert_reason_{mine}").set_value("Mistake").run()
    decisions.waive(settings, "encounters", row_ids[1:2], "Theirs", "Grace")
    app.button(key="revert_decision").click().run()
    trail = decisions.audit(settings).set_index("reason")["revert_reason"]
    assert trail["Mine"] == "Mistake" and trail.isna()["Theirs"]


def test_the_end_of_a_build_is_told_once_with_what_it_promoted(open_page, own_sample_home):
    with open_control(load_settings(home=own_sample_home)) as control:
        for table in ("ops_runs", "ops_ledger", "ops_row_counts"):
            columns = ", ".join(
                name
                for _, name, *_ in control.execute(f"pragma table_info({table})")
                if name != "run_id"
            )
            control.execute(
                f"insert into {table} (run_id, {columns}) select 'R000002', {columns} from {table} where run_id = 'R000001'"
            )
        control.execute(
            "update ops_ledger set promoted = promoted + 3, quarantined = quarantined - 3 "
            "where run_id = 'R000002' and entity = 'employer_networks'"
        )
    app = open_page("quarantine", own_sample_home)
    app.session_state["ended_run"] = "R000002"
    app.session_state["foretold"] = ("R000002", 3)
    app.run()
    assert "Build R000002 has ended" in app.success[0].value
    assert "Foretold to be promoted: 3 rows; came: 3." in app.success[0].value
    said = "3 more network entries promoted, 3 fewer network entries quarantined"
    assert f"**Employer networks:** {said}" in app.success[0].value
    assert not app.run().success


def test_a_build_that_failed_says_so_where_it_was_asked_for(open_page, failed_home):
    app = open_page("quarantine", failed_home)
    app.session_state["ended_run"] = "R000002"
    app.run()
    assert (
        "no such column: paid" in app.error[0].value
        and "as they were before this run" in app.error[0].value
    )


def test_a_build_that_runs_leaves_the_rows_in_reach(open_page, own_sample_home):
    with open_control(load_settings(home=own_sample_home)) as control:
        control.execute(
            "insert into ops_runs (run_id, verb, layers, as_of, full_refresh, paths, requested_by, status, requested_at) "
            "select 'R000002', verb, layers, as_of, 0, '[]', requested_by, 'queued', requested_at from ops_runs"
        )
    app = open_page("quarantine", own_sample_home)
    assert "Run R000002" in [element.value for element in app.subheader] and app.button(
        key="cancel_run"
    )
    assert {element.proto.label for element in app.get("page_link")} >= {"Watch it model by model"}
    assert not app.exception and "Type into a cell to correct it" in page_text(app)


def test_a_load_that_runs_is_no_build_and_stops_nobody_from_repairing(open_page, own_sample_home):
    with open_control(load_settings(home=own_sample_home)) as control:
        control.execute(
            "insert into ops_runs (run_id, verb, layers, full_refresh, paths, requested_by, status, requested_at) "
            "values ('R000002', 'ingest', '[]', 0, '[]', 'test', 'queued', '2026-01-01T00:00:00Z')"
        )
    app = open_page("quarantine", own_sample_home)
    assert not app.exception and "Run R000002" not in [element.value for element in app.subheader]
    assert "Type into a cell to correct it" in page_text(app)
