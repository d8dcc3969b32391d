"""`dbt docs generate`, called in the project's folder on a built home: every relation with the
columns that it has, and nothing of what was delivered.
"""

import json
import sys
from pathlib import Path

import pytest

from pipeline.config import Settings, load_settings
from pipeline.errors import InputRefused, PipelineError
from pipeline.services.catalogue import dbt_docs
from pipeline.transform import docs_site
from tests.warehouse import copied, query

STATE = ("sqlite_master", "ops_judged_loads", "ops_judged_decisions", "ops_build")


@pytest.fixture(scope="module")
def home(sample_home, tmp_path_factory) -> Settings:
    return copied(sample_home, tmp_path_factory.mktemp("docs") / "home")


def state(settings: Settings) -> dict[str, list[tuple]]:
    return {table: query(settings.home, f"select * from {table}") for table in STATE}


@pytest.fixture(scope="module")
def site(home, tmp_path_factory) -> Path:
    """The folder that dbt wrote; the warehouse is as it was."""
    folder, before = tmp_path_factory.mktemp("site"), state(home)
    docs_site.write(home, folder)
    assert state(home) == before
    return folder


def test_the_catalog_has_every_relation_with_the_columns_that_stand(site, home):
    manifest = json.loads((site / "manifest.json").read_text(encoding="utf-8"))
    catalog = json.loads((site / "catalog.json").read_text(encoding="utf-8"))
    standing = {name for (name,) in query(home.home, "select name from sqlite_master")}
    built = {
        unique_id: node["alias"]
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot") and node["alias"] in standing
    }
    assert not catalog["errors"]
    assert len(built) > 100
    assert {unique_id: list(node["columns"]) for unique_id, node in catalog["nodes"].items()} == {
        unique_id: [
            column for (column,) in query(home.home, "select name from pragma_table_info(?)", name)
        ]
        for unique_id, name in built.items()
    }


def test_a_home_without_a_warehouse_has_no_pages_and_gets_no_warehouse(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    with pytest.raises(InputRefused, match="no warehouse"):
        dbt_docs.make(settings)
    assert not settings.home.exists() and dbt_docs.made(settings) is None


def test_the_pages_stand_in_the_home_alone_and_whole(home, monkeypatch):
    def write(settings, folder):
        page = folder / "static_index.html"
        page.write_text("whole")
        return page

    with monkeypatch.context() as patched:
        patched.setattr(docs_site, "write", write)
        file = dbt_docs.make(home)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("whole", 0o600)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(PipelineError, match="could not write"):
        dbt_docs.make(home)
    assert file.read_text() == "whole" and dbt_docs.page(home) == file
    assert not list(home.dbt_dir.glob("docs-*"))


def test_the_site_holds_no_key_of_a_patient_or_an_encounter(site, home):
    page = (site / "static_index.html").read_text(encoding="utf-8")
    keys = query(
        home.home,
        "select patient_id from std_patients union select encounter_id from std_encounters",
    )
    assert len(keys) > 1000
    for each in {key for (key,) in keys}:
        assert f'"{each}"' not in page and f"'{each}'" not in page
