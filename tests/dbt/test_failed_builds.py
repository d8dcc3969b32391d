"""A build that a delivered cell makes fail all the same: faults are planted in a copy of the
project, the run names load, file, line and column, and undo leads out whatever a build says.
"""

import json
import random
import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from pipeline.cli import main as cli
from pipeline.config import Settings
from pipeline.errors import RunFailed
from pipeline.services.run import runs
from pipeline.services.upload import loads
from pipeline.transform import dbt_project, project
from tests.factories import patient, provider, small_world, write_delivery
from tests.warehouse import contents, query

BREAKS = "json_extract('{', '$')"


@dataclass(frozen=True)
class Fault:
    """A step that cannot bear one ordinary value: `file` is its SQL, found by pattern, `condition`
    holds of the value; `source` and `column` say where it is delivered.
    """

    file: str
    condition: str
    source: str
    column: str
    value: str

    @property
    def step(self) -> str:
        return next(dbt_project.DBT_PROJECT_DIR.rglob(self.file)).stem


FAULTS = {
    "staging": Fault(
        "stg_patients.sql", "birth_date = '1951-02-03'", "patients", "birth_date", "1951-02-03"
    ),
    "verdict": Fault(
        "int_referrals_verdicts.sql",
        "birth_date = '1951-02-04'",
        "referrals",
        "birth_date",
        "1951-02-04",
    ),
    "silver": Fault(
        "std_encounters.sql", "paid_amount_usd = 4321", "encounters", "paid_amount", "4321"
    ),
    "gold": Fault("fct_encounter.sql", "age > 90", "patients", "birth_date", "1931-02-05"),
}
#: A test of severity error that fails, as of a key that is not unique.
FAILING_TEST = Fault(
    "fct_encounter.sql", "paid_amount_usd = 4322", "encounters", "paid_amount", "4322"
)
#: What runs here. A trial by dbt takes four to ten seconds; every kind was tried by hand, and
#: `tests/unit/orchestrate/test_cause_search.py` proves the search itself.
TRIED = ("staging",)


@pytest.fixture(scope="module")
def faulty_project(tmp_path_factory) -> Path:
    """The project with every fault in it; none shows until its value is delivered."""
    folder = tmp_path_factory.mktemp("faulty") / "icon_dbt"
    shutil.copytree(
        dbt_project.DBT_PROJECT_DIR, folder, ignore=shutil.ignore_patterns("target", "logs")
    )
    for fault in FAULTS.values():
        path = next(folder.rglob(fault.file))
        path.write_text(
            f"{path.read_text(encoding='utf-8')}\n"
            f"where case when {fault.condition} then {BREAKS} is null else true end\n",
            encoding="utf-8",
        )
    (folder / "tests" / "assert_planted.sql").write_text(
        f"select * from {{{{ ref('fct_encounter') }}}} where {FAILING_TEST.condition}\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def faulty(faulty_project, settings, monkeypatch) -> Settings:
    """An empty home that is built with the faulty project."""
    monkeypatch.setattr(
        "pipeline.orchestrate.build.Project",
        partial(project.Project, project_dir=faulty_project),
    )
    return replace(settings, gate_threshold=1.0, cause_seconds=3600.0)


def with_fault(fault: Fault, seed: int) -> tuple[dict[str, list[dict]], int]:
    """The small world with the value in a random row of its source, and the line of that row."""
    world = small_world()
    if fault.file.startswith("stg_"):
        world = {fault.source: world[fault.source][:6]}
    at = random.Random(seed).randrange(len(world[fault.source]))
    world[fault.source][at] = world[fault.source][at] | {fault.column: fault.value}
    return world, at + 2


@pytest.mark.parametrize("kind", TRIED)
def test_the_run_names_the_cell_and_undo_leads_out(kind, faulty, tmp_path):
    fault = FAULTS.get(kind, FAILING_TEST)
    step = "assert_planted" if kind == "test" else fault.step
    world, line = with_fault(fault, seed=len(kind))
    delivery = write_delivery(tmp_path / "delivery", **world)
    with pytest.raises(RunFailed) as failed:
        runs.run_now(faulty, verb="run", paths=[delivery])
    cause, error = newest_failure(faulty)
    ((load_id, file),) = query(
        faulty.home, "select load_id, source_file from ops_loads where entity = ?", fault.source
    )
    assert (cause["verdict"], cause["node"]) == ("load", step)
    assert (cause["loads"], cause["source_file"]) == ([load_id], file)
    assert (cause["line"], cause["column"]) == (line, fault.column)
    assert fault.value not in str(failed.value) and fault.value not in json.dumps(cause)
    for part in (load_id, file, f"line {line}", f"column {fault.column}", f"undo {load_id}"):
        assert part in str(failed.value) and part in error
    before = len(query(faulty.home, f"select 1 from raw_{fault.source}"))
    assert before == len(world[fault.source]), "what was tried did not stay"
    loads.undo(faulty, load_id)
    assert runs.run_now(faulty, verb="build").status == "succeeded"
    for name, rows in contents(faulty.home).items():
        if not name.startswith("raw_"):
            assert load_id not in repr(rows), name


def newest_failure(settings: Settings) -> tuple[dict, str]:
    """Cause and error of the newest run, as they are on record."""
    run = runs.recent(settings, 1).iloc[0]
    assert run["status"] == "failed"
    return runs.get(settings, run["run_id"]).result["cause"], run["error"]


def test_undo_needs_no_build_that_succeeds(settings, tmp_path, faulty_project, monkeypatch, capsys):
    """A load is taken out of a home whose every build fails; that no load is to blame is said."""
    broken = tmp_path / "broken"
    shutil.copytree(faulty_project, broken, ignore=shutil.ignore_patterns("target", "logs"))
    first = next(broken.rglob("stg_patients.sql"))
    first.write_text(f"{first.read_text(encoding='utf-8')} where no_such_column = 1\n")
    monkeypatch.setattr(
        "pipeline.orchestrate.build.Project",
        partial(project.Project, project_dir=broken),
    )
    folder = write_delivery(tmp_path / "delivery", patients=[patient(1)], providers=[provider(1)])
    home = ("--home", str(settings.home))
    assert cli.main([*home, "run", str(folder), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["cause"]["verdict"] == "project" and document["cause"]["loads"] == []
    assert "nothing delivered is to blame" in document["error"]["message"]
    assert cli.main([*home, "undo", "L00001", "--no-build"]) == 0
    monkeypatch.setenv("ICON_HEALTH_CAUSE_SECONDS", "0")
    monkeypatch.setattr(runs, "built_layers", lambda settings: ["landing_zone"])
    assert cli.main([*home, "undo", "L00002", "--json"]) == 1
    told = capsys.readouterr()
    assert "L00002 (providers.csv) is undone; the build after it failed" in told.err
    assert json.loads(told.out[told.out.index("{") :])["status"] == "undone"
    assert set(query(settings.home, "select status from ops_loads")) == {("undone",)}
    cause, _ = newest_failure(settings)
    assert cause["verdict"] == "unknown" and "cause_seconds" in cause["note"]
