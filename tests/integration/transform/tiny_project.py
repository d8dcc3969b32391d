"""A dbt project of five nodes with each thing that a transaction could break: seed, view, table,
incremental, unit test.
"""

import hashlib
import sqlite3
from pathlib import Path

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.home_files import prepare_home
from pipeline.transform.dbt_project import DbtProject
from pipeline.transform.one_transaction import one_transaction

LAYERS = [Layer.LANDING_ZONE, Layer.STANDARD_MODEL]

FILES = {
    "dbt_project.yml": """
name: tiny
version: 1.0.0
profile: tiny
config-version: 2
flags: {send_anonymous_usage_stats: false}
vars: {as_of: null}
models: {tiny: {first: {+tags: landing_zone}, second: {+tags: standard_model}}}
seeds: {tiny: {+tags: landing_zone}}
""",
    "profiles.yml": """
tiny:
  target: sqlite
  outputs:
    sqlite:
      {type: sqlite, threads: 1, database: tiny, schema: main,
       schemas_and_paths: {main: not_opened.db}, schema_directory: no_such_folder}
""",
    "seeds/colours.csv": "id,colour\n1,red\n2,blue\n",
    "models/first/seen.sql": "select id, colour from {{ ref('colours') }}",
    "models/first/kept.sql": "{{ config(materialized='table') }} select id, colour, '{{ var('as_of') }}' as as_of from {{ ref('seen') }}",
    "models/first/first.yml": """
models:
  - name: kept
    columns: [{name: id, data_tests: [not_null, unique]}]
unit_tests:
  - name: keeps_every_row
    model: kept
    given: [{input: ref('seen'), rows: [{id: 1}, {id: 2}]}]
    expect: {rows: [{id: 1}, {id: 2}]}
""",
    "models/second/grown.sql": "{{ config(materialized='incremental', unique_key='id') }} select id, as_of from {{ ref('kept') }}",
}


def write_project(folder: Path) -> Path:
    """Write the project into `folder` and return it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def build_all(
    settings: Settings,
    project_dir: Path,
    as_of: str = "2026-01-01",
    on_node=None,
    full_refresh: bool = False,
) -> list:
    """Build both layers in one transaction; a step that fails ends it by an exception, as the
    runner does.
    """
    prepare_home(settings)
    with open_warehouse(settings, write=True) as connection:
        connection.execute("pragma journal_mode = wal")
    steps = []
    with one_transaction(settings) as transaction:
        project = DbtProject(settings, transaction, as_of, on_node, project_dir)
        project.parse()
        for layer in LAYERS:
            steps.append(project.build(layer, full_refresh=full_refresh, unit_tests=True))
            if steps[-1].status != "success":
                raise StepFailed(steps[-1])
    return steps


class StepFailed(Exception):
    """A step of the tiny build failed."""


def content_of(settings: Settings) -> str:
    """A digest of everything that a reader can see."""
    with open_warehouse(settings) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def rows_of(settings: Settings, table: str) -> list[tuple]:
    """The published rows of a table."""
    with open_warehouse(settings) as connection:
        return connection.execute(f"select * from {table} order by 1").fetchall()


def writer_is_kept_out(settings: Settings) -> bool:
    """Whether another connection cannot start to write now."""
    with open_warehouse(settings, write=True) as connection:
        connection.execute("pragma busy_timeout = 0")
        try:
            connection.execute("begin immediate")
        except sqlite3.OperationalError:
            return True
        connection.execute("rollback")
        return False
