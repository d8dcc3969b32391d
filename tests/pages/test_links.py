"""What a link names is shown, what it names in vain is said; pages say of which run they are."""

import pytest

from pages.widgets import entity_link, menu
from pages.widgets.formats import verbatim
from tests.warehouse import query

#: Page -> a parameter of its link and a value that nothing has.
UNKNOWN = [
    ("networks", "employer", "nobody"),
    ("networks", "procedure", "00000"),
    ("referrals", "employer", "nobody"),
    ("features", "features", "feat_nothing"),
    ("features", "feature", "nothing"),
    ("run_history", "run", "R999999"),
    ("quality", "rule", "XYZ-99"),
    ("upload", "load", "L99999"),
    ("catalogue", "model", "no_table"),
    ("tables", "table", "no_table"),
    ("quarantine", "source", "nothing"),
]


@pytest.mark.parametrize(("page", "parameter", "value"), UNKNOWN)
def test_a_link_that_names_something_unknown_says_so(
    page, parameter, value, open_page, sample_home
):
    view = {"look": "Distribution"} if parameter == "feature" else {}
    app = open_page(page, sample_home, **{parameter: value}, **view)
    assert not app.exception
    assert [warning for warning in app.warning if verbatim(value) in warning.value]
    assert not open_page(page, sample_home, **view).warning


def test_a_link_to_a_load_opens_it(open_page, sample_home):
    ((load,),) = query(sample_home, "select min(load_id) from ops_loads")
    app = open_page("upload", sample_home, load=load)
    assert any(f"Load {load}" in element.value for element in app.markdown)


def test_links_from_rows_lead_to_pages_that_read_their_parameter(sample_home, open_page):
    values = dict(
        query(
            sample_home,
            "select 'npi', min(npi) from provider_scorecard union all "
            "select 'employer_id', min(employer_id) from employer_network_coverage union all "
            "select 'cpt', min(cpt) from dim_procedure union all "
            "select 'load_id', min(load_id) from ops_loads",
        )
    ) | {"rule_id": "ENC-06", "run_id": "R000001", "table_name": "provider_scorecard"}
    for column, (_, page, parameter) in entity_link.NAMED.items():
        if column in values:
            app = open_page(page, sample_home, **{parameter: values[column]})
            assert not app.exception and not app.warning, column
    assert {page for _, page, _ in entity_link.NAMED.values()} <= menu.BY_KEY.keys()


@pytest.mark.parametrize("page", ["overview", "providers", "tables"])
def test_every_page_says_of_which_run_and_day_its_figures_are(page, open_page, sample_home):
    app = open_page(page, sample_home)
    labels = [element.proto.label for element in app.sidebar.get("page_link")]
    assert "Run R000001" in labels
    assert any(each.value.startswith("Figures as of ") for each in app.sidebar.caption)
