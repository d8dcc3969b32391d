"""Run lists every table as it stands, whatever the run in sight built."""

from pipeline.config import load_settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.layers import Layer
from pipeline.services.run import warehouse
from pipeline.services.upload import loads
from tests.pages.screen import page_text
from tests.warehouse import query


def states(settings) -> dict[str, set[str]]:
    """State -> the tables in it."""
    found: dict[str, set[str]] = {}
    for each in warehouse.tables(settings):
        found.setdefault(each.state, set()).add(each.name)
    return found


def test_every_table_is_listed_with_what_it_holds_and_what_waits(open_page, own_sample_home):
    settings = load_settings(home=own_sample_home)
    tables = {each.name: each for each in warehouse.tables(settings)}
    layers = {layer.label for layer in Layer}
    assert set(tables) == {
        name for name, entry in load_dictionary().items() if entry.layer in layers
    }
    for name in ("std_encounters", "provider_scorecard", "feat_provider"):
        ((rows,),) = query(own_sample_home, f"select count(*) from {name}")
        assert tables[name].rows == rows and tables[name].built_at
    ((waiting,),) = query(
        own_sample_home,
        "select sum(quarantined) from ledger where entity in ('providers', 'encounters')",
    )
    assert tables["std_providers"].waiting == 1 and tables["std_encounters"].waiting >= 62
    assert tables["provider_scorecard"].waiting >= waiting
    assert tables["std_encounters"].feeds > 3 and tables["provider_scorecard"].grade
    assert set(states(settings)) == {warehouse.UP_TO_DATE}
    app = open_page("run", own_sample_home)
    assert "tables**:" not in page_text(app)  # it is worked out when somebody asks for it
    app.toggle(key="all_tables").set_value(True).run()
    assert f"**{len(tables)} tables**: {len(tables)} up to date." in page_text(app)
    loads.undo(settings, "L00005")
    assert set(states(settings)) == {warehouse.OUT_OF_DATE}


def test_before_the_first_build_no_table_is_built(open_page, empty_home):
    settings = load_settings(home=empty_home)
    assert set(states(settings)) == {warehouse.NOT_BUILT}
    assert not open_page("run", empty_home).exception
