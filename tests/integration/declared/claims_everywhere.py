"""A seventh source, wherever a source is seen. Runs in a copy of the project that has `claims`;
test_seventh_source.py makes that copy.
"""

from pathlib import Path

import pytest

from docs.make import stale, stale_files
from docs.making import contracts, declared
from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts, source_names
from pipeline.services.catalogue import catalogue, lineage_graph
from pipeline.services.quality import rules
from pipeline.services.quarantine import decisions, open_rows
from pipeline.services.run import runs, status
from pipeline.services.tables import browse
from tests.factories import encounter, encounter_id, small_world, write_delivery
from tests.pages.screen import page_text
from tests.warehouse import query

pytest_plugins = ["tests.pages.conftest"]
ORPHAN, WAITING = encounter_id("nobody"), encounter_id("held")


def claim(number: int, of: str, **cells: str) -> dict:
    """One delivered claim row."""
    return {
        "claim_number": str(9_000_000 + number),
        "encounter": of,
        "billed": "1500",
        "state": "paid",
    } | cells


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Path:
    """A home with the valid world, an encounter that waits, and claims good and bad."""
    folder = tmp_path_factory.mktemp("claims")
    rows = small_world()
    rows["encounters"].append(encounter("held", cpt="99999"))
    rows["claims"] += [
        claim(1, ORPHAN),
        claim(2, WAITING),
        claim(3, encounter_id(1), billed="much"),
        claim(4, encounter_id(1), state="lost"),
    ]
    write_delivery(folder / "delivery", **rows)
    runs.run_now(
        load_settings(home=folder / "home", gate_threshold=1.0),
        verb="run",
        paths=[folder / "delivery"],
    )
    return folder / "home"


def test_it_is_a_source_after_its_parents():
    assert source_names()[-1] == "claims"
    assert load_contracts()["claims"].parents == {"encounter_id": "encounters"}


def test_a_dropped_file_is_recognised_judged_and_loaded(open_page, home, tmp_path):
    app = open_page("upload", tmp_path / "empty")
    line = f"77,{encounter_id(1)},12,paid"
    content = f"claim_number,encounter,billed,state\n{line}\n"
    app.file_uploader[0].upload("paid_claims_2026.csv", content.encode(), "text/csv").run()
    app.button(key="load_files").click().run()
    assert "1 row loaded as L00001" in page_text(app)
    assert query(tmp_path / "empty", "select entity from ops_loads") == [("claims",)]
    assert query(tmp_path / "empty", "select claim_number from raw_claims") == [("77",)]


def test_its_rows_are_judged_and_the_ledger_balances(home):
    assert query(
        home, "select received, promoted, quarantined from ledger where entity = 'claims'"
    ) == [(7, 4, 3)]
    assert query(home, "select count(*) from std_claims") == [(4,)]
    assert dict(query(home, "select primary_rule, count(*) from quarantine_claims group by 1")) == {
        "CLM-02": 2,
        "CLM-03": 1,
    }


def test_every_rule_is_in_the_summary_and_open_rows_in_the_impact(home):
    summary = dict(
        query(home, "select rule_name, failing_rows from dq_run_summary where entity = 'claims'")
    )
    assert summary.keys() >= {rule.name for rule in load_contracts()["claims"].rules}
    assert summary["claims__state__in_domain"] == 1
    assert query(
        home,
        "select rule_id, open_rows, other_rows from dq_open_impact where entity = 'claims' order by 1",
    ) == [("CLM-02", 2, 2), ("CLM-03", 1, 1)]
    assert query(
        home,
        "select encounters, other_rows from dq_open_impact where entity = 'encounters'",
    ) == [(1, 1)]


def test_a_waiting_parent_holds_its_rows_back(home):
    settings = load_settings(home=home)
    held = {row.row_id: row for row in decisions.rows(settings)}
    (parent,) = [row for row in held.values() if row.entity == "encounters"]
    assert (parent.holds_back.encounters, parent.holds_back.other_rows) == (1, 1)
    own = [row.holds_back for row in held.values() if row.entity == "claims"]
    assert [(each.encounters, each.other_rows) for each in own] == [(0, 1)] * 3


def test_it_is_counted_everywhere_a_source_is(home):
    settings = load_settings(home=home)
    assert status.status(settings).quarantine["claims"] == 3
    assert open_rows.open_counts(settings)["claims"] == 3
    assert "claims" in set(rules.rules(settings)["entity"])
    assert "claims" in set(rules.ledger(settings)["entity"])
    assert ("raw_claims", "stg_claims") in catalogue.catalogue(settings).edges
    assert lineage_graph.graph(settings, "std_claims", 1).boxes


@pytest.mark.parametrize(
    ("page", "address", "shown"),
    [
        ("quality", {"sources": "claims"}, "CLM-02"),
        ("quarantine", {"source": "claims"}, "CLM-02"),
        ("tables", {"layer": "standard_model", "table": "std_claims"}, "billed_amount_usd"),
        ("catalogue", {"tab": "Rules", "rule": "CLM-03"}, "CLM-03"),
    ],
)
def test_pages_show_it(open_page, home, page, address, shown):
    app = open_page(page, home, **address)
    assert not app.exception and not app.error
    texts = [page_text(app), *(str(frame.value.to_dict()) for frame in app.dataframe)]
    texts += [
        str(choice.options)
        for kind in ("selectbox", "segmented_control")
        for choice in getattr(app, kind)
    ]
    assert any(shown in text for text in texts)


def test_identifiers_are_masked_by_the_class_that_the_declaration_gives(home):
    settings = load_settings(home=home)
    page = browse.page(settings, "std_claims")
    delivered = {str(9_000_000 + number) for number in (1, 2, 3, 4)} | {WAITING, ORPHAN}
    assert not delivered & set(page.rows.astype(str).to_numpy().ravel())
    rows = open_rows.page(settings, "claims").rows
    assert not delivered & set(rows.astype(str).to_numpy().ravel())


def test_the_docs_know_it():
    assert stale() == {} and stale_files() == {}
    assert "`paid_claims.csv`" in declared.sources()
    assert "CLM-04" in declared.rules()
    assert "### std_claims" in declared.data_dictionary()
    assert contracts.document(load_contracts()["claims"])["schema"][0]["properties"]
