"""Questions in SQL on the page Tables: asked, kept under a name, opened by a link, refused in our
words.
"""

import shutil

import pytest

from pipeline.config import load_settings
from pipeline.services.tables import questions, saved_questions
from tests.pages.screen import page_text

QUESTION = "select cpt, count(*) as visits from fct_encounter group by cpt"


@pytest.fixture
def home(sample_home, tmp_path):
    return shutil.copytree(sample_home, tmp_path / "home")


def ask(app, statement: str):
    app.text_area(key="question_text").set_value(statement).run()
    return app.button(key="question_ask").click().run()


def test_a_question_is_answered_with_its_plan_and_stands_in_no_link(open_page, home):
    app = open_page("tables", home, table="provider_scorecard", view="SQL")
    begun = app.text_area(key="question_text").value
    assert begun.startswith("select npi, ") and begun.endswith("from provider_scorecard\nlimit 100")
    app = ask(app, QUESTION)
    rows = questions.ask(load_settings(home=home), QUESTION).rows
    assert app.dataframe[0].value["visits"].tolist() == rows["visits"].tolist()
    assert "SCAN main.fct_encounter" in [each.value for each in app.code][-1]
    assert "No file: fct" in page_text(app) and "a row for each person" in page_text(app)
    assert not any("select" in str(value) for value in app.query_params.values())


def test_what_is_refused_is_told_and_the_rest_of_the_page_stands(open_page, home):
    app = open_page("tables", home, table="fct_encounter", view="SQL")
    app = ask(app, "select patient_id from fct_encounter")
    assert not app.exception
    assert "patient_id of fct_encounter is masked, so no question reads it" in app.error[0].value
    assert "**938 rows**" in page_text(app)


def test_a_saved_question_opens_by_its_link_and_is_taken_away(open_page, home):
    saved_questions.save(load_settings(home=home), "Visits by procedure", QUESTION, "A. Analyst")
    app = open_page("tables", home, view="SQL", question="Visits by procedure")
    assert app.text_area(key="question_text").value == QUESTION
    assert app.dataframe[0].value["cpt"].nunique() == 5
    app.button(key="question_remove").click().run()
    assert saved_questions.all_questions(load_settings(home=home)) == []
    app = open_page("tables", home, view="SQL", question="Visits by procedure")
    assert not app.exception and "no question is called Visits by procedure" in app.warning[0].value


def test_a_question_is_saved_under_a_name_that_the_link_then_holds(open_page, home):
    app = open_page("tables", home, view="SQL")
    app = ask(app, QUESTION)
    app.text_input(key="question_name").set_value("Visits").run()
    app.button(key="question_save").click().run()
    assert not app.exception and not app.error
    (kept,) = saved_questions.all_questions(load_settings(home=home))
    assert (kept.name, kept.statement) == ("Visits", QUESTION)
    assert app.query_params["question"] in ("Visits", ["Visits"])
