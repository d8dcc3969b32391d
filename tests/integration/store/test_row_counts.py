"""Counts kept by the build: right, and not believed once they may be wrong."""

import shutil

import pytest

from pipeline.config import Settings, load_settings
from pipeline.store.browse.tables import row_count
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import relation_names
from pipeline.store.warehouse import row_counts


@pytest.fixture
def own_home(sample_home, tmp_path) -> Settings:
    return load_settings(home=shutil.copytree(sample_home, tmp_path / "sample"))


def test_the_build_kept_the_rows_of_every_table_and_view(sample_home):
    with open_warehouse(load_settings(home=sample_home)) as connection:
        counted = {
            name: row_count(connection, name)
            for name in relation_names(connection)
            if not name.startswith("ops_")
        }
        assert row_counts.recorded(connection) == counted


def test_counts_are_dropped_when_another_build_made_a_table_anew(own_home):
    with open_warehouse(own_home, write=True) as connection:
        connection.execute(
            "create table std_encounters_new as select * from std_encounters limit 1"
        )
        assert row_counts.recorded(connection) == {}


def test_delivered_rows_are_counted_anew_when_a_load_waits(own_home):
    with open_warehouse(own_home, write=True) as connection:
        connection.execute("update ops_loads set status = 'undone' where load_id = 'L00001'")
        counts = row_counts.recorded(connection)
    assert "std_patients" in counts and not any(name.startswith("raw_") for name in counts)


@pytest.mark.parametrize("entity", ["encounters", "patients", "referrals"])
def test_waiting_rows_are_found_through_their_index(sample_home, entity):
    with open_warehouse(load_settings(home=sample_home)) as connection:
        plan = str(
            connection.execute(f"explain query plan select * from quarantine_{entity}").fetchall()
        )
    assert f"ix_row_verdicts_{entity}__waiting" in plan
