"""A tiny dbt project and a home for it; `published` has been built once."""

import shutil

import pytest

from pipeline.config import Settings, load_settings
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.home_files import prepare_home
from tests.integration.transform.planned_builds import ASKING
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


@pytest.fixture
def asking(project_dir):
    for name, text in ASKING.items():
        (project_dir / name).write_text(text, encoding="utf-8")
    return project_dir


@pytest.fixture
def home(tmp_path) -> Settings:
    settings = load_settings(home=tmp_path / "plan_home", plan_dir=tmp_path / "plans")
    prepare_home(settings)
    with open_warehouse(settings, write=True) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table outside (id integer)")
    return settings
