"""What a run of chosen models builds: never a table that disagrees with one that it is made from or
that is made from it.
"""

import pytest

from pipeline.errors import InputRefused
from pipeline.orchestrate import selection
from pipeline.orchestrate.selection import Standing, checked_words, scope_of

LAYERS = {
    "checked": "landing_zone",
    "std_a": "standard_model",
    "std_b": "standard_model",
    "fact": "enterprise_datasets",
    "card": "enterprise_datasets",
    "other": "enterprise_datasets",
    "feat": "feature_store",
}
EDGES = [
    ("checked", "std_a"),
    ("checked", "std_b"),
    ("std_a", "fact"),
    ("fact", "card"),
    ("std_b", "other"),
    ("card", "feat"),
]
ALL = frozenset(LAYERS) - {"checked"}


@pytest.fixture(autouse=True)
def small_project(monkeypatch):
    monkeypatch.setattr(selection, "layer_by_model", lambda: LAYERS)


def built(
    *words: str, late: set[str] = frozenset(), published: frozenset[str] = ALL, judged: bool = True
) -> set[str]:
    """The models that a run builds; `landing_zone` when it is judged too."""
    stands = Standing(
        published, ALL - late if judged else frozenset(), judged, "b1" if judged else None
    )
    scope = scope_of(words, EDGES, stands)
    return {name for names in scope.models.values() for name in names} | (
        {"landing_zone"} if scope.landing_zone else set()
    )


def test_one_model_is_built_alone_while_everything_is_up_to_date():
    assert built("card") == {"card"}
    assert built("std_a") == {"std_a"}


def test_from_here_on_is_the_model_and_all_that_is_made_from_it():
    assert built("fact+") == {"fact", "card", "feat"}


def test_a_model_brings_what_it_is_made_from_when_that_is_behind():
    assert built("card", late={"fact", "card", "feat"}) == {"fact", "card", "feat"}


def test_a_model_that_changes_brings_what_stands_on_it():
    assert built("card", late={"card"}) == {"card", "feat"}
    assert built("card", late={"card"}, published=ALL - {"feat"}) == {"card"}


def test_silver_is_never_brought_up_to_date_by_halves():
    assert built("fact", late={"std_a", "std_b"}) == {
        "std_a",
        "std_b",
        "fact",
        "card",
        "other",
        "feat",
    }


def test_what_is_behind_elsewhere_is_left_alone():
    assert built("card", late={"other"}) == {"card"}


def test_a_step_of_the_landing_zone_stands_for_all_of_it():
    assert built("checked") == {"landing_zone"}
    assert built("checked+") == {"landing_zone", *ALL}
    assert built("checked", "card") == {"landing_zone", *ALL}


def test_nothing_judged_yet_is_judged_first():
    assert built("card", published=frozenset(), judged=False) == {
        "landing_zone",
        "std_a",
        "std_b",
        "fact",
        "card",
    }


def test_what_came_along_says_why():
    scope = scope_of(("card",), EDGES, Standing(ALL, ALL - {"fact", "card", "feat"}, True, "b1"))
    assert (scope.behind, scope.made_from_it) == (("fact",), ("feat",))


def test_an_unknown_model_is_refused_with_the_nearest_name():
    with pytest.raises(InputRefused) as refused:
        checked_words(["std_aa+"])
    assert refused.value.hint == "did you mean std_a?"
    assert checked_words(["card", "card", "fact+"]) == ("card", "fact+")


@pytest.mark.parametrize(
    "late",
    [
        set(),
        {"fact"},
        {"std_a"},
        {"card", "feat"},
        {"std_a", "std_b", "fact", "card", "other", "feat"},
    ],
)
@pytest.mark.parametrize("word", [layer + more for layer in LAYERS for more in ("", "+")])
def test_after_any_selection_no_built_table_disagrees_with_its_neighbours(word, late):
    built_models = built(word, late=late)
    still_late = set(ALL) - built_models if "landing_zone" in built_models else late - built_models
    for parent, child in EDGES:
        if built_models & {"landing_zone"} and parent == "checked":
            continue
        assert not (child in built_models and parent in still_late), (parent, child)
        assert not (parent in built_models and parent in late and child in ALL - built_models), (
            parent,
            child,
        )
