"""The page Catalogue: lineage from file to page, links, rule cards; pages say which tables they
show.
"""

import re
import sqlite3

import pytest
import streamlit as st

from pages.catalogue.lineage_map import TITLES
from pipeline.config import load_settings
from pipeline.declared.dictionary import load_dictionary, load_exposures
from pipeline.declared.sources import source_names
from pipeline.declared.stages import model_name
from pipeline.services.catalogue import catalogue, lineage_graph
from pipeline.services.tables import visible
from pipeline.store.sqlite import database
from tests.pages.conftest import EVERY_VIEW, PAGES, VIEWS
from tests.pages.screen import page_text

READ = re.compile(r'\b(?:from|join)\s+(?:main\.)?"?(\w+)"?', re.IGNORECASE)
#: Read around every page: the tour, the state of the warehouse in the sidebar, and which source is
#: absent. Pages that show any table declare none.
AROUND, ANY_TABLE = {"ledger", "std_source"}, ("tables", "catalogue")
#: Steps that a what-if judges again in memory.
STEPS = {
    model_name(stage, name)
    for stage in ("scope", "verdicts", "promoted")
    for name in source_names()
}


@pytest.fixture
def statements(monkeypatch) -> list[str]:
    """Every statement that is run on the warehouse from here on."""
    heard: list[str] = []
    connect = database._connect

    def listening(path, write) -> sqlite3.Connection:
        connection = connect(path, write)
        connection.set_trace_callback(heard.append)
        return connection

    monkeypatch.setattr(database, "_connect", listening)
    return heard


@pytest.mark.parametrize(
    ("page", "view"),
    [
        (page, view)
        for page, view in [*((page, {}) for page in PAGES if page not in VIEWS), *EVERY_VIEW]
        if page not in ANY_TABLE
    ],
)
def test_a_page_declares_every_table_that_it_reads(page, view, open_page, sample_home, statements):
    app = open_page(page, sample_home, **view)
    visible._hidden.cache_clear()
    st.cache_data.clear()
    statements.clear()
    app.run()
    tables = {
        name for text in statements if "count(*) from" not in text for name in READ.findall(text)
    } & load_dictionary().keys()
    declared = {
        table
        for exposure in load_exposures()
        if exposure.menu_key == page
        for table in exposure.tables
    }
    assert {name for name in tables - AROUND if name not in STEPS} <= declared, (
        f"add them to `shows` in pages/{page}/page.yml"
    )


def test_every_exposure_names_a_page_and_tables_that_exist():
    for exposure in load_exposures():
        assert exposure.menu_key in PAGES
        assert (
            set(exposure.tables) <= load_dictionary().keys()
            and exposure.tables
            and exposure.description
        )


def test_lineage_leads_from_the_delivered_file_to_the_page(sample_home):
    settings = load_settings(home=sample_home)
    graph = lineage_graph.graph(settings, "provider_scorecard")
    column = {box.name: box.column for box in graph.boxes}
    way = [
        "encounters_details.csv",
        "raw_encounters",
        "std_encounters",
        "provider_scorecard",
        "Providers",
    ]
    assert [column[name] for name in way] == sorted(column[name] for name in way)
    edges = lineage_graph.all_edges(catalogue.catalogue(settings))
    near = {
        box.name: box.column for box in lineage_graph.graph(settings, "provider_scorecard", 1).boxes
    }
    assert near.keys() == {name for edge in edges if "provider_scorecard" in edge for name in edge}
    assert (
        near["fct_encounter"]
        < near["provider_scorecard"]
        < near["funnel_limits"]
        < near["Providers"]
    )
    assert set(catalogue.around(edges, "provider_scorecard", len(edges))) == set(column)
    assert {box.kind for box in lineage_graph.graph(settings).boxes} == set(TITLES)


def test_the_catalogue_opens_at_something_worth_seeing_and_follows_links(open_page, sample_home):
    app = open_page("catalogue", sample_home)
    assert app.selectbox(key="model").value == "provider_scorecard"
    app = open_page("catalogue", sample_home, model="std_patients", tab="Lineage")
    assert "std_patients" in page_text(app) and not app.exception
    next(button for button in app.button if button.label == "promoted_patients").click().run()
    assert app.selectbox(key="model").value == "promoted_patients"
    app = open_page("catalogue", sample_home, model="Providers")
    assert "Providers beside what their case mix predicts" in page_text(app)


def test_the_catalogue_leads_to_the_pages_of_dbt_once_they_are_made(open_page, empty_home):
    app = open_page("catalogue", empty_home)
    assert not app.get("link_button") and "icon-health dbt-docs" in page_text(app)
    file = load_settings(home=empty_home).dbt_dir / "docs.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("<html></html>")
    app = open_page("catalogue", empty_home)
    (button,) = app.get("link_button")
    assert button.proto.url == "/dbt-docs" and "icon-health dbt-docs" not in page_text(app)


def test_privacy_marks_are_those_by_which_screens_mask():
    entries = load_dictionary()
    assert catalogue.classes(entries["std_encounters"])["patient_id"] == "direct_identifier"
    assert catalogue.classes(entries["std_patients"])["birth_date"] == "date"
    assert catalogue.classes(entries["std_providers"])["npi"] == "provider_key"


def test_a_link_opens_the_card_of_a_rule_and_the_search_finds_by_words(open_page, sample_home):
    app = open_page("catalogue", sample_home, rule="ENC-06")
    assert (
        "ENC-06" in page_text(app)
        and "How to mend it" in page_text(app)
        and "ADV-03" not in page_text(app)
    )
    app.text_input(key="find").set_value("no such words anywhere").run()
    assert app.info[0].value == "No rule holds these words."


def test_a_column_is_followed_back_and_on(open_page, sample_home):
    app = open_page("catalogue", sample_home, model="std_encounters")
    (follow,) = [box for box in app.selectbox if box.label == "Follow a column"]
    assert "Made of" not in page_text(app)
    app = follow.select("paid_amount_usd").run()
    assert not app.exception and {"**Made of**", "**Read by**"} <= {
        each.value for each in app.markdown
    }
    paths = [each.value for each in app.dataframe if "steps" in each.value]
    if paths:
        assert "raw_encounters" in set(paths[0]["table"])
