"""Every page on a home in which nothing ever happened."""

import pytest

from tests.pages.conftest import PAGES

NEXT_STEPS = {
    "home/overview": "Drop the six source files",
    "load/upload": "Drop files above",
    "load/run_pipeline": "No run yet",
    "load/run_history": "Start the first build",
    "review/quarantine": "Upload a delivery and run the pipeline",
    "explore/gold": "Upload a delivery and run the pipeline",
    "explore/providers": "Upload a delivery and run the pipeline",
    "explore/referrals": "Upload a delivery and run the pipeline",
    "explore/networks": "Upload a delivery and run the pipeline",
    "explore/features": "Build the feature store",
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
    said = " ".join(element.value for kind in (app.markdown, app.caption) for element in kind)
    assert next_step in said


def test_rules_on_an_empty_home_are_not_applicable_and_never_green(open_page, empty_home):
    app = open_page("review/data_quality", empty_home)
    listed = next(element.value for element in app.dataframe if "status" in element.value)
    assert {chips[0] for chips in listed["status"]} == {"– not applicable"}
    assert app.dataframe[0].value["all"].str.startswith("n/a").all()
