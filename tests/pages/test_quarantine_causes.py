"""The causes on the Quarantine page: what each holds back, one decision for all its rows with the
consequence above the button, and the way back.
"""

from pages.widgets import session
from pipeline.config import load_settings
from pipeline.services.quarantine import causes, corrections, decisions
from tests.pages.screen import page_text, type_into

PROVIDER = "providers_providers__npi__present__None"
NETWORK = "employer_networks_employer_networks__npi__shape_999999999_None"


def labels(app) -> list[str]:
    return [button.label for button in app.button]


def apply(app):
    return next(button for button in app.button if str(button.key).startswith("apply_"))


def choose(app, cause: str, verb: str):
    return app.segmented_control(key=f"decide_{cause}").set_value(verb).run()


def test_two_causes_stand_for_seventy_one_rows_and_what_is_decided_is_counted_apart(
    open_page, own_sample_home
):
    app = open_page("quarantine", own_sample_home)
    assert "71 rows wait for 2 causes: 71 undecided" in page_text(app)
    assert "Holds back 1 provider, 62 encounters" in page_text(app)
    next(button for button in app.button if button.label == "Use this value in 1 row").click().run()
    assert "3 undecided · 68 decided, wait for the build" in page_text(app)
    assert "Decided; the next build applies it." in page_text(app)


def test_a_value_for_all_rows_says_what_it_would_promote_and_what_would_stay(
    open_page, own_sample_home
):
    app = choose(open_page("quarantine", own_sample_home), NETWORK, "Set a value")
    assert apply(app).disabled
    app.text_input(key=f"value_{NETWORK}").set_value("224645979").run()
    assert "Would promote no further row" in page_text(app)
    assert "Would wait on: 3 for NET-03" in page_text(app)
    app.text_input(key=f"value_{NETWORK}").set_value("2246459798").run()
    assert page_text(app).count("Would promote 3 rows") == 2, "as the suggestion does"
    assert apply(app).disabled, "no reason is given"
    app.text_input(key=f"reason_{NETWORK}").set_value("Looked up").run()
    apply(app).click().run()
    decided = decisions.audit(load_settings(home=own_sample_home))
    assert set(decided["new_value"]) == {"2246459798"} and len(decided) == 3


def test_a_decision_on_a_cause_is_taken_back_with_one_click(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    app = choose(open_page("quarantine", own_sample_home), PROVIDER, "Reject")
    assert "out of gold stay 1 provider, 62 encounters" in page_text(app)
    assert "67 rows that wait for them go on waiting" in page_text(app)
    app.text_input(key=f"reason_{PROVIDER}").set_value("Nobody knows").run()
    apply(app).click().run()
    assert "Reject: 1 provider decided" in page_text(app)
    app.button(key="undo_decision").click().run()
    assert causes.causes(settings).causes.undecided == 71
    assert "Taken back" in page_text(app) and "Undo" not in labels(app)
    assert decisions.audit(settings)["reverted_at"].notna().all()


def test_a_waiver_has_one_rule_and_an_end_and_is_closed_where_silver_cannot_hold_the_row(
    open_page, own_sample_home
):
    app = choose(open_page("quarantine", own_sample_home), PROVIDER, "Waive the rule")
    app.text_input(key=f"reason_{PROVIDER}").set_value("Please").run()
    assert "Cannot be waived" in page_text(app) and apply(app).disabled
    app = choose(open_page("quarantine", own_sample_home), NETWORK, "Waive the rule")
    app.text_input(key=f"reason_{NETWORK}").set_value("Known").run()
    assert "Would wait on: 3 for NET-0" in page_text(app) or "Would promote" in page_text(app)
    apply(app).click().run()
    decided = decisions.audit(load_settings(home=own_sample_home))
    assert set(decided["rule_id"]) == {"NET-03"} and decided["expires_on"].notna().all()


def test_a_decision_on_a_cause_leaves_what_somebody_typed(open_page, own_sample_home):
    app = open_page("quarantine", own_sample_home, source="employer_networks")
    type_into(app, 0, {"npi": "2246459798"})
    app = choose(app, NETWORK, "Reject")
    app.text_input(key=f"reason_{NETWORK}").set_value("Not ours").run()
    assert "1 with an edit of yours stay" in page_text(app)
    apply(app).click().run()
    assert len(decisions.audit(load_settings(home=own_sample_home))) == 2
    assert "1 edited row, not saved yet" in page_text(app)


def test_what_somebody_else_decided_meanwhile_is_not_decided_again(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    app = choose(open_page("quarantine", own_sample_home), NETWORK, "Reject")
    app.text_input(key=f"reason_{NETWORK}").set_value("Not ours").run()
    cause = next(each for each in causes.causes(settings).causes.causes if len(each.rows) == 3)
    corrections.correct(settings, cause.entity, cause.rows, {"npi": "2246459798"}, "so", "Bo")
    apply(app).click().run()
    assert set(decisions.audit(settings)["kind"]) == {"correct"} and not app.exception


def test_the_rows_of_a_cause_are_one_click_away(open_page, own_sample_home):
    app = open_page("quarantine", own_sample_home)
    app.button(key=f"rows_{NETWORK}").click().run()
    assert app.session_state[session.ENTITY] == "employer_networks"
    assert app.session_state[session.RULE] == "NET-03" and not app.exception
    assert app.segmented_control(key="source").value == "employer_networks"
