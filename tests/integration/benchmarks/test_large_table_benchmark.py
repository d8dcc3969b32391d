"""The benchmark of a table of ten million rows."""

import shutil

from benchmarks.large_table import FACTS, LOOKS, measure, multiply
from pipeline.config import load_settings
from pipeline.services.tables import browse
from tests.warehouse import query


def test_the_facts_are_multiplied_and_every_look_at_them_is_answered(sample_home, tmp_path):
    home = shutil.copytree(sample_home, tmp_path / "home")
    settings = load_settings(home=home)
    ((once,),) = query(home, f"select count(*) from {FACTS}")
    assert multiply(settings, 3) == 3 * once
    assert query(home, f"select count(distinct encounter_id) from {FACTS}") == [(3 * once,)]
    assert browse.totals(settings, FACTS).everything == 3 * once
    for look in LOOKS:
        assert set(measure(settings, look, 1)) == {"rows", "number", "both"}
