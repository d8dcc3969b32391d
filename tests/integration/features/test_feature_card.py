"""What a feature is said to rest on, beside the declared lineage and the loads themselves."""

import pytest

from pipeline.config import load_settings
from pipeline.declared.column_inputs import load_inputs
from pipeline.declared.sources import source_names
from pipeline.errors import InputRefused
from pipeline.services.catalogue import catalogue
from pipeline.services.features import feature_card, retrieval
from pipeline.services.upload import loads


def behind(table: str, column: str, seen: set) -> set[tuple[str, str]]:
    """Every column behind one, by following the inputs one by one."""
    for each in load_inputs()[table].columns.get(column, ()) if table in load_inputs() else ():
        if each not in seen:
            seen.add(each)
            behind(*each, seen)
    return seen


def test_every_feature_names_the_delivered_columns_behind_it(sample_home):
    settings = load_settings(home=sample_home)
    newest = loads.history(settings).groupby("entity")["loaded_at"].max().to_dict()
    for table in retrieval.registry():
        feature = table.features[-1]
        card = feature_card.card(settings, table.name, feature.name)
        raw = [each for each in behind(table.name, feature.name, set()) if each[0][:4] == "raw_"]
        expected = {f"{name[4:]}.{column}" for name, column in raw if column[0] != "_"}
        assert set(card.delivered) == expected
        assert {source.partition(".")[0] for source in card.delivered} <= card.loaded_at.keys()
        assert all(newest[source] == moment for source, moment in card.loaded_at.items())
        assert card.loaded_at and card.quality is not None
        assert set(card.quality.sources) == card.loaded_at.keys()
        assert card.known_at == retrieval.moments(settings, table.name)[-1]
        assert "feature_versions" in card.statement


def test_the_sources_behind_a_feature_are_those_of_the_lineage_of_its_table(sample_home):
    """Beside the walk over dbt's edges, which knows nothing of columns."""
    settings = load_settings(home=sample_home)
    edges = catalogue.catalogue(settings).edges
    for table in retrieval.registry():
        above = catalogue.around(edges, table.name, len(edges))
        expected = {name for name in source_names() if above.get(f"std_{name}", 0) < 0}
        card = feature_card.card(settings, table.name, table.features[0].name)
        assert card.quality is not None and set(card.quality.sources) >= expected, table.name


def test_a_feature_that_nobody_declared_is_refused(sample_home):
    with pytest.raises(InputRefused, match="no such feature"):
        feature_card.card(load_settings(home=sample_home), "provider", "nothing")
