"""A check gets an owner, a day until which it is muted, and comments, on the page and on record."""

from datetime import timedelta

import pytest

from pages.widgets import care_form
from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.access import audit
from pipeline.services.quality import check_care, rules
from pipeline.services.quality.check_care import Given
from pipeline.services.quarantine import causes
from tests.pages.screen import page_text


def test_a_muted_check_asks_for_no_work_until_its_day_and_is_judged_as_ever(
    open_page, own_sample_home
):
    settings = load_settings(home=own_sample_home)
    cards = rules.rules(settings)
    failed = cards[cards["status"] == "failed"]
    name = failed.iloc[0]["rule_name"]
    app = open_page("quality", own_sample_home, rule=name)
    assert f"**{len(failed)} of " in page_text(app) and "No owner" in page_text(app)
    until = care_form.today() + timedelta(days=5)
    app.text_input(key=f"assignee_{name}_0").set_value("Ada")
    app.date_input(key=f"due_{name}_0").set_value(until)
    app.text_area(key=f"comment_{name}").set_value("The sender mends it this week")
    next(each for each in app.button if each.form_id == f"care_{name}").click().run()
    assert not app.exception
    care = check_care.all_care(settings)[name]
    assert (care.assignee, care.due_on, len(care.comments)) == ("Ada", until.isoformat(), 1)
    text = page_text(open_page("quality", own_sample_home, rule=name))
    assert f"**{len(failed) - 1} of " in text and ", 1 muted." in text
    assert "muted until" in text and "1 comment" in text
    assert rules.rules(settings).equals(cards) and audit.verify(settings).is_good
    assert all(cause.cause_id != name for cause in causes.causes(settings).causes.causes)
    assert check_care.muted(settings, (until + timedelta(days=1)).isoformat()) == {}


@pytest.mark.parametrize(
    "given", [Given(due_on="soon"), Given(comment="patient 1000245 called"), Given()]
)
def test_what_cannot_be_noted_is_refused(sample_home, given):
    settings = load_settings(home=sample_home)
    with pytest.raises(InputRefused):
        check_care.note(settings, rules.rules(settings)["rule_name"].iloc[0], given)
    with pytest.raises(InputRefused, match="is no check"):
        check_care.note(settings, "no_such_check", Given(assignee="Ada"))
    assert check_care.all_care(settings) == {}
