"""Every page on the finished sample."""

import pytest

from pipeline.config import load_settings
from pipeline.config.table import SETTINGS
from pipeline.privacy.masking import MASK
from pipeline.services.quarantine import open_rows
from tests.pages.conftest import EVERY_VIEW, PAGES
from tests.pages.screen import metrics, page_text
from tests.warehouse import query


@pytest.mark.parametrize("page", PAGES)
def test_a_page_on_the_sample_draws_without_an_error(page, open_page, sample_home):
    app = open_page(page, sample_home)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize(("page", "view"), EVERY_VIEW)
def test_a_link_opens_any_view_of_a_page_without_an_error(page, view, open_page, sample_home):
    app = open_page(page, sample_home, **view)
    assert not app.exception
    assert not app.error
    ((key, title),) = view.items()
    assert app.session_state[key] == title


@pytest.mark.parametrize(
    ("page", "view"),
    [
        ("upload", {}),
        ("run_history", {}),
        ("quality", {}),
        ("tables", {}),
        ("providers", {"beside": "Scorecard"}),
        ("referrals", {}),
        ("networks", {}),
        ("features", {}),
        ("catalogue", {}),
    ],
)
def test_a_page_on_the_sample_shows_a_table(page, view, open_page, sample_home):
    app = open_page(page, sample_home, **view)
    assert len(app.dataframe)


def test_every_setting_stands_with_its_value_and_its_variable(open_page, sample_home):
    text, settings = page_text(open_page("settings", sample_home)), load_settings(home=sample_home)
    for setting in SETTINGS:
        assert f"**{setting.name}**" in text and setting.env_var in text
    assert "**feast_store**  *not set*" in text and "``" not in text
    assert str(sample_home) in text and f"`{settings.gate_threshold}`" in text


def test_the_overview_sends_to_the_rows_that_wait(open_page, sample_home):
    app = open_page("overview", sample_home)
    assert "Next: Decide on 2 suggested repairs" in page_text(app)
    assert (
        metrics(app)["Rows"]
        == f"{sum(open_rows.open_counts(load_settings(home=sample_home)).values()):,}"
    )


def test_the_ledger_on_screen_balances(open_page, sample_home):
    assert "every received row has exactly one fate" in page_text(
        open_page("overview", sample_home)
    )


def whole_values(home) -> set[str]:
    """Identifiers of patients and visits as they were delivered."""
    columns = ("std_patients", "patient_id"), ("std_encounters", "encounter_id")
    return {
        row[0] for table, column in columns for row in query(home, f"select {column} from {table}")
    }


@pytest.mark.parametrize("page", ["tables", "quality"])
def test_no_page_shows_a_whole_patient_value(page, open_page, sample_home):
    app = open_page(
        page, sample_home, layer="standard_model", table="std_referrals", source="encounters"
    )
    for element in app.dataframe:
        for column in {"patient_id", "encounter_id"} & set(element.value.columns):
            shown = set(element.value[column].dropna())
            assert all(MASK.fullmatch(value) for value in shown)
            assert not shown & whole_values(sample_home)
        if "birth_date" in element.value.columns:
            assert not element.value["birth_date"].dropna().str.match(r"\d{4}-\d{2}-\d{2}").any()
