"""A tiny dbt project and a home for it; `published` has been built once."""

import shutil

import pytest

from pipeline.config import load_settings
from tests.integration.transform.tiny_project import build_all, write_project


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    build_all(load_settings(home=folder / "home"), write_project(folder / "project"))
    return folder


@pytest.fixture
def project_dir(tmp_path):
    return write_project(tmp_path / "project")


@pytest.fixture
def published(tmp_path, built_once):
    shutil.copytree(built_once / "home", tmp_path / "home")
    return load_settings(home=tmp_path / "home")
