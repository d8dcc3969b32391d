"""A value that is tried says its effect before anybody sets it: settings, and thresholds of
checks.
"""

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.settings import effects
from pipeline.store.control import actor
from tests.pages.screen import page_text
from tests.warehouse import copied, query

SHARES = """select _load_id, 1.0 * sum(_status = 'quarantined' and _failed like '%"action":"quarantine"%') / count(*)
from row_verdicts_{} group by 1"""


def test_a_gate_that_is_tried_says_which_loads_would_have_waited(open_page, sample_home):
    sources = ("patients", "providers", "encounters", "referrals", "adverse_events")
    shares = {}
    for source in (*sources, "employer_networks"):
        shares |= dict(query(sample_home, SHARES.format(source)))
    expected = sorted(load_id for load_id, share in shares.items() if share > 0.05)
    assert 0 < len(expected) < len(shares)
    app = open_page("settings", sample_home)
    assert "query_stats" not in page_text(app)
    app.text_input(key="try_gate_threshold").set_value("0.05").run()
    text = page_text(app)
    assert (
        f"With `0.05`, {len(expected)} of {len(shares)} loads would have waited at the gate" in text
    )
    assert ", ".join(expected) in text and "which is in force: none" in text
    app.text_input(key="try_gate_threshold").set_value("much").run()
    assert "is no valid value" in app.error[0].value


def test_a_limit_is_set_on_the_page_and_set_back(open_page, sample_home, tmp_path):
    home = copied(sample_home, tmp_path / "home").home
    app = open_page("settings", home)
    app.text_input(key="try_gate_threshold").set_value("0.05").run()
    app.button(key="set_gate_threshold").click().run()
    assert load_settings(home=home).gate_threshold == 0.05
    text = page_text(app)
    assert "threshold is 0.05 from now on" in text
    assert "Set here by" in text and "before `0.25`" in text
    assert app.text_input(key="try_gate_threshold").value == ""
    (home / "settings.json").write_text('{"gate_threshold": "0.9"}')
    assert "by nobody on record" in page_text(open_page("settings", home))
    app = open_page("settings", home)
    app.button(key="unset_gate_threshold").click().run()
    assert load_settings(home=home).gate_threshold == 0.25


@pytest.mark.parametrize("role", ["viewer", "reviewer", "operator"])
def test_who_may_not_set_a_limit_finds_the_button_closed_with_the_reason(
    open_page, sample_home, role, monkeypatch
):
    monkeypatch.setattr(actor, "current", lambda: actor.Actor("somebody", (role,)))
    button = open_page("settings", sample_home).button(key="set_gate_threshold")
    assert button.disabled and "your login may not administer" in button.help.lower()


def test_what_the_environment_states_is_not_set_on_the_page(open_page, sample_home, monkeypatch):
    monkeypatch.setenv("ICON_HEALTH_GATE_THRESHOLD", "0.3")
    button = open_page("settings", sample_home).button(key="set_gate_threshold")
    assert button.disabled and "change ICON_HEALTH_GATE_THRESHOLD there" in button.help


@pytest.mark.parametrize("name", effects.LIMITS)
def test_the_value_in_force_changes_nothing_and_an_empty_home_is_said_so(
    name, sample_home, empty_home
):
    for home in (sample_home, empty_home):
        settings = load_settings(home=home)
        effect = effects.of(settings, name, str(getattr(settings, name)))
        assert effect.now == effect.then and len(effect.then) <= effect.all_of


def test_a_limit_that_everything_breaks_concerns_everything(sample_home):
    settings = load_settings(home=sample_home)
    effect = effects.of(settings, "max_rows", "1")
    assert len(effect.then) == effect.all_of == 6 and effect.now == ()
    with pytest.raises(InputRefused, match="no effect to foretell"):
        effects.of(settings, "home", "elsewhere")


def test_a_check_with_another_threshold_says_what_it_would_warn_of(open_page, sample_home):
    app = open_page("quality", sample_home, rule="table__encounters__ages_plausible")
    box = next(each for each in app.number_input if each.key.startswith("threshold_"))
    box.set_value(0.9).run()
    assert "At 0.90 it would warn of none" in page_text(app)
    assert "which is declared, of Encounters" in page_text(app)
