"""One verb for all rows of a filter, the way back, what was typed stays, and what the next build
will do.
"""

from pipeline.config import load_settings
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.quarantine.foretold import foretold
from tests.pages.screen import page_text, repair_grid, type_into

NETWORKS = "employer_networks"


def all_rows(app, rows: int):
    label = f"All {rows} rows of this filter"
    return next(box for box in app.checkbox if box.label == label).check().run()


def test_all_rows_of_a_filter_are_rejected_at_once_and_taken_back(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    app = all_rows(open_page("quarantine", own_sample_home, source="encounters"), 62)
    app.segmented_control(key="bulk_what_False").set_value("Reject").run()
    app.text_input(key="bulk_reason").set_value("Sent by mistake").run()
    app.button(key="bulk_apply").click().run()
    assert len(decisions.audit(settings)) == 62
    assert "The next build will reject 62 rows." in page_text(app)
    app.button(key="undo_decision").click().run()
    assert decisions.audit(settings)["reverted_at"].notna().all()
    assert "not built in yet" not in page_text(app)


def test_a_waiver_begins_with_the_rule_that_is_shown_and_an_end(open_page, own_sample_home):
    app = open_page("quarantine", own_sample_home, source=NETWORKS, rule="NET-03")
    all_rows(app, 3)
    app.segmented_control(key="bulk_what_True").set_value("Waive").run()
    assert app.selectbox(key=f"waive_rule_{NETWORKS}_NET-03").value == "NET-03"
    assert app.date_input(key="waive_until").value is not None
    app.segmented_control(key="bulk_what_True").set_value("Set a value").run()
    assert app.selectbox(key=f"bulk_column_{NETWORKS}").value == "npi"
    assert app.selectbox(key=f"replace_column_{NETWORKS}").value == "npi"


def test_a_bulk_action_leaves_alone_what_somebody_typed(open_page, own_sample_home):
    app = open_page("quarantine", own_sample_home, source=NETWORKS)
    type_into(app, 0, {"npi": "1234567893"})
    app.button(key="fill_suggested").click().run()
    text = page_text(app)
    assert "1 cell with an edit of yours stayed as you wrote it." in text
    assert "NPI → 1234567893" in text and text.count("NPI → 2246459798") == 2


def test_find_and_replace_begins_with_the_column_and_the_value_that_fail(
    open_page, own_sample_home
):
    app = open_page("quarantine", own_sample_home, source=NETWORKS)
    assert app.text_input(key=f"replace_find_{NETWORKS}_npi").value == "224645979"
    app = open_page("quarantine", own_sample_home, source="providers")
    assert app.selectbox(key="replace_how_providers_npi").value == "empty cell"


def test_the_grid_holds_reasons_at_their_cells_and_what_is_no_cell_of_it_is_not_taken(
    open_page, own_sample_home
):
    app = open_page("quarantine", own_sample_home, source=NETWORKS)
    grid = repair_grid(app)
    assert [row["bad"] for row in grid["rows"]] == [{"npi": ["NET-03"]}] * 3
    assert grid["columns"][0]["name"] == "npi" and grid["rules"]["NET-03"]
    type_into(app, 0, {"npi": "1234567893", "file": "other.csv", "no_column": "x"})
    grid = repair_grid(app)
    row_id = grid["rows"][0]["id"]
    assert grid["edits"] == {row_id: {"npi": "1234567893"}}
    assert grid["verdicts"] == {row_id: {}}, "judged where it stands"
    app.session_state["repair_grid"] = {"grid": grid["grid"], "edits": {"no row": {"npi": "1"}}}
    app.run()
    assert repair_grid(app)["edits"] == {} and not app.exception
    app.session_state["repair_grid"] = {"grid": "another", "edits": {row_id: {"npi": "1"}}}
    app.run()
    assert repair_grid(app)["edits"] == {}


def test_a_workbook_for_the_sender_is_offered_where_rows_can_be_delivered_by_themselves(
    open_page, own_sample_home
):
    for source, is_closed in (("encounters", False), (NETWORKS, True)):
        app = open_page("quarantine", own_sample_home, source=source)
        (button,) = (
            each.proto
            for each in app.get("download_button")
            if each.proto.label == "Workbook for the sender"
        )
        assert button.disabled is is_closed
        assert ("replaces whole lists" in button.help) is is_closed


def test_what_the_next_build_will_do_is_counted_over_all_decisions(own_sample_home):
    settings = load_settings(home=own_sample_home)
    assert foretold(settings).sentence == ""
    for entity in ("providers", NETWORKS):
        chosen = [each for each in decisions.suggestions(settings) if each.entity == entity]
        corrections.accept_suggestions(settings, chosen)
    coming = foretold(settings)
    assert (coming.promoted, coming.rejected, coming.is_exact) == (71, 0, True)
    newest = decisions.audit(settings)["decision_id"].iloc[0]
    decisions.revert(settings, newest, "Not sure")
    assert foretold(settings).sentence == "The next build will promote 70 rows."
