"""Sums kept by the build: right, and not believed once they may be wrong."""

import math
import shutil

import pytest

from pipeline.config import Settings, load_settings
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import sums

PAID = ("std_encounters", "paid_amount_usd")


@pytest.fixture
def own_home(sample_home, tmp_path) -> Settings:
    return load_settings(home=shutil.copytree(sample_home, tmp_path / "sample"))


def amounts(connection) -> list[float]:
    return [
        amount
        for (amount,) in connection.execute(
            "select paid_amount_usd from std_encounters where paid_amount_usd is not null"
        )
    ]


def test_the_build_kept_the_dollars_of_silver(sample_home):
    with open_warehouse(load_settings(home=sample_home)) as connection:
        totals = dict(
            connection.execute(
                "select table_name || '.' || column_name, total from ops_table_sums"
            ).fetchall()
        )
        assert totals == {".".join(PAID): pytest.approx(math.fsum(amounts(connection)))}


def test_a_kept_sum_is_read_and_not_added_up_again(own_home):
    with open_warehouse(own_home, write=True) as connection:
        connection.execute("update ops_table_sums set total = 12.5")
        assert sums.total(connection, *PAID) == 12.5


@pytest.mark.parametrize(
    "change", ["create table another_build as select 1 as one", "drop table ops_table_sums"]
)
def test_a_sum_that_may_be_wrong_or_is_missing_is_added_up(own_home, change):
    with open_warehouse(own_home, write=True) as connection:
        connection.execute("update ops_table_sums set total = 12.5")
        connection.execute(change)
        assert sums.total(connection, *PAID) == pytest.approx(math.fsum(amounts(connection)))


def test_before_the_first_build_the_sum_is_nothing(own_home):
    with open_warehouse(own_home, write=True) as connection:
        connection.execute("drop table std_encounters")
        assert sums.total(connection, *PAID) == 0.0
