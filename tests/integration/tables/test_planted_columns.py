"""A column that somebody adds to gold or features is hidden everywhere until its YAML says what it
tells; what tells an outcome is empty in small cells.
"""

import shutil
import sqlite3

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.declared import classes
from pipeline.declared.classes import load_classes
from pipeline.privacy import column_meaning
from pipeline.services.tables import browse, chart_queries, export, visible

PLANTED = {
    "provider_procedure_scorecard": "adverse_event_count",
    "feat_provider_procedure": "adverse_event_count_to_date",
}


@pytest.fixture(scope="module")
def planted(sample_home, tmp_path_factory):
    """A home whose tables have a column more, with the adverse events in it."""
    home = shutil.copytree(sample_home, tmp_path_factory.mktemp("planted") / "home")
    with sqlite3.connect(home / "icon_health.db") as connection:
        for table, source in PLANTED.items():
            connection.execute(f"alter table {table} add column complications integer")
            connection.execute(f"update {table} set complications = {source}")
    return load_settings(home=home)


@pytest.fixture
def declared(monkeypatch):
    """The planted column as what is derived from it: an outcome."""
    known = {
        name: told | ({"complications": "outcome"} if name in PLANTED else {})
        for name, told in load_classes().items()
    }
    for module in (classes, column_meaning):
        monkeypatch.setattr(module, "load_classes", lambda: known)
    column_meaning._meaning.cache_clear()
    yield
    column_meaning._meaning.cache_clear()


def everything_shown(settings, table: str, tmp_path) -> dict[str, pd.Series]:
    """The planted column as the page Tables, a chart, a sum and an export show it."""
    page = browse.page(settings, table, limit=5_000).rows
    chart = chart_queries.grouped(settings, table, "cpt", "complications", "sum").frame
    export.export(settings, table, tmp_path / "table.csv")
    exported = pd.read_csv(tmp_path / "table.csv", dtype={"npi": str, "cpt": str})
    return {
        "page": page["complications"],
        "chart": chart["value"],
        "sum": pd.Series([browse.summary(settings, table, "complications")["sum"]]),
        "export": exported.get("complications", pd.Series(dtype=float)),
    }


@pytest.mark.parametrize("table", PLANTED)
def test_an_undeclared_column_is_hidden_everywhere(planted, tmp_path, table):
    for place, values in everything_shown(planted, table, tmp_path).items():
        assert values.isna().all(), place
    for profile in export.PROFILES:
        export.export(planted, table, tmp_path / "any.csv", profile)
        assert "complications" not in pd.read_csv(tmp_path / "any.csv").columns


@pytest.mark.parametrize("table", PLANTED)
def test_a_column_that_tells_an_outcome_is_empty_in_small_cells(planted, declared, tmp_path, table):
    hidden = visible.hidden_cells(planted).of(("npi", "cpt"))
    shown = everything_shown(planted, table, tmp_path)
    export.export(planted, table, tmp_path / "cells.csv")
    for rows in (
        browse.page(planted, table, limit=5_000).rows,
        pd.read_csv(tmp_path / "cells.csv", dtype={"npi": str, "cpt": str}),
    ):
        is_hidden = pd.Series([key in hidden for key in zip(rows["npi"], rows["cpt"], strict=True)])
        assert is_hidden.any() and rows.loc[is_hidden, "complications"].isna().all()
        assert rows.loc[~is_hidden, "complications"].notna().any()
    with sqlite3.connect(planted.home / "icon_health.db") as connection:
        ((total,),) = connection.execute(f"select sum(complications) from {table}")
    assert shown["sum"][0] < total and shown["chart"].sum() < total
