"""What was recorded of the build of one home leads through that of another, whichever files
came.
"""

import itertools
import random

from pipeline.declared.sources import source_names
from pipeline.transform.dbt_project import DbtProject
from tests.subsets import build

#: Whose rows wait at the gate, so that its landing zone is judged twice.
HELD = ("providers",)


def test_a_plan_that_one_set_of_files_left_leads_through_others(tmp_path, monkeypatch):
    build(tmp_path / "recorded", HELD)
    left_to_dbt, by_dbt = [], DbtProject.build

    def note(self, layer, *arguments, **named):
        left_to_dbt.append((absent, layer.label))
        return by_dbt(self, layer, *arguments, **named)

    monkeypatch.setattr(DbtProject, "build", note)
    sets = [
        absent
        for size in range(len(source_names()))
        for absent in itertools.combinations(source_names(), size)
    ]
    for number, absent in enumerate(random.Random(20261130).sample(sets, 6)):
        build(tmp_path / str(number), absent)
    assert left_to_dbt == []
