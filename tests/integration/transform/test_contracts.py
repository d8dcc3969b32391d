"""What a model of gold or the feature store declares is its contract: a build that would publish
other columns or types fails, and the tables that stood before stay.
"""

import shutil

import pytest
import yaml

from pipeline.transform.dbt_project import DBT_PROJECT_DIR
from tests.integration.transform.tiny_project import StepFailed, build_all, content_of

DECLARED = {"id": "integer", "colour": "text", "share": "real"}
KEPT = "cast(id as integer) as id, cast(colour as text) as colour, cast(0.5 as real) as share"
#: What a model selects, and what is said of it.
BROKEN = {
    "another_type": (KEPT.replace("0.5 as real", "0.5 as text"), "share is text, not real"),
    "a_column_less": (KEPT.partition(", cast(0.5")[0], "share is missing"),
    "a_column_more": (f"{KEPT}, 1 as more", "more is not declared"),
    "values_of_another_type": (
        KEPT.replace("cast(0.5 as real)", "(select 'half')"),
        "share holds what is not real",
    ),
    "values_of_another_type_in_a_view": (
        KEPT.replace("cast(id as integer)", "id || ''"),
        "id holds what is not integer",
    ),
}
HELD = {
    "as_declared": KEPT,
    "without_a_type": KEPT.replace("cast(0.5 as real)", "(select 0.5 + 0)"),
    "null_without_a_type": KEPT.replace("cast(0.5 as real)", "null"),
    "in_another_order": "cast(0.5 as real) as share, cast(colour as text) as colour, cast(id as integer) as id",
}


@pytest.fixture
def with_contracts(project_dir):
    """The tiny project with the hook of the real one, and a model for each case."""
    (project_dir / "macros").mkdir()
    shutil.copy(DBT_PROJECT_DIR / "macros/materializations/contracts.sql", project_dir / "macros")
    models = []
    for name, text in {**HELD, **{name: text for name, (text, _) in BROKEN.items()}}.items():
        kind = "view" if name.endswith("view") else "table"
        (project_dir / f"models/first/{name}.sql").write_text(
            f"{{{{ config(materialized='{kind}') }}}} select {text} from {{{{ ref('colours') }}}}"
        )
        columns = [{"name": name, "data_type": kind} for name, kind in DECLARED.items()]
        models.append({"name": name, "columns": columns})
    (project_dir / "models/first/contracts.yml").write_text(yaml.safe_dump({"models": models}))
    settings = yaml.safe_load((project_dir / "dbt_project.yml").read_text())
    real = yaml.safe_load((DBT_PROJECT_DIR / "dbt_project.yml").read_text())
    gold = real["models"]["icon_dbt"]["enterprise_datasets"]
    hook = {name: gold[name] for name in ("+contract", "+post-hook")}
    settings["models"]["tiny"]["first"] |= {name: hook for name in [*HELD, *BROKEN]}
    (project_dir / "dbt_project.yml").write_text(yaml.safe_dump(settings))
    return project_dir


def test_a_model_that_breaks_its_contract_fails_and_nothing_is_published(published, with_contracts):
    before = content_of(published)
    with pytest.raises(StepFailed) as failed:
        build_all(published, with_contracts)
    nodes = {node.name: node for node in failed.value.args[0].nodes}
    assert {name: nodes[name].status for name in HELD} == dict.fromkeys(HELD, "success")
    for name, (_, reason) in BROKEN.items():
        assert nodes[name].status == "error", name
        assert f"{name} breaks its contract: {reason}" in nodes[name].message
    assert content_of(published) == before
