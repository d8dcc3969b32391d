"""Every page without one of the sources: it draws, and names what was never delivered."""

import itertools
from functools import cache
from pathlib import Path

import pytest

from pipeline.declared.dictionary import load_exposures
from pipeline.declared.sources import source_names
from tests.absence import build, world_without
from tests.homes import HomeStore
from tests.pages.conftest import EVERY_VIEW, PAGES
from tests.pages.screen import metrics, page_text
from tests.warehouse import query, tables

SOURCES = source_names()


def absent(source: str) -> str:
    return f"{source.replace('_', ' ').capitalize()} were never delivered"


def home_without(home_store: HomeStore, *absent: str) -> Path:
    """A home into which the small world was delivered without these sources."""
    name = "-".join(["without", *absent])
    return home_store.once(
        name,
        lambda home: build(home, world_without(absent), home.parent / f"{name}-files"),
    )


def contents(home: Path, table: str) -> set[tuple]:
    """The rows of a table without bookkeeping."""
    columns = [
        name
        for _, name, *_ in query(home, f"pragma table_info({table})")
        if not name.startswith("_")
    ]
    return set(query(home, f"select {', '.join(columns)} from {table}"))


@cache
def pages_that_change(whole: Path, without: Path) -> set[str]:
    """The pages of which a declared table has other contents."""
    built = set(tables(whole))
    return {
        exposure.menu_key
        for exposure in load_exposures()
        if any(
            contents(whole, table) != contents(without, table)
            for table in exposure.tables
            if table in built
        )
    }


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_without_a_source_and_names_it_where_it_matters(
    page, source, open_page, home_store
):
    without = home_without(home_store, source)
    app = open_page(page, without)
    assert not app.exception and not app.error
    said = [warning.value for warning in app.warning]
    assert len(said) == len(set(said)), "each is said once"
    if page in pages_that_change(home_without(home_store), without):
        assert any(absent(source) in warning.value for warning in app.warning)


@pytest.mark.parametrize(
    ("view", "source"), list(zip(EVERY_VIEW, itertools.cycle(SOURCES), strict=False))
)
def test_a_view_of_a_page_draws_without_a_source(view, source, open_page, home_store):
    page, parameters = view
    app = open_page(page, home_without(home_store, source), **parameters)
    assert not app.exception and not app.error


def test_nothing_is_named_while_every_source_is_there(open_page, home_store):
    for page in ("providers", "referrals", "networks", "features"):
        app = open_page(page, home_without(home_store))
        assert not [element for element in app.warning if "delivered" in element.value]


@pytest.mark.parametrize("view", ["Funnel", "Estimates", "Cost", "Scorecard"])
def test_providers_without_adverse_events_are_not_called_too_few(view, open_page, home_store):
    app = open_page("providers", home_without(home_store, "adverse_events"), beside=view)
    assert not app.exception
    text = page_text(app)
    assert "eleven" not in text and "Too few providers" not in text
    assert "Whether providers differ is unknown. Adverse events were never delivered." in text
    shown = metrics(app)
    assert {shown["Providers drawn"], shown["Outside 99.8 % limits"], shown["Too few to show"]} == {
        "–"
    }
    assert ("Outcomes are unknown" in text) == (view in ("Funnel", "Estimates"))


def test_one_provider_without_adverse_events_has_costs_and_no_outcome(open_page, home_store):
    home = home_without(home_store, "adverse_events")
    ((npi,),) = query(home, "select min(npi) from provider_scorecard")
    app = open_page("providers", home, provider=npi)
    assert not app.exception
    text = page_text(app)
    assert "The outcome is unknown. Adverse events were never delivered." in text
    assert "Costs" in text and "No adverse event" not in text and "hidden" not in text


@pytest.mark.parametrize("source", SOURCES)
def test_a_person_is_offered_what_is_known_and_no_more(source, open_page, home_store):
    home = home_without(home_store, source)
    app = open_page("referrals", home, employer="91001", procedure="27130", **{"for": "anybody"})
    assert not app.exception and not app.error
    text = page_text(app)
    if source == "adverse_events":
        assert "Not to be put in order, here the nearest first" in text
        assert "adverse events unknown" in text and "nan" not in text
    elif source != "referrals":
        assert "performs this procedure is unknown" in text
        assert "Nobody in the network" not in text


@pytest.mark.parametrize("page", ["overview", "quarantine"])
@pytest.mark.parametrize(
    ("source", "tiles"),
    [("adverse_events", {"Adverse events"}), ("encounters", {"Encounters", "Paid"})],
)
def test_what_waits_of_an_absent_source_is_unknown(page, source, tiles, open_page, home_store):
    shown = metrics(open_page(page, home_without(home_store, source)))
    assert {shown[tile] for tile in tiles} == {"–"}
    there = metrics(open_page(page, home_without(home_store)))
    assert "–" not in {there[tile] for tile in tiles}
