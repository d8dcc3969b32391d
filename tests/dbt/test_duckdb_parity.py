"""The same home on DuckDB: every relation row for row, on the sample and after a story of
deliveries, corrections, waivers and undone loads; what differs is found; and no compiled statement
holds what engines read in different ways.
"""

import json
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace

import pytest

from pipeline.cli.main import main
from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.sources import source_names
from pipeline.errors import InputRefused, RunFailed
from pipeline.orchestrate import engine_copy
from pipeline.services.settings import engines
from pipeline.services.upload import loads, purge
from pipeline.store.engines.duckdb_copy import NoSuccessor, copy_to_duckdb, update_in_duckdb
from pipeline.store.engines.parity import compare_with_duckdb
from tests.dbt.random_history import ENTITIES, History
from tests.dbt.sql_bans import banned
from tests.factories import patient, write_delivery
from tests.warehouse import copied, query

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("dbt.adapters.duckdb")
DBT_DIR = PROJECT_DIR / "icon_dbt"
HELD_BEFORE = ("_previous_status", "_previous_key")
SCHEMA = re.compile(r'("copy"[.])?"main"[.]')
CLOSURE = re.compile(r"closure\('(\w+)'")


@pytest.fixture(scope="module")
def sample_copy(sample_home, tmp_path_factory):
    """A copy of the sample's home on DuckDB, and the settings of the home."""
    settings = copied(sample_home, tmp_path_factory.mktemp("sample") / "home")
    return settings, engines.copy_to(settings, "duckdb", settings.home.parent / "copy.duckdb")


def differing(made) -> list[str]:
    return [str(relation) for relation in made.relations if not relation.is_equal]


def test_the_sample_is_the_same_on_duckdb(sample_copy):
    settings, made = sample_copy
    assert differing(made) == []
    assert sum(relation.sqlite_rows for relation in made.relations) > 50_000
    assert {relation.relation for relation in made.relations} >= {
        "provider_scorecard",
        "quarantine_encounters",
        "feat_provider",
        "training_encounter_ae",
    }
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert {path.name for path in made.file.parent.iterdir()} == {"home", made.file.name}


def test_a_copy_may_be_called_otherwise(sample_copy, tmp_path):
    _, made = sample_copy
    file = shutil.copy(made.file, tmp_path / "renamed.duckdb")
    with duckdb.connect(str(file), read_only=True) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where not internal"
        ).fetchall()
        rows = {
            view: connection.execute(f"select count(*) from {view}").fetchall()[0][0]
            for (view,) in views
        }
    sizes = {relation.relation: relation.duckdb_rows for relation in made.relations}
    assert rows == {view: sizes[view] for view in rows}
    assert rows["promoted_encounters"] > 0


@pytest.mark.parametrize("seed", [3])
def test_a_story_of_deliveries_and_decisions_is_the_same_on_duckdb(settings, tmp_path, seed):
    """Copied in its middle, then brought up to date: DuckDB builds what changed, and only that."""
    settings = replace(settings, gate_threshold=0.4)
    history = History(settings, tmp_path / "delivered", seed)
    history.deliver(ENTITIES, 14, defects=0.15)
    history.build()
    history.step()
    file = tmp_path / "story.duckdb"
    made = engines.copy_to(settings, "duckdb", file)
    assert differing(made) == [], history.log
    for _ in range(3):
        history.step()
    updated = engines.update(settings, "duckdb", file)
    assert differing(updated) == [], history.log
    assert not updated.is_anew
    assert 0 < raw_rows(updated) < raw_rows(made), history.log
    with duckdb.connect(str(file), read_only=True) as connection:
        versions = connection.execute("select max(row_version) from feat_patient").fetchone()[0]
        judged = connection.execute(
            "select count(distinct load_id), (select count(*) from ops_loads) from ops_judged_loads"
        ).fetchone()
    assert versions > 1, "no feature changed in this story"
    assert judged[0] == judged[1]


def raw_rows(made) -> int:
    return sum(rows for table, rows in made.copied.items() if table.startswith("raw_"))


def test_an_update_adds_what_came_and_begins_anew_after_a_purge(settings, tmp_path):
    folder = write_delivery(tmp_path / "1", patients=[patient(1), patient(2)])
    (first,) = loads.ingest(settings, [folder])
    file = tmp_path / "copy.duckdb"
    assert copy_to_duckdb(settings, file)["raw_patients"] == 2
    assert update_in_duckdb(settings, file)["raw_patients"] == 0
    loads.ingest(settings, [write_delivery(tmp_path / "2", patients=[patient(3)])])
    assert update_in_duckdb(settings, file)["raw_patients"] == 1
    with duckdb.connect(str(file), read_only=True) as connection:
        assert sorted(
            connection.execute("select patient_id from raw_patients").fetchall()
        ) == sorted(query(settings.home, "select patient_id from raw_patients"))
    purge.purge(settings, first.load_id, "asked for", "tester")
    with pytest.raises(NoSuccessor):
        update_in_duckdb(settings, file)


@pytest.mark.parametrize(
    ("change", "relation", "column"),
    [
        ("update provider_scorecard set shrunken_ratio = shrunken_ratio * (1 + 1e-11) "
         "where npi = (select min(npi) from provider_scorecard)", "provider_scorecard", "shrunken_ratio"),
        ("update std_patients set gender = 'unknown' "
         "where patient_id = (select min(patient_id) from std_patients)", "std_patients", "gender"),
        ("update std_encounters set paid_amount_usd = null "
         "where encounter_id = (select max(encounter_id) from std_encounters)",
         "std_encounters", "paid_amount_usd"),
        ("update provider_scorecard set q_value = 'nan'::double "
         "where npi = (select max(npi) from provider_scorecard)", "provider_scorecard", "q_value"),
        ("delete from fct_encounter where encounter_id = (select min(encounter_id) from fct_encounter)",
         "fct_encounter", "encounter_id"),
        ("insert into feat_provider select * replace (99 as row_version) from feat_provider limit 1",
         "feat_provider", "row_version"),
        ("drop table volume_outcome", "volume_outcome", "absent from DuckDB"),
        ("create table another as select 1 as one", "another", "absent from SQLite"),
    ],
)  # fmt: skip
def test_whatever_differs_is_found(sample_copy, tmp_path, change, relation, column):
    settings, made = sample_copy
    file = tmp_path / made.file.name
    shutil.copy(made.file, file)
    with duckdb.connect(str(file)) as connection:
        connection.execute("set default_null_order = 'sqlite'")
        connection.execute(change)
    compared = compare_with_duckdb(settings, file)
    different = {each.relation: each.columns for each in compared if not each.is_equal}
    assert column in different[relation]


def test_what_differs_is_said_by_the_exit_code_and_not_kept(
    sample_copy, tmp_path, monkeypatch, capsys
):
    settings, made = sample_copy
    relations = [
        {"relation": "a", "sqlite_rows": 2, "duckdb_rows": 1, "only_sqlite": 1, "columns": ["x"]}
    ]

    def step(settings, name, file, lock):
        file.touch()
        return {"copy": {"raw_patients": 2}, "build": 1, "compare": relations}[name]

    monkeypatch.setattr(engine_copy, "carried_out", step)
    file = tmp_path / "copy.duckdb"
    words = ["--home", str(settings.home), "engine", "copy", "--to", "duckdb", str(file), "--json"]
    assert main(words) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["file"] is None and document["is_equal"] is False
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_fails_leaves_nothing_and_says_no_value(sample_copy, tmp_path):
    settings, _ = sample_copy
    broken = copied(settings.home, tmp_path / "home")
    with sqlite3.connect(broken.warehouse_path) as connection:
        connection.execute("create table ops_broken (number integer)")
        connection.execute("insert into ops_broken values ('Jane Roe')")
    (tmp_path / "out").mkdir()
    with pytest.raises(RunFailed) as failure:
        engines.copy_to(broken, "duckdb", tmp_path / "out" / "copy.duckdb")
    assert "ops_broken" in str(failure.value) and "Jane" not in str(failure.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_home_with_loads_that_wait_or_a_file_in_the_way_is_refused(sample_copy, tmp_path):
    settings, made = sample_copy
    with pytest.raises(InputRefused, match="a file of this name"):
        engines.copy_to(settings, "duckdb", made.file)
    with pytest.raises(InputRefused, match="there is no warehouse yet"):
        engines.copy_to(load_settings(home=tmp_path / "empty"), "duckdb", tmp_path / "x.duckdb")
    waiting = copied(settings.home, tmp_path / "home")
    loads.ingest(waiting, [write_delivery(tmp_path / "new", patients=[patient(1)])])
    with pytest.raises(InputRefused, match="not built from all its loads"):
        engines.copy_to(waiting, "duckdb", tmp_path / "x.duckdb")


@pytest.fixture(scope="module")
def statements(sample_copy, tmp_path_factory) -> dict[str, str]:
    """Every compiled model and test as DuckDB would run it for a change, by name."""
    settings, made = sample_copy
    folder = tmp_path_factory.mktemp("compiled")
    options = ["--project-dir", DBT_DIR, "--profiles-dir", DBT_DIR, "--target", "duckdb"]
    options += ["--target-path", folder, "--log-path", folder, "--vars", '{"as_of": "stamped"}']
    subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", "compile", *map(str, options)],
        check=True,
        env={"PATH": "/usr/bin:/bin", "ICON_HEALTH_DUCKDB": str(made.file), "HOME": str(folder)},
    )
    return {
        path.stem: SCHEMA.sub("", path.read_text(encoding="utf-8"))
        for path in sorted((folder / "compiled").rglob("*.sql"))
    }


def test_no_statement_holds_what_engines_read_in_different_ways(sample_copy, statements):
    _, made = sample_copy
    schema = defaultdict(dict)
    with duckdb.connect(str(made.file), read_only=True) as connection:
        for table, column, kind in connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
        ).fetchall():
            schema[table][column] = kind
    # working tables of a build, which is over
    for entity in source_names():
        verdicts = schema[f"row_verdicts_{entity}"] | dict.fromkeys(HELD_BEFORE, "VARCHAR")
        schema[f"int_{entity}_scope"] = verdicts | {"_is_withdrawn": "BIGINT"}
        schema[f"int_{entity}_verdicts"] = verdicts | {"_is_changed": "BIGINT"}
    recursions = {
        name
        for path in DBT_DIR.rglob("*.sql")
        for name in CLOSURE.findall(path.read_text(encoding="utf-8"))
    }
    allowed = {f"a distinct union in a recursion: {name}" for name in recursions}
    found = {
        name: kinds
        for name, sql in statements.items()
        if sql.strip() and (kinds := sorted({*banned(sql, schema)} - allowed))
    }
    assert len(statements) > 200
    assert found == {}


@pytest.mark.parametrize(
    "sql",
    [
        "select encounters / providers as x from t",
        "select sum(encounters) / count(*) as x from t",
        "select 3 * (rank() over (order by encounters) - 1) / count(*) over () as x from t",
        "select cast(rate as real) as x from t",
        "select cast(rate as integer) as x from t",
        "insert or replace into t select * from u",
        "with recursive r as (select 1 as x union select x + 1 from r where x < 9) select x from r",
        "select t.rate from t inner join u on t.encounters = u.a or t.providers = u.a",
        "select rate from (select rate from t)",
        "select rate from t where name like 'A%'",
        "select upper(name) as x from t",
        "select greatest(rate, 1e0) as x from t",
    ],
)
def test_each_ban_finds_what_it_bans(sql):
    schema = {
        "t": {"encounters": "BIGINT", "providers": "BIGINT", "rate": "DOUBLE", "name": "VARCHAR"},
        "u": {"a": "BIGINT"},
    }
    assert len(banned(sql, schema)) == 1


def test_no_macro_of_cross_db_speaks_for_engines_that_nobody_tried():
    text = "".join(
        path.read_text(encoding="utf-8") for path in (DBT_DIR / "macros" / "cross_db").glob("*.sql")
    )
    branches = defaultdict(set)
    for engine, name in re.findall(r"macro (\w+?)__(\w+)\(", text):
        branches[name].add(engine)
    dispatched = set(re.findall(r"dispatch\('(\w+)'", text))
    assert {frozenset(branches[name]) for name in dispatched} == {frozenset({"sqlite", "duckdb"})}
    assert "default" not in set().union(*branches.values())
    models = [path for path in DBT_DIR.rglob("*.sql") if "cross_db" not in path.parts]
    assert [
        path.name
        for path in models
        if re.search(r"\bas (real|integer|bigint|double)\b", path.read_text(encoding="utf-8"))
    ] == []
