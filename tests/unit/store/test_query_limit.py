"""A query of a screen ends: in time, or when nobody waits for it any more."""

import pandas as pd
import pytest

from pipeline.errors import InputRefused, PipelineError
from pipeline.store.sqlite.database import open_scratch, open_warehouse
from pipeline.store.sqlite.query_limit import limited

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
LONG = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000) select count(*) from n"


@pytest.mark.parametrize("opened", [open_warehouse, open_scratch])
def test_a_query_that_takes_too_long_is_stopped_and_says_what_to_do(home, opened):
    with (
        limited(0.05, lambda: True),
        pytest.raises(PipelineError, match="longer than 0.05 seconds.*filter"),
        opened(home) as connection,
    ):
        connection.execute(ENDLESS).fetchone()


def test_a_query_of_pandas_is_stopped_with_the_same_words(home):
    with (
        limited(0.05, lambda: True),
        pytest.raises(PipelineError, match="seconds and was stopped"),
        open_warehouse(home) as connection,
    ):
        pd.read_sql_query(ENDLESS, connection)


def test_a_query_that_nobody_waits_for_is_stopped_before_its_time(home):
    with (
        limited(3600, lambda: False),
        pytest.raises(PipelineError, match="something else was asked for"),
        open_warehouse(home) as connection,
    ):
        connection.execute(ENDLESS).fetchone()


def test_without_a_limit_nobody_asks_whether_somebody_waits(home):
    statements = []
    with limited(3600, lambda: bool(statements.append(1)) or True):
        pass
    with open_warehouse(home) as connection:
        assert connection.execute(LONG).fetchone() == (200_000,)
    assert statements == []


def test_another_error_inside_the_block_stays_what_it_is(home):
    with (
        limited(3600, lambda: True),
        pytest.raises(InputRefused, match="own"),
        open_warehouse(home),
    ):
        raise InputRefused("own words")
