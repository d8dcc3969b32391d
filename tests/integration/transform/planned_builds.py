"""A tiny project with a question to the database, and its builds."""

import pytest

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.store.sqlite.database import open_warehouse
from pipeline.transform.dbt_project import DbtProject
from pipeline.transform.one_transaction import one_transaction
from pipeline.transform.project import Project
from tests.integration.transform.tiny_project import LAYERS

#: What the tiny project lacks: a question to the database, and a test that warns.
ASKING = {
    "models/first/asks.sql": """
{%- set few = run_query('select count(*) < 3 from outside').rows[0][0] if execute else 0 -%}
{{ config(materialized='table') }}
select {{ few }} as has_few, (select count(*) from outside) as size
""",
    "models/first/asks.yml": """
models:
  - name: asks
    columns:
      - name: size
        data_tests:
          - accepted_values: {arguments: {values: [0], quote: false}, config: {severity: warn}}
          - not_null
""",
}


def build(
    settings: Settings, project_dir, full_refresh: bool = False, dbt_from: Layer | None = None
):
    """Both layers in one transaction; returns the steps."""
    with one_transaction(settings) as transaction:
        project = Project(
            settings,
            transaction,
            "2026-01-01",
            dbt_from=dbt_from,
            project_dir=project_dir,
        )
        project.parse()
        return [project.build(layer, full_refresh) for layer in LAYERS]


def verdicts(steps) -> list[tuple]:
    """All that is told of the nodes, clocks left out."""
    return [
        (node.node, node.name, node.layer, node.kind, node.status, node.failures)
        + ((node.message,) if node.kind == "test" else ())
        for step in steps
        for node in step.nodes
    ]


def insert(settings: Settings, count: int) -> None:
    with open_warehouse(settings, write=True) as connection:
        connection.executemany("insert into outside values (?)", [(n,) for n in range(count)])


def no_dbt(monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("dbt was called")

    monkeypatch.setattr(DbtProject, "_invoke", refuse)


def by(steps) -> list[str]:
    return [step.by for step in steps]
