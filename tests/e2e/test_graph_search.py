"""The search in the graph of the models, on the view alone: what it marks, opens and reaches."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pipeline.config.project import PROJECT_DIR

pytestmark = pytest.mark.e2e

VIEW = PROJECT_DIR / "pages" / "run" / "model_graph_view" / "index.html"
NODES = [
    ("stg_patients", "landing_zone", 0, "patients"),
    ("dq_patients", "landing_zone", 0, "patients"),
    ("std_patients", "standard_model", 1, None),
    ("std_providers", "standard_model", 1, None),
    ("dim_procedure", "enterprise_datasets", 2, None),
]
LAYERS = ("landing_zone", "standard_model", "enterprise_datasets")


@pytest.fixture(params=[1280, 360], ids=["columns", "list"])
def graph(request, page: Page) -> Page:
    """The view with five models, two of them in a group that is closed."""
    page.set_viewport_size({"width": request.param, "height": 900})
    page.set_content(VIEW.read_text(encoding="utf-8"))
    sent = {
        "nodes": [
            {
                "name": name,
                "layer": layer,
                "column": column,
                "group": group,
                "state": "done",
                "told": "3 rows",
            }
            for name, layer, column, group in NODES
        ],
        "edges": [["stg_patients", "dq_patients"], ["stg_patients", "std_patients"]],
        "layers": [
            {"label": label, "title": label, "colour": "#0b5d7a", "told": "1 model"}
            for label in LAYERS
        ],
        "colours": dict.fromkeys(LAYERS, "#0b5d7a"),
        "marks": {},
        "urgency": ["done"],
        "absent": "not run",
        "chosen": None,
    }
    page.evaluate(
        "args => new Promise(done => { window.postMessage({type: 'streamlit:render', args}, '*');"
        " setTimeout(done, 50); })",
        sent,
    )
    expect(page.locator("button[data-name=std_providers]")).to_be_visible()
    return page


def marked(graph: Page) -> list[str]:
    """Names of the boxes that the search marks."""
    return graph.locator("button.hit").evaluate_all("all => all.map(one => one.dataset.name)")


def test_a_search_marks_what_it_finds_and_opens_the_group_that_holds_it(graph):
    expect(graph.locator("button[data-name=dq_patients]")).to_have_count(0)
    graph.get_by_label("Find").fill("q pat")
    assert marked(graph) == ["dq_patients"]
    expect(graph.locator("output")).to_have_text("1 of 5")
    graph.get_by_label("Find").fill("STD")
    assert sorted(marked(graph)) == ["std_patients", "std_providers"]
    expect(graph.locator("button[data-name=dq_patients]")).to_have_count(0)


def test_enter_goes_to_the_first_hit_and_escape_ends_the_search(graph):
    graph.get_by_label("Find").fill("std_pro")
    graph.keyboard.press("Enter")
    expect(graph.locator("button[data-name=std_providers]")).to_be_focused()
    graph.get_by_label("Find").press("Escape")
    assert marked(graph) == []
    expect(graph.locator("output")).to_have_text("")


def test_a_search_without_a_hit_says_so(graph):
    graph.get_by_label("Find").fill("nothing like it")
    assert marked(graph) == []
    expect(graph.locator("output")).to_have_text("0 of 5")


def test_the_searched_graph_has_no_barrier(graph):
    graph.get_by_label("Find").fill("std")
    found = Axe().run(
        graph, options={"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa"]}}
    )
    assert found.response["violations"] == []
