"""A build of everything with nothing new does nothing, and with anything new does not say so."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from pipeline.config import Settings, load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.services.quarantine import decisions
from pipeline.services.run import runs
from pipeline.services.upload import loads
from pipeline.store.sqlite.database import open_warehouse
from tests.factories import patient, write_delivery
from tests.warehouse import contents, differences, query


@pytest.fixture
def settings(sample_home, tmp_path) -> Settings:
    home = Path(shutil.copytree(sample_home, tmp_path / "home"))
    return load_settings(home=home)


def build(settings: Settings, **arguments):
    return runs.run_now(settings, verb="build", **arguments)


def by(result) -> set[str]:
    return {layer.built_by for layer in result.layers}


def state_of_file(settings: Settings) -> tuple[int, bytes]:
    """Size of the warehouse with its log, and its bytes: what a write transaction changes."""
    log = settings.warehouse_path.with_name(f"{settings.warehouse_path.name}-wal")
    return log.stat().st_size if log.exists() else 0, settings.warehouse_path.read_bytes()


def test_nothing_new_means_nothing_done_and_the_same_is_told(settings):
    before, state = contents(settings.home), state_of_file(settings)
    last = runs.recent(settings, 1)["run_id"].iloc[0]
    first = runs.get(settings, last).result
    result = build(settings)
    assert by(result) == {"nothing new"} and result.unchanged_since == last
    assert state_of_file(settings) == state
    assert differences(before, contents(settings.home)) == []
    for name in ("as_of", "build_id", "quarantine", "row_counts", "held_loads", "status"):
        assert json.loads(json.dumps(result.as_dict()[name])) == first[name], name
    assert [asdict(row) for row in result.ledger] == first["ledger"]
    assert [asdict(rule) for rule in result.rules] == first["rules"]
    assert build(settings).unchanged_since == last, "the run that built, not the one that looked"


def deliver(settings: Settings) -> Settings:
    folder = write_delivery(settings.home.parent / "more", patients=[patient(77)])
    loads.ingest(settings, [folder])
    return settings


def undo(settings: Settings) -> Settings:
    ((load,),) = query(settings.home, "select max(load_id) from ops_loads where status = 'loaded'")
    loads.undo(settings, load)
    return settings


def decide(settings: Settings) -> Settings:
    row = decisions.rows(settings)[0]
    decisions.reject(settings, row.entity, [row.row_id], "no such row", "test")
    return settings


def release(settings: Settings) -> Settings:
    with open_warehouse(settings, write=True) as connection:
        connection.execute("update ops_loads set gate = 'released' where load_seq = 1")
    return settings


def drop_a_table(settings: Settings) -> Settings:
    with open_warehouse(settings, write=True) as connection:
        connection.execute("drop table fct_encounter")
    return settings


def lose_the_record(settings: Settings) -> Settings:
    settings.control_path.unlink()
    return settings


@pytest.mark.parametrize(
    "change",
    [
        deliver,
        undo,
        decide,
        release,
        drop_a_table,
        lose_the_record,
        lambda settings: replace(settings, gate_threshold=0.9),
    ],
    ids=["delivery", "undo", "decision", "gate", "lost table", "lost record", "setting"],
)
def test_whatever_decides_a_build_makes_it_build(settings, change):
    changed = change(settings)
    result = build(changed)
    assert "nothing new" not in by(result) and result.unchanged_since is None
    assert by(build(changed)) == {"nothing new"}


@pytest.mark.parametrize(
    "arguments",
    [{"as_of": "2031-01-01"}, {"full_refresh": True}, {"layers": ["standard_model"]}],
    ids=["another day", "full refresh", "one layer"],
)
def test_what_is_asked_for_expressly_is_done(settings, arguments):
    assert "nothing new" not in by(build(settings, **arguments))


def test_after_a_layer_alone_the_whole_is_built_again(settings):
    build(settings, layers=["enterprise_datasets"])
    assert "nothing new" not in by(build(settings))


def test_a_build_with_nothing_new_loads_nothing_slow(settings):
    code = (
        "import sys; from pipeline.cli.main import main; main(sys.argv[1:]); "
        "slow = {'dbt', 'pandas', 'streamlit'}; "
        "sys.exit(', '.join(slow & set(sys.modules)) or 0)"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, "--home", str(settings.home), "build", "--json"],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["unchanged_since"]
