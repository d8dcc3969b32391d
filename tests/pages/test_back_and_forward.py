"""Back and Forward of the browser bring an earlier address; the choices of the page follow it."""

from pages.widgets import address


def source(app) -> str:
    return app.segmented_control(key="source").value


def test_back_leads_to_the_choice_before_and_forward_to_the_one_after(
    open_page, sample_home, monkeypatch
):
    monkeypatch.setattr(address, "LAG_SECONDS", 0.0)
    app = open_page("quarantine", sample_home)
    first = source(app)
    for choice in ("encounters", "adverse_events"):
        app.segmented_control(key="source").set_value(choice).run()
        assert app.query_params["source"] == choice
    app.query_params["source"] = "encounters"
    assert source(app.run()) == "encounters"
    del app.query_params["source"]
    assert source(app.run()) == first and "source" not in app.query_params
    app.query_params["source"] = "adverse_events"
    assert source(app.run()) == "adverse_events"


def test_a_list_of_choices_follows_the_address(open_page, sample_home, monkeypatch):
    monkeypatch.setattr(address, "LAG_SECONDS", 0.0)
    app = open_page("quality", sample_home)
    app.multiselect(key="sources").set_value(["providers", "patients"]).run()
    app.query_params["sources"] = ["providers"]
    assert app.run().multiselect(key="sources").value == ["providers"]


def test_a_click_that_still_carries_the_old_address_undoes_no_choice(open_page, sample_home):
    app = open_page("quarantine", sample_home)
    app.segmented_control(key="source").set_value("encounters").run()
    del app.query_params["source"]
    app.selectbox(key="rule").set_value("ENC-06").run()
    assert (source(app), app.selectbox(key="rule").value) == ("encounters", "ENC-06")
    assert {name: app.query_params[name] for name in ("source", "rule")} == {
        "source": "encounters",
        "rule": "ENC-06",
    }


def test_what_was_chosen_on_another_page_is_not_taken_for_a_step_back(
    open_page, sample_home, monkeypatch
):
    monkeypatch.setattr(address, "LAG_SECONDS", 0.0)
    app = open_page("quarantine", sample_home)
    app.segmented_control(key="source").set_value("encounters").run()
    app.switch_page("pages/tables/page.py").run()
    app.session_state["source"] = "adverse_events"
    app.switch_page("pages/quarantine/page.py").run()
    assert source(app) == "adverse_events"
