"""Every column of gold and features says how private it is and what it tells; what says nothing is
hidden.
"""

from dataclasses import replace

from pipeline.declared.dictionary import ColumnEntry, load_dictionary
from pipeline.privacy.cell_policy import emptied
from pipeline.privacy.column_meaning import (
    ALL_ROWS,
    GOVERNED,
    meaning,
    missing_declarations,
)
from pipeline.privacy.masking import UNDECLARED, column_class

SCORECARD = "provider_procedure_scorecard"


def governed():
    return [
        entry
        for entry in load_dictionary().values()
        if entry.layer in GOVERNED and not entry.name.endswith("_latest")
    ]


def test_every_column_of_gold_and_features_is_declared():
    assert [gap for entry in governed() for gap in missing_declarations(entry)] == []
    assert len(governed()) > 30 and all(entry.columns for entry in governed())


def test_a_new_column_without_a_class_is_found_and_hidden():
    """The column `complications` counts adverse events; its name says nothing about that."""
    entry = load_dictionary()[SCORECARD]
    for meta in ((), (("tells", "outcome"),), (("classification", "public"), ("tells", "wins"))):
        column = ColumnEntry(
            "complications", "Complications.", "integer", dict(meta).get("classification", ""), meta
        )
        (gap,) = missing_declarations(replace(entry, columns=(*entry.columns, column)))
        assert gap.startswith(f"{SCORECARD}.complications")
    for table in (SCORECARD, "feat_provider", "feat_provider_latest", "std_encounters"):
        hidden = [rule for rule in emptied(table, ["npi", "complications"]) if not rule.count]
        assert [rule.grain for rule in hidden if "complications" in rule.columns] == [ALL_ROWS]
        assert column_class(table, "complications") == UNDECLARED


def test_outcomes_whose_small_cells_are_not_said_are_found():
    entry = load_dictionary()[SCORECARD]
    without = replace(entry, meta=())
    assert "of which small cells is not said" in missing_declarations(without)[0]
    elsewhere = replace(entry, meta=(("small_cells", '["npi", "ward"]'),))
    assert "names ward" in missing_declarations(elsewhere)[0]


def test_a_table_that_nothing_declares_is_hidden_and_the_landing_zone_is_judged_by_its_contracts():
    assert emptied("a_table_of_yesterday", ["npi", "n"])[0].columns == ("npi", "n")
    assert meaning("raw_patients") is None and meaning("zip_centroid") is None
