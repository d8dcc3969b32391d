"""Masked values are revealed and masked again on the page Tables."""

from pipeline.config import load_settings
from pipeline.services.access import audit
from tests.pages.screen import page_text
from tests.warehouse import query

TABLE = "std_patients"


def test_the_page_offers_it_and_shows_and_masks_again(open_page, own_sample_home, monkeypatch):
    monkeypatch.setenv("ICON_HEALTH_REVEAL_MINUTES", "15")
    app = open_page("tables", own_sample_home, table=TABLE)
    known = query(own_sample_home, "select birth_date from std_patients limit 1")[0][0]
    assert not app.dataframe[0].value.astype(str).eq(known).any(axis=None)
    app.text_input(key="reveal_reason").set_value("A letter came back")
    next(button for button in app.button if button.label == "Reveal").click().run()
    assert not app.exception and "In clear for" in page_text(app)
    assert app.dataframe[0].value.astype(str).eq(known).any(axis=None)
    assert known not in str(app.query_params)
    app.button(key="mask_again").click().run()
    assert not app.dataframe[0].value.astype(str).eq(known).any(axis=None)
    assert [each.action for each in audit.newest(load_settings(home=own_sample_home), 2)] == [
        "reveal ended",
        "reveal",
    ]


def test_without_the_setting_nothing_is_offered(open_page, sample_home):
    app = open_page("tables", sample_home, table=TABLE)
    assert not app.text_input or "reveal_reason" not in [each.key for each in app.text_input]
