"""Words lead to what they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shell.search import LINKS
from pages.widgets import menu
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.sources import load_contracts
from pipeline.services.catalogue.search import ENTITIES, KINDS, Target, _declared, find

DECLARED = _declared()
#: Classes of columns that name nobody but a provider of the public directory, or an employer.
CLASSES = {"provider_key", "employer_key", "code", "public"}
SOME = (
    Target("provider", ("1",), "Müller-Lüdenscheidt, Anna · 2000000010"),
    Target("table", ("zip_distance",), "zip_distance", "Miles between two ZIPs."),
    Target("column", ("a", "distance_score"), "distance_score", "Nearer is higher.", "a"),
    Target("column", ("b", "miles"), "miles", "The distance.", "b"),
    Target("column", ("b", "observed_to_expected"), "observed_to_expected", "O/E of a unit", "b"),
    Target("rule", ("npi_is_known",), "ENC-06 npi", "The provider is known."),
)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("distance", ["zip_distance", "distance_score", "miles"]),
        ("DISTANCE score", ["distance_score"]),
        ("muller", ["Müller-Lüdenscheidt, Anna · 2000000010"]),
        ("Anna Müller", ["Müller-Lüdenscheidt, Anna · 2000000010"]),
        ("200000", ["Müller-Lüdenscheidt, Anna · 2000000010"]),
        ("O/E", ["observed_to_expected"]),
        ("oe", ["observed_to_expected"]),
        ("enc-06", ["ENC-06 npi"]),
        ("mile zip", ["zip_distance"]),
        ("how many miles", ["miles", "zip_distance"]),
        ("expected by units", ["observed_to_expected"]),
        ("nothing at all", []),
        ("", []),
        ("  / ", []),
    ],
)
def test_words_lead_to_what_they_name(asked, names):
    assert [hit.name for hit in find(SOME, asked)] == names


def test_everything_that_is_declared_is_found_by_its_name():
    for target in DECLARED:
        assert any(
            hit.key == target.key and hit.kind == target.kind
            for hit in find(DECLARED, target.name, most=len(DECLARED))
        ), target


@given(st.text(max_size=40))
def test_any_text_can_be_asked(asked):
    hits = find(DECLARED, asked)
    assert len(hits) <= 20 and len({(hit.kind, hit.key) for hit in hits}) == len(hits)


def test_every_kind_leads_to_a_page():
    assert {*LINKS, "page"} == set(KINDS)
    assert {page for page, _ in LINKS.values()} <= set(menu.BY_KEY)


def test_what_is_listed_is_no_patient_and_no_delivered_value():
    """Names come from columns of these classes alone, whatever tables list them."""
    tables = load_dictionary()
    for table, key, name in ENTITIES.values():
        for column in filter(None, (key, name)):
            entry = tables[table].column(column)
            assert entry is not None
            assert entry.classification in CLASSES, (table, column, entry.classification)
    assert not {target.kind for target in DECLARED} & {"patient", *load_contracts()}
