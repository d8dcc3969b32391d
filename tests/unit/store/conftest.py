"""A warehouse with nothing in it."""

import pytest

from pipeline.config import load_settings
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.migrations import migrate_warehouse


@pytest.fixture
def home(tmp_path):
    """Settings of a home whose warehouse has its own tables and no delivery."""
    settings = load_settings(home=tmp_path / "home")
    with open_warehouse(settings, write=True) as connection:
        migrate_warehouse(connection)
    return settings
