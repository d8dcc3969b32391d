"""Homes of these tests: the sample built once and copied, and rules without a build."""

import shutil

import pytest

from pipeline.config import load_settings
from pipeline.orchestrate import empty_warehouse


@pytest.fixture
def own(sample_home, tmp_path):
    return load_settings(home=shutil.copytree(sample_home, tmp_path / "home"))


@pytest.fixture(scope="module")
def rules(parsed_project, tmp_path_factory):
    """The empty warehouse of a home in which nothing was built."""
    settings = load_settings(home=tmp_path_factory.mktemp("rules") / "home")
    target = empty_warehouse.empty_settings(settings).dbt_dir / "target"
    target.mkdir(parents=True)
    shutil.copy(parsed_project, target)
    empty_warehouse.build(settings)
    return settings.home / empty_warehouse.FOLDER
