"""Every page on a home in which nothing ever happened, and on one in which files are loaded and
nothing is built.
"""

import pytest

from pipeline.config import load_settings
from pipeline.services.run import runs
from tests.conftest import SAMPLE_DIR
from tests.pages.conftest import PAGES
from tests.pages.screen import page_text

NEXT_STEPS = {
    "overview": "Drop the files that arrived",
    "upload": "Drop files above",
    "run": "No run yet",
    "run_history": "Start the first build",
    "quarantine": "Upload a delivery and build",
    "tables": "Upload a delivery and build",
    "providers": "Upload a delivery and build",
    "referrals": "Upload a delivery and build",
    "networks": "Upload a delivery and build",
    "features": "Upload a delivery and build",
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_on_an_empty_home_draws_without_an_error(page, open_page, empty_home):
    app = open_page(page, empty_home)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1


@pytest.mark.parametrize(("page", "next_step"), NEXT_STEPS.items())
def test_an_empty_page_says_what_to_do(page, next_step, open_page, empty_home):
    app = open_page(page, empty_home)
    text = " ".join(element.value for kind in (app.markdown, app.caption) for element in kind)
    assert next_step in text


def test_rules_on_an_empty_home_are_not_applicable_and_never_green(open_page, empty_home):
    app = open_page("quality", empty_home)
    listed = next(element.value for element in app.dataframe if "status" in element.value)
    assert {chips[0] for chips in listed["status"]} == {"– not applicable"}
    assert app.dataframe[0].value["all"].str.startswith("n/a").all()


@pytest.fixture(scope="session")
def loaded_home(home_store):
    """The sample, loaded and not built."""
    return home_store.once(
        "loaded",
        lambda home: runs.run_now(load_settings(home=home), verb="ingest", paths=[SAMPLE_DIR]),
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_page_on_loaded_files_draws_and_sends_nobody_to_upload_them_again(
    page, open_page, loaded_home
):
    app = open_page(page, loaded_home)
    assert not app.exception and not app.error
    assert "Upload a delivery" not in page_text(app) and "first files" not in page_text(app)


@pytest.mark.parametrize("page", ["quarantine", "tables", "providers", "referrals", "networks"])
def test_a_page_without_its_tables_leads_to_the_build(page, open_page, loaded_home):
    assert "The files are loaded" in page_text(open_page(page, loaded_home))


def test_what_waits_for_the_build_is_counted_without_what_does_not_wait(open_page, loaded_home):
    assert "To be built in: 6 loads." in page_text(open_page("run", loaded_home))
    assert "Next: Build the layers" in page_text(open_page("overview", loaded_home))
