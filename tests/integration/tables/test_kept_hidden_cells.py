"""The hidden cells that a large build keeps are those that the counts give, and nobody believes
them once the counts or the rule are others.
"""

import pytest

from pipeline.orchestrate import build
from pipeline.orchestrate.queue import RunRequest
from pipeline.orchestrate.runner import run_here
from pipeline.privacy import cells_of_build
from pipeline.privacy.cell_policy import KINDS, REFERRAL_CELL, RISK_CELL, hide
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import kept_answers
from tests.warehouse import copied

GRAINS = (*KINDS, RISK_CELL, REFERRAL_CELL)


@pytest.fixture
def own_home(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "sample")
    with open_warehouse(settings, write=True) as connection:
        cells_of_build.keep(connection)
    return settings


def kept(connection) -> str | None:
    counts = cells_of_build._counts(connection)
    return kept_answers.answer(connection, cells_of_build.QUESTION, cells_of_build._digest(counts))


def worked_out(connection):
    return hide(*cells_of_build._counts(connection))


def all_of(hidden) -> dict:
    return {
        (grain, in_files): hidden.of(grain, in_files)
        for grain in GRAINS
        for in_files in (False, True)
    }


def test_what_was_kept_is_what_the_counts_give(own_home):
    with open_warehouse(own_home) as connection:
        assert kept(connection) is not None
        read = all_of(cells_of_build.hidden_cells(connection))
        assert read == all_of(worked_out(connection))
        assert all(read[grain, True] for grain in KINDS)


@pytest.mark.parametrize("is_large", [True, False])
def test_a_build_keeps_them_where_a_visitor_would_wait(
    sample_home, tmp_path, monkeypatch, is_large
):
    settings = copied(sample_home, tmp_path / "sample")
    monkeypatch.setattr(build, "MANY_CELLS", 1 if is_large else 1_000_000)
    assert run_here(settings, RunRequest(layers=("enterprise_datasets",))).status == "succeeded"
    with open_warehouse(settings) as connection:
        assert (kept(connection) is not None) == is_large


def test_what_was_kept_is_read_and_not_worked_out_again(own_home):
    with open_warehouse(own_home, write=True) as connection:
        connection.execute('update ops_kept_answers set answer = \'[[[["npi"], [["1"]]]], []]\'')
        assert cells_of_build.hidden_cells(connection).of(("npi",)) == {("1",)}


@pytest.mark.parametrize("table, columns", cells_of_build.COUNTS)
def test_an_answer_to_other_counts_is_not_believed(own_home, table, columns):
    """As after a build by bare dbt, which keeps nothing: one number of any column is another."""
    with open_warehouse(own_home, write=True) as connection:
        connection.execute("update ops_kept_answers set answer = '[[], []]'")
        for column in columns:
            connection.execute("savepoint other")
            connection.execute(
                f"update {table} set {column} = coalesce({column}, '') || '1' "
                f"where rowid = (select max(rowid) from {table})"
            )
            assert kept(connection) is None, column
            assert all_of(cells_of_build.hidden_cells(connection)) == all_of(worked_out(connection))
            connection.execute("rollback to other")
        assert kept(connection) == "[[], []]"


def test_an_answer_by_another_rule_is_not_believed(own_home, monkeypatch):
    with open_warehouse(own_home, write=True) as connection:
        assert kept(connection) is not None
        monkeypatch.setattr(cells_of_build, "_rule", lambda: b"another rule")
        assert kept(connection) is None
        cells_of_build.keep(connection)
        assert kept(connection) is not None
        assert connection.execute("select count(*) from ops_kept_answers").fetchone() == (1,)


def test_a_home_of_an_earlier_version_works_it_out(own_home):
    with open_warehouse(own_home, write=True) as connection:
        connection.execute("drop table ops_kept_answers")
        assert all_of(cells_of_build.hidden_cells(connection)) == all_of(worked_out(connection))
