"""The router: errors are told in one place, and page scripts keep their shape."""

import ast
import sqlite3
import tomllib
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shell import frame, kept_answers
from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.errors import PipelineError
from pipeline.store.sqlite.database import open_warehouse

SCRIPTS = sorted((PROJECT_DIR / "pages").glob("*/page.py"))
FORBIDDEN = {"sqlite3", "dbt", "plotly", "pipeline.store"}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, by full name."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            modules |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def test_a_click_on_the_menu_outlasts_an_older_run_that_is_still_being_stopped(
    open_page, empty_home, monkeypatch
):
    app = open_page("upload", empty_home)
    draw = frame.show_frame

    def meanwhile():
        draw()
        pages = get_script_run_ctx().pages_manager
        pages.set_script_intent(
            next(key for key, page in pages.get_pages().items() if page["url_pathname"] == ""), ""
        )

    monkeypatch.setattr(frame, "show_frame", meanwhile)
    assert app.run().title[0].value == "Upload"


@pytest.mark.parametrize("fragments", [None, ["one"]])
def test_a_browser_hears_where_to_send_a_file_although_a_run_begins_meanwhile(fragments):
    kept_answers.install()
    queue, answer, drawn = ForwardMsgQueue(), ForwardMsg(), ForwardMsg()
    answer.file_urls_response.response_id = "asked"
    drawn.delta.fragment_id = "one"
    for message in (drawn, answer):
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    assert [message.WhichOneof("type") for message in queue.flush()] == ["file_urls_response"]


def test_an_error_of_the_pipeline_is_told_with_what_to_do(open_page, empty_home, monkeypatch):
    def fails(*_):
        raise PipelineError("cannot be read", "icon_health.db", "check the disk")

    monkeypatch.setattr("pipeline.services.overview.overview.overview", fails)
    app = open_page("overview", empty_home)
    assert not app.exception
    assert "icon_health.db" in app.error[0].value and "cannot be read" in app.error[0].value
    assert any("check the disk" in element.value for element in app.markdown)


def fails_with(error):
    """A service that raises."""

    def fails(*_):
        raise error

    return fails


def full_disk() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorname = "SQLITE_FULL"
    return error


@pytest.mark.parametrize("service", ["run.runs.active", "run.run_steps.progress"])
@pytest.mark.parametrize(
    "error",
    [
        PipelineError("cannot be read", "control.db", "check the disk"),
        full_disk(),
        OSError(28, "No space left"),
    ],
)
def test_an_error_in_a_part_that_draws_itself_again_is_told_like_any_other(
    open_page, sample_home, monkeypatch, service, error
):
    monkeypatch.setattr(f"pipeline.services.{service}", fails_with(error))
    app = open_page("run", sample_home)
    assert not app.exception and app.error
    assert any("What to do" in element.value for element in app.markdown)


def test_a_defect_is_told_by_kind_and_place_without_its_words(open_page, sample_home, monkeypatch):
    monkeypatch.setattr(
        "pipeline.services.overview.overview.overview",
        fails_with(ValueError("Maria Planted 1950-01-02")),
    )
    (error,) = open_page("overview", sample_home).exception
    assert (
        "ValueError" in error.value
        and "test_frame.py" in error.value
        and "Planted" not in error.value
    )


@pytest.mark.parametrize("is_of_another_version", [True, False])
def test_a_page_that_lacks_a_column_says_to_build_after_an_update_and_only_then(
    open_page, own_sample_home, is_of_another_version
):
    with open_warehouse(load_settings(home=own_sample_home), write=True) as connection:
        connection.execute("alter table provider_scorecard drop column observed_to_expected")
        if is_of_another_version:
            connection.execute(
                "update ops_layer_fingerprints set fingerprint = 'older' where layer = 'enterprise_datasets'"
            )
    app = open_page("providers", own_sample_home)
    assert bool(app.exception) is not is_of_another_version
    assert any("another version" in element.value for element in app.error) is is_of_another_version


def test_a_question_that_takes_too_long_is_told_below_the_filters(
    open_page, sample_home, monkeypatch
):
    monkeypatch.setenv("ICON_HEALTH_QUERY_SECONDS", "0.000001")
    monkeypatch.setattr("pipeline.store.sqlite.query_limit.STEPS", 1)
    app = open_page("tables", sample_home)
    assert not app.exception
    assert "was stopped" in app.error[0].value
    assert any("ICON_HEALTH_QUERY_SECONDS" in element.value for element in app.markdown)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.parent.name)
def test_a_page_script_holds_no_try_and_no_forbidden_import(script):
    tree = ast.parse(script.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    assert not {
        name
        for name in imports(script)
        for root in FORBIDDEN
        if name == root or name.startswith(f"{root}.")
    }


def test_every_part_that_draws_itself_again_tells_its_own_errors():
    parts = [
        path.name
        for path in (PROJECT_DIR / "pages").rglob("*.py")
        if "st.fragment" in path.read_text(encoding="utf-8")
    ]
    assert parts == ["errors.py"], "draw it with errors.watched"


def test_every_line_of_the_theme_says_why():
    lines = (PROJECT_DIR / ".streamlit" / "config.toml").read_text(encoding="utf-8").splitlines()
    settings = [
        line
        for position, line in enumerate(lines)
        if "=" in line
        and not line.startswith("#")
        and "#" not in line.split('"')[-1]
        and not lines[position - 1].startswith("#")
    ]
    assert settings == []


def test_charts_and_server_share_the_colours():
    from pages.widgets.palette import CATEGORICAL

    config = (PROJECT_DIR / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert all(colour in config for colour in CATEGORICAL)


def test_no_grid_offers_a_download_of_its_own():
    config = tomllib.loads((PROJECT_DIR / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["client"]["disableDataExport"] is True
