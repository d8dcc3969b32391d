"""A page of a sorted table, wherever it lies, holds the rows that a sort in Python puts there."""

import sqlite3
from unittest.mock import patch

import pytest
from hypothesis import given, settings, strategies

from pipeline.store.browse.emptied_cells import Emptying
from pipeline.store.browse.filters import Filter
from pipeline.store.browse.masked_views import mask_table
from pipeline.store.browse.sorted_pages import Order, _bounds
from pipeline.store.browse.tables import table_page

CELLS = strategies.tuples(
    strategies.sampled_from(["A", "B"]),
    strategies.none() | strategies.integers(0, 4),
    strategies.none() | strategies.sampled_from(["x", "y", ""]),
)


@settings(deadline=None)
@given(
    rows=strategies.lists(CELLS, max_size=40),
    hidden=strategies.booleans(),
    indexed=strategies.booleans(),
    gone=strategies.sets(strategies.integers(1, 40), max_size=5),
    sort=strategies.sampled_from(["paid", "code", "name"]),
    descending=strategies.booleans(),
    limit=strategies.integers(1, 9),
    offset=strategies.integers(0, 40),
    filters=strategies.sampled_from(
        [(), (Filter("code", "is not", "x"),), (Filter("paid", "at least", 1),)]
    ),
    guess=strategies.sampled_from(
        [
            {"NEAR_ROWS": 1_000},
            {},
            {"SAMPLED_KEYS": 10, "DEVIATIONS": 0.5},
            {"SAMPLED_KEYS": 4, "DEVIATIONS": 0},
        ]
    ),
)
def test_a_page_holds_the_rows_that_a_sort_in_python_puts_there(
    rows, hidden, indexed, gone, sort, descending, limit, offset, filters, guess
):
    opened = sqlite3.connect(":memory:")
    opened.execute("create table visit (name text, paid integer, code text, number integer)")
    opened.executemany(
        "insert into visit values (?, ?, ?, ?)",
        [(*row, number) for number, row in enumerate(rows, 1)],
    )
    opened.executemany("delete from visit where number = ?", [(number,) for number in gone])
    if indexed:
        opened.execute("create index by_name on visit (name, code)")
    if hidden:
        emptying = Emptying(("paid",), key=("name",), hidden={("B",)})
        mask_table(opened, "visit", [emptying], {}, "visit_behind")
    visible = [
        (name, None if hidden and name == "B" else paid, code, number)
        for number, (name, paid, code) in enumerate(rows, 1)
        if number not in gone
    ]
    meets = {
        "is not": lambda row: row[2] != "x",
        "at least": lambda row: row[1] is not None and row[1] >= 1,
    }
    place = ["name", "paid", "code"].index(sort)
    expected = sorted(
        (row for row in visible if all(meets[condition.operator](row) for condition in filters)),
        key=lambda row: (False, row[3]) if row[place] is None else (True, row[place], row[3]),
        reverse=descending,
    )
    with patch.multiple("pipeline.store.browse.sorted_pages", **{"NEAR_ROWS": 0, **guess}):
        page = table_page(opened, "visit", filters, sort, descending, limit, offset)
    assert list(page.columns) == ["name", "paid", "code", "number"]
    page_rows = page.astype(object).where(page.notna(), None)
    assert list(page_rows.itertuples(index=False, name=None)) == expected[offset : offset + limit]
    opened.close()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("offset", [0, 999, 25_000, 49_990])
def test_a_page_far_down_sorts_only_the_rows_around_it(offset, descending):
    opened = sqlite3.connect(":memory:")
    opened.execute("create table visit (name text, paid integer)")
    values = [(f"n{number * 7919 % 50_021}", number * 104_729 % 977) for number in range(50_000)]
    opened.executemany("insert into visit values (?, ?)", values)
    expected = sorted(
        ((paid, number, name) for number, (name, paid) in enumerate(values)), reverse=descending
    )[offset : offset + 20]
    with patch("pipeline.store.browse.sorted_pages.SAMPLED_KEYS", 2_000):
        page = table_page(
            opened, "visit", sort="paid", descending=descending, limit=20, offset=offset
        )
        assert page["name"].tolist() == [name for _, _, name in expected]
        if offset > 999:
            low, high = _bounds(opened, Order('"visit"', "", (), '"paid"', descending), 20, offset)
            assert low is not None and (high is None) == (offset > 49_000)
    opened.close()
