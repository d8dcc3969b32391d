"""A correction that was made again and again is offered on Quarantine and on the page of its
sender, and one decision with a reason makes it a part of the recipe.
"""

import json
import sqlite3

import pytest

from pipeline.config import load_settings
from pipeline.services.quarantine import corrections
from pipeline.services.upload import recipes
from tests.pages.screen import page_text


@pytest.fixture
def corrected_home(own_sample_home):
    """The sample as if fourteen rows of patients had come with a German word, of which twelve were
    corrected by hand.
    """
    connection = sqlite3.connect(own_sample_home / "icon_health.db")
    rows = [
        row_id
        for (row_id,) in connection.execute(
            "select _row_id from row_verdicts_patients where _status = 'promoted' order by 1 limit 14"
        )
    ]
    reason = {"name": "patients__gender__in_domain", "rule": "PAT-04", "column": "gender"}
    failed = json.dumps([reason | {"action": "quarantine"}])
    chosen = f"where _row_id in (select value from json_each('{json.dumps(rows)}'))"
    for statement in (
        f"update ops_delivered_patients set gender = 'männlich' where rowid in (select rowid from raw_patients {chosen})",
        f"update stg_patients set gender = 'männlich' {chosen}",
        f"update row_verdicts_patients set gender = 'männlich', _status = 'quarantined', _failed = '{failed}' {chosen}",
    ):
        assert connection.execute(statement).rowcount == len(rows)
    connection.commit()
    connection.close()
    settings = load_settings(home=own_sample_home)
    corrections.correct(settings, "patients", rows[:12], {"gender": "male"}, "asked", "Ada")
    return own_sample_home


def test_a_repeated_correction_becomes_a_recipe_of_its_sender_on_quarantine(
    open_page, corrected_home
):
    settings = load_settings(home=corrected_home)
    (offer,) = recipes.offered(settings)
    app = open_page("quarantine", corrected_home)
    assert not app.exception
    text = page_text(app)
    assert "1 repeated correction" in text and "`männlich` → `male`" in text
    assert "Corrected so in 12 rows" in text and "14 rows would be read otherwise" in text
    add = next(each for each in app.button if str(each.key).startswith("recipe_add_"))
    assert add.disabled
    next(each for each in app.text_input if str(each.key).startswith("recipe_reason_")).set_value(
        "the sender says so"
    ).run()
    next(each for each in app.button if str(each.key).startswith("recipe_add_")).click().run()
    assert not app.exception and "Version 1 of the recipe" in page_text(app)
    assert "repeated correction" not in page_text(app)
    (version,) = recipes.versions(settings, offer.load_id)
    assert (version.reason, version.values["words"]) == (
        "the sender says so",
        [["gender", "männlich", "male"]],
    )


def test_the_page_of_a_sender_offers_it_and_shows_every_version(open_page, corrected_home):
    settings = load_settings(home=corrected_home)
    (offer,) = recipes.offered(settings)
    about = {"seen": "Senders", "sender": offer.sender_id}
    app = open_page("deliveries", corrected_home, **about)
    assert "No recipe" in page_text(app) and "1 repeated correction" in page_text(app)
    other = open_page("deliveries", corrected_home, seen="Senders", sender="L00002")
    assert "repeated correction" not in page_text(other)
    recipes.add(settings, offer.load_id, [offer.text], "agreed", "Ada")
    recipes.add(settings, offer.load_id, ["gender:weiblich=female"], "agreed too", "Bo")
    app = open_page("deliveries", corrected_home, **about)
    assert "Recipe, version 2:** words männlich → male, weiblich → female" in page_text(app)
    shown = next(each.value for each in app.dataframe if "version" in each.value)
    assert shown[["version", "why", "by"]].to_numpy().tolist() == [
        [2, "agreed too", "Bo"],
        [1, "agreed", "Ada"],
    ]
