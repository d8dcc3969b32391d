"""The engine that is asked for must be one that the project knows."""

from dataclasses import replace

import pytest

from pipeline.errors import InputRefused
from pipeline.transform.one_transaction import SharedTransaction
from pipeline.transform.project import Project


def test_a_target_without_a_profile_is_refused_with_those_there_are(published, project_dir):
    with pytest.raises(InputRefused, match="no_such_engine: unknown target .targets: sqlite"):
        settings = replace(published, target="no_such_engine")
        Project(settings, SharedTransaction(None), project_dir=project_dir).parse()
