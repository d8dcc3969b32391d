"""The engine that is asked for must be one that the project knows."""

from dataclasses import replace

import pytest

from pipeline.errors import InputRefused
from pipeline.transform.dbt_project import DbtProject


def test_a_target_without_a_profile_is_refused_with_those_there_are(published, project_dir):
    with pytest.raises(InputRefused, match="no_such_engine: unknown target .targets: sqlite"):
        DbtProject(replace(published, target="no_such_engine"), project_dir=project_dir).parse()
