"""A second run of the same process does not parse again, and never uses a parse of other files."""

import json

import pytest

from pipeline.config import load_settings
from pipeline.errors import RunFailed
from pipeline.transform import parse_cache
from pipeline.transform.dbt_project import DbtProject
from tests.integration.transform.tiny_project import build_all, rows_of


@pytest.fixture
def parses(monkeypatch) -> list[str]:
    """One entry for each time that dbt is asked to parse."""
    calls = []
    stock = DbtProject._invoke

    def noting(self, arguments, variables):
        if arguments[0] == "parse":
            calls.append(self._settings.home.name)
        return stock(self, arguments, variables)

    monkeypatch.setattr(DbtProject, "_invoke", noting)
    return calls


def test_another_run_and_another_day_do_not_parse_again(published, project_dir, parses):
    build_all(published, project_dir, as_of="2026-01-01")
    build_all(published, project_dir, as_of="2026-01-02")
    assert parses == ["home"]
    assert {row[-1] for row in rows_of(published, "kept")} == {"2026-01-02"}


def test_another_home_gets_what_dbt_wrote_for_the_parse(published, project_dir, parses, tmp_path):
    build_all(published, project_dir)
    other = load_settings(home=tmp_path / "other")
    build_all(other, project_dir)
    assert parses == ["home"]
    manifest = json.loads((other.dbt_dir / "target" / "manifest.json").read_text())
    assert "model.tiny.grown" in manifest["nodes"]
    assert rows_of(other, "grown") == rows_of(published, "grown")


def test_a_changed_file_is_parsed(published, project_dir, parses):
    build_all(published, project_dir)
    (project_dir / "models" / "second" / "more.sql").write_text(
        "select id from {{ ref('grown') }}", encoding="utf-8"
    )
    build_all(published, project_dir)
    assert parses == ["home", "home"]
    assert rows_of(published, "more") == [(1,), (2,)]


def test_what_dbt_itself_writes_is_no_change(published, project_dir):
    before = parse_cache.state_of_files(project_dir)
    (project_dir / "target").mkdir()
    (project_dir / "target" / "manifest.json").write_text("{}")
    assert parse_cache.state_of_files(project_dir) == before


def test_a_parse_whose_files_were_deleted_is_made_again(published, project_dir, parses):
    build_all(published, project_dir)
    (published.dbt_dir / "target" / "manifest.json").unlink()
    build_all(published, project_dir)
    assert parses == ["home", "home"]
    assert (published.dbt_dir / "target" / "manifest.json").exists()


def test_a_project_that_does_not_parse_is_not_remembered(published, project_dir, parses):
    broken = project_dir / "models" / "second" / "broken.sql"
    broken.write_text("select * from {{ ref('nothing') }}", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(RunFailed, match="nothing"):
            DbtProject(published, project_dir=project_dir).parse()
    assert parses == ["home", "home"]
