"""A leak in the training set fails the build: each is planted in a copy of the project, and the
build names the test.
"""

import shutil
from pathlib import Path

import pytest

from pipeline.config import load_settings
from pipeline.declared.layers import Layer
from pipeline.errors import RunFailed
from pipeline.services.run import runs
from pipeline.transform import dbt_project
from pipeline.transform.project import Project
from tests.warehouse import contents, differences

VIEW = "models/feature_store/training_encounter_ae.sql"
EARLIER = "know_earlier_deliveries_alone"
PLANTS = {
    "a copy of the label under another name": (
        "facts.cpt,",
        """facts.cpt,
            cast(case facts.has_adverse_event when 1 then 'complicated' else 'as planned' end as text) as course,""",
        "no_leakage",
    ),
    "a value from after the moment": (
        "cast(newest.known_at as text) as event_timestamp",
        "cast('2020-01-01T00:00:00Z' as text) as event_timestamp",
        "no_leakage",
    ),
    "a rate of the risk cell without the row itself": (
        "facts.cpt,",
        """facts.cpt, cast(1.0 * (sum(facts.has_adverse_event) over cell - facts.has_adverse_event)
            / nullif(count(*) over cell - 1, 0) as real) as cell_rate,""",
        "no_leakage",
    ),
    "a count with the row itself in it": (
        "histories.provider_encounter_count,",
        "histories.provider_encounter_count + 1 as provider_encounter_count,",
        EARLIER,
    ),
    "a rate that has seen the label": (
        "histories.case_mix_rate,",
        "coalesce(histories.case_mix_rate, 0.1) + facts.has_adverse_event as case_mix_rate,",
        EARLIER,
    ),
    "rows that are lost": (
        "cross join newest",
        "cross join newest\n    where facts.cpt <> '27130'",
        EARLIER,
    ),
}
#: What a plant adds is declared, or the contract of the table would stop it before its leak does.
ADDED = {"as course": ("course", "text"), "as cell_rate": ("cell_rate", "real")}
#: A window that a plant may use.
CELL = "\n    window cell as (partition by facts.cpt, facts.age_band, facts.sex)"


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A copy of the dbt project that the next build uses."""
    # other tests write there meanwhile
    without = shutil.ignore_patterns("target", "logs")
    copy = tmp_path / "icon_dbt"
    shutil.copytree(dbt_project.DBT_PROJECT_DIR, copy, ignore=without)
    *others, _ = Project.__init__.__defaults__
    monkeypatch.setattr(Project.__init__, "__defaults__", (*others, copy))
    return copy


@pytest.mark.parametrize("leak", PLANTS)
def test_a_planted_leak_fails_the_build_and_publishes_nothing(sample_home, tmp_path, project, leak):
    home = Path(shutil.copytree(sample_home, tmp_path / "home"))
    before = contents(home, ("feat_", "training_"))
    written, planted, test = PLANTS[leak]
    text = (project / VIEW).read_text(encoding="utf-8")
    assert text.count(written) == 1
    text = text.replace(written, planted)
    if "over cell" in planted:
        text = text.replace("cross join newest", f"cross join newest{CELL}")
    (project / VIEW).write_text(text, encoding="utf-8")
    declaration = (project / VIEW).with_suffix(".yml")
    for added, (name, data_type) in ADDED.items():
        if added in planted:
            columns = f"columns:\n      - {{name: {name}, data_type: {data_type}}}"
            declared = declaration.read_text(encoding="utf-8").replace("columns:", columns, 1)
            declaration.write_text(declared, encoding="utf-8")
    with pytest.raises(RunFailed, match=test):
        runs.run_now(load_settings(home=home), verb="build", layers=[Layer.FEATURE_STORE.label])
    assert differences(before, contents(home, ("feat_", "training_"))) == []
