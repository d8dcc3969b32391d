"""Overview, run and history: the guided first visit, one model in full, a failed run, and a run in
the history.
"""

import os

import pytest

from pipeline.config import load_settings
from pipeline.orchestrate.failure_cause import FailureCause
from pipeline.orchestrate.lock import hold_lock
from pipeline.services.overview import tour
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.run import run_steps, runs, selection
from pipeline.services.upload import loads
from pipeline.store.control import runs as control_runs
from pipeline.store.control.control_file import open_control
from tests.pages.conftest import FAILED_STEP
from tests.pages.screen import metrics, page_text


@pytest.fixture
def asked(monkeypatch):
    """What the pages ask to run, without a worker."""
    calls = []

    def submit(settings, *, requested_by, **request):
        calls.append({name: value for name, value in request.items() if value})
        return runs.get(settings, "R000001")

    monkeypatch.setattr(runs, "submit", submit)
    return calls


def test_an_empty_home_takes_the_sample_with_one_button(
    open_page, own_sample_home, asked, empty_home, monkeypatch
):
    app = open_page("overview", empty_home)
    home_settings = load_settings(home=own_sample_home)
    get = runs.get
    monkeypatch.setattr(runs, "get", lambda settings, run_id: get(home_settings, run_id))
    app.button(key="load_sample").click().run()
    assert asked == [{"verb": "run", "paths": [runs.SAMPLE_DIR]}]


def test_the_first_visit_is_shown_closed_and_stays_closed(open_page, own_sample_home):
    app = open_page("overview", own_sample_home)
    assert "First visit: step 1 of 3" in page_text(app) and "6 files with 2,383 rows" in page_text(
        app
    )
    tour.mark_seen(load_settings(home=own_sample_home))
    app = open_page("overview", own_sample_home)
    assert "Press **Use this value in 3 rows**" in page_text(app)
    assert "First visit, step 2 of 3" in page_text(open_page("upload", own_sample_home))
    app = open_page("overview", own_sample_home)
    app.button(key="tour_close").click().run()
    assert "First visit" not in page_text(app)
    assert "First visit" not in page_text(open_page("overview", own_sample_home))


def test_a_decision_makes_the_next_step_a_build_that_the_button_starts(
    open_page, own_sample_home, asked
):
    settings = load_settings(home=own_sample_home)
    row = decisions.suggestions(settings)[0]
    corrections.correct(
        settings, row.entity, [row.row_id], {row.column: row.new}, "as suggested", "test"
    )
    app = open_page("overview", own_sample_home)
    assert "Next: Build the layers" in page_text(app) and "First visit: step 3 of 3" in page_text(
        app
    )
    app.button(key="next_step").click().run()
    assert asked == [{}]


def test_quality_over_runs_needs_no_second_run_to_be_told(open_page, sample_home):
    app = open_page("overview", sample_home)
    assert metrics(app)["Rows held back"] == "71" and metrics(app)["Share promoted"] == "97.0 %"
    assert "One run so far" in page_text(app)


def test_a_model_in_the_address_shows_what_it_is_its_sql_and_its_buttons(
    open_page, own_sample_home, asked
):
    app = open_page("run", own_sample_home, node="provider_scorecard")
    assert "**provider_scorecard**" in page_text(app) and "Builds 1 model." in page_text(app)
    assert any("select" in element.value for element in app.code)
    app.button(key="select_provider_scorecard+").click().run()
    assert asked == [{"selection": ["provider_scorecard+"]}]


def test_a_model_that_no_project_has_is_not_shown(open_page, sample_home):
    app = open_page("run", sample_home, node="no_such_model")
    assert not app.exception and "Choose a model" in page_text(app)


def test_a_failed_run_shows_every_line_of_the_reason_and_builds_what_failed(
    open_page, failed_home, asked
):
    app = open_page("run", failed_home)
    assert FAILED_STEP in [element.value for element in app.code]
    assert "no such column: paid" in app.error[0].value
    assert any(
        "    compiled code at models/fct_encounter.sql" in element.value for element in app.code
    ), "the log has it too"
    app.button(key="build_failed").click().run()
    assert asked == [{"selection": ("fct_encounter",)}]
    assert selection.preview(load_settings(home=failed_home), ("fct_encounter",)).size == 1


def test_the_overview_sends_to_a_failed_run_with_its_reason(open_page, failed_home):
    app = open_page("overview", failed_home)
    assert "Next: The last build failed" in page_text(app) and "no such column: paid" in page_text(
        app
    )


def test_the_history_is_filtered_by_state_and_tells_why_a_run_failed(open_page, failed_home):
    app = open_page("run_history", failed_home)
    listed = app.dataframe[0].value
    assert listed["run_id"].tolist() == ["R000002", "R000001"]
    assert listed["reason"].tolist() == ["fct_encounter: no such column: paid", ""]
    assert FAILED_STEP in [element.value for element in app.code]
    app = open_page("run_history", failed_home, run="R000001", about="Rule results")
    assert "Run R000001" in [element.value for element in app.subheader]
    assert any("previous_rows" in element.value for element in app.dataframe), "its rule results"
    app = open_page("run_history", failed_home, runs="✓ succeeded (1)")
    assert app.dataframe[0].value["run_id"].tolist() == ["R000001"]


def test_two_runs_are_compared_by_what_differs(open_page, own_sample_home):
    assert "Only one run yet" in page_text(
        open_page("run_history", own_sample_home, about="Compare")
    )
    with open_control(load_settings(home=own_sample_home)) as control:
        columns = ", ".join(
            name
            for _, name, *_ in control.execute("pragma table_info(ops_runs)")
            if name != "run_id"
        )
        control.execute(
            f"insert into ops_runs (run_id, {columns}) select 'R000002', {columns} from ops_runs where run_id = 'R000001'"
        )
        control.execute(
            "insert into ops_row_counts select 'R000002', table_name, rows + (table_name = 'std_encounters') "
            "from ops_row_counts where run_id = 'R000001'"
        )
    app = open_page("run_history", own_sample_home, run="R000002", about="Compare")
    assert app.selectbox(key="against").value == "R000001"
    changed = next(
        element.value
        for element in app.dataframe
        if list(element.value)[:2] == ["table_name", "before"]
    )
    assert changed[["table_name", "change"]].values.tolist() == [["std_encounters", 1]]


def test_a_build_that_would_change_nothing_is_not_what_the_page_asks_for(
    open_page, own_sample_home
):
    button = open_page("run", own_sample_home).button(key="build_all")
    assert button.proto.type == "secondary" and "Nothing waits" in button.help
    settings = load_settings(home=own_sample_home)
    row_id = next(
        suggestion.row_id
        for suggestion in decisions.suggestions(settings)
        if suggestion.entity == "providers"
    )
    decisions.reject(settings, "providers", [row_id], "Not ours", "Ada")
    button = open_page("run", own_sample_home).button(key="build_all")
    assert button.proto.type == "primary" and not button.help


def failed_because_of(home, cause: FailureCause) -> None:
    """A run that failed, and what made it fail, on record."""
    with open_control(load_settings(home=home)) as control:
        run, _ = control_runs.request(control, "build", [], None, False, [], "test", pid=1)
        control_runs.finish(
            control, run.run_id, "failed", f"failed; {cause.sentence}", {"cause": cause.as_dict()}
        )


@pytest.mark.parametrize("page", ["run", "run_history"])
def test_the_load_that_made_a_run_fail_is_named_and_undone_there(open_page, own_sample_home, page):
    cause = FailureCause("fct_encounter", "load", ("L00003",), "encounters.csv", 17, "paid_amount")
    failed_because_of(own_sample_home, cause)
    app = open_page(page, own_sample_home)
    assert not app.exception
    assert "load L00003: encounters.csv, line 17, column paid_amount" in page_text(app)
    undo = next(button for button in app.button if button.label == "Undo load L00003")
    undo.click().run()
    assert "Load L00003 is undone" in page_text(app) and not app.exception
    history = loads.history(load_settings(home=own_sample_home)).set_index("load_id")
    assert history["status"]["L00003"] == "undone"
    assert "Undo load L00003" not in [button.label for button in app.button]


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        (FailureCause("fct_encounter", "project"), "the models have to be mended"),
        (FailureCause("fct_encounter", "passing"), "Build again"),
        (FailureCause("fct_encounter", suspects=("L00001", "L00002")), "one after another"),
        (FailureCause("fct_encounter", "decision", decision_id="D1"), "Take the decision back"),
    ],
)
def test_what_no_undo_mends_offers_none(open_page, own_sample_home, cause, advice):
    failed_because_of(own_sample_home, cause)
    app = open_page("run", own_sample_home)
    assert advice in page_text(app) and not app.exception
    assert not [button for button in app.button if button.label.startswith("Undo load")]


def test_a_run_that_looks_for_the_cause_says_so(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    with hold_lock(settings, "test") as lease, open_control(settings) as control:
        run, _ = control_runs.request(
            control, "build", [], None, False, [], "test", os.getpid(), lease=lease.number
        )
        control_runs.note_search(control, run.run_id, "fct_encounter", 4)
        app = open_page("run", own_sample_home)
        progress = [element.proto.text for element in app.get("progress")]
        control_runs.finish(control, run.run_id, "failed", "failed")
    assert "fct_encounter failed; looking for what makes it fail, trial 4" in progress


def test_a_run_that_found_nothing_new_says_so_and_shows_how_the_tables_were_built(
    open_page, own_sample_home
):
    settings = load_settings(home=own_sample_home)
    built_by = runs.recent(settings, 1)["run_id"].iloc[0]
    result = runs.run_now(settings, verb="build")
    assert result.unchanged_since == built_by
    sentence = f"Nothing is new since {built_by}"
    app = open_page("run", own_sample_home)
    assert f"Run {result.run_id}" in page_text(app) and sentence in page_text(app)
    steps = run_steps.steps_of_tables(settings, run_steps.progress(settings, result.run_id))
    assert set(steps["status"]) >= {"success"} and "fct_encounter" in set(steps["name"])
    app = open_page("run_history", own_sample_home, run=result.run_id)
    assert sentence in page_text(app) and "ended before its first step" not in page_text(app)


def test_a_run_that_loads_files_says_that_it_builds_no_model(open_page, own_sample_home, tmp_path):
    settings = load_settings(home=own_sample_home)
    (tmp_path / "adverse_events.csv").write_text("encounter_id\nABCDEFGH1\n")
    run = runs.run_now(settings, verb="ingest", paths=[tmp_path / "adverse_events.csv"])
    app = open_page("run_history", own_sample_home, run=run.run_id)
    assert "This run loads files; it builds no model." in page_text(app)


def test_a_run_that_ends_while_the_page_is_drawn_leaves_no_button_closed(
    open_page, sample_home, monkeypatch
):
    ended = runs.get(load_settings(home=sample_home), "R000001")
    assert not ended.is_active
    looked, progress = [], run_steps.progress

    def seen_to_its_end(settings, run_id):
        looked.append(run_id)
        return progress(settings, run_id)

    # the sidebar looks before the page does
    monkeypatch.setattr(runs, "active", lambda settings: None if len(looked) > 1 else ended)
    monkeypatch.setattr(run_steps, "progress", seen_to_its_end)
    app = open_page("run", sample_home)
    assert len(looked) > 1 and not app.exception
    assert not app.button(key="build_all").disabled
