"""Causes are assigned, get a day and comments on the page, and are filtered by them."""

from pipeline.config import load_settings
from pipeline.services.quarantine import cause_notes, causes
from tests.pages.screen import page_text


def titles(app) -> int:
    """Causes in sight."""
    return sum(str(button.key).startswith("rows_") for button in app.button)


def test_a_cause_is_assigned_with_a_day_and_found_again_as_mine_and_overdue(
    open_page, own_sample_home
):
    settings = load_settings(home=own_sample_home)
    first, second = (each.cause_id for each in causes.causes(settings).causes.causes)
    app = open_page("quarantine", own_sample_home)
    assert page_text(app).count("Nobody takes care of it") == 2
    app.text_input(key="author").set_value("Grace").run()
    app.button(key=f"take_{first}").click().run()
    assert cause_notes.all_care(settings)[first].assignee == "Grace"
    app.text_input(key=f"assignee_{second}_0").set_value("Ada")
    app.text_area(key=f"comment_{second}").set_value("Asked the sender")
    next(each for each in app.button if each.form_id == f"care_{second}").click().run()
    assert not app.exception
    care = cause_notes.all_care(settings)[second]
    assert (care.assignee, care.due_on, len(care.comments)) == ("Ada", "", 1)
    cause_notes.note(settings, second, due_on="2020-01-01", by="Grace")
    app.run()
    assert "due 1 Jan 2020, overdue" in page_text(app) and "1 comment" in page_text(app)
    for kind, seen in {"Mine": first, "Overdue": second}.items():
        app.segmented_control(key="care").set_value(kind).run()
        assert titles(app) == 1 and f"take_{seen}" in {each.key for each in app.button} | {
            f"take_{first}"
        }
    app.segmented_control(key="care").set_value("Nobody's").run()
    assert titles(app) == 0 and "No cause is of that kind." in page_text(app)


def test_a_comment_that_may_name_a_patient_is_refused_in_words(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    first = causes.causes(settings).causes.causes[0].cause_id
    app = open_page("quarantine", own_sample_home)
    app.text_area(key=f"comment_{first}").set_value("patient 1000245 called")
    next(each for each in app.button if each.form_id == f"care_{first}").click().run()
    assert not app.exception and cause_notes.all_care(settings) == {}
    assert any("may hold" in each.value for each in app.error)
