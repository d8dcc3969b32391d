"""Any table in pages: values are bound, identifiers are checked, filters mean what they say."""

import sqlite3

import pytest
from hypothesis import given, strategies

from pipeline.errors import InputRefused
from pipeline.store.browse.aggregates import aggregates, grouped, sampled
from pipeline.store.browse.filters import Filter
from pipeline.store.browse.masked_views import CATALOGUES, authorize, hidden_name, mask_table
from pipeline.store.browse.tables import row_count, table_page


@pytest.fixture
def connection():
    """Four rows; one name is empty, one has a quote."""
    opened = sqlite3.connect(":memory:")
    opened.execute("create table visit (name text, paid real, code text)")
    opened.executemany(
        "insert into visit values (?, ?, ?)",
        [
            ("Ann", 10.0, "00123"),
            ("Bob", 2.5, "2E5"),
            ("", None, "x"),
            ("O'Neil; drop table visit", 7.0, "00123"),
        ],
    )
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Filter("name", "is", "Ann"), 1),
        (Filter("name", "is not", "Ann"), 3),
        (Filter("name", "contains", "BO"), 1),
        (Filter("name", "starts with", "o'n"), 1),
        (Filter("paid", "at least", "7"), 2),
        (Filter("paid", "at most", 7), 2),
        (Filter("paid", "more than", 7), 1),
        (Filter("paid", "between", "2.5..7"), 2),
        (Filter("name", "between", "Ann..Bob"), 2),
        (Filter("paid", "is empty"), 1),
        (Filter("name", "is not empty"), 3),
        (Filter("code", "is", "2E5"), 1),
        (Filter("code", "is", "200000"), 0),
        (Filter("code", "is", "123"), 0),
    ],
)
def test_a_filter_keeps_the_rows_that_meet_it(connection, condition, expected):
    assert row_count(connection, "visit", [condition]) == expected
    assert len(table_page(connection, "visit", [condition])) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([Filter("name", "is", "Ann"), Filter("name", "is", "Bob", True)], ["Ann", "Bob"]),
        ([Filter("name", "is", "Ann"), Filter("code", "is", "2E5", True)], []),
        (
            [
                Filter("paid", "less than", 5),
                Filter("code", "is", "2E5"),
                Filter("paid", "is empty", "", True),
            ],
            ["Bob"],
        ),
        (
            [
                Filter("name", "starts with", "B"),
                Filter("name", "is", "Ann"),
                Filter("name", "is", "Bob", True),
            ],
            ["Bob"],
        ),
    ],
)
def test_an_alternative_belongs_to_the_condition_before_it_on_its_column(
    connection, filters, expected
):
    assert table_page(connection, "visit", filters)["name"].tolist() == expected


@pytest.mark.parametrize("value", ["", "1", "1..", "..2", "9..1"])
def test_a_range_without_two_ends_in_order_is_refused(connection, value):
    with pytest.raises(InputRefused):
        row_count(connection, "visit", [Filter("paid", "between", value)])


@given(
    paid=strategies.integers(-(2**62), 2**62) | strategies.floats(-1e9, 1e9) | strategies.none(),
    value=strategies.text(alphabet="0123456789.eE+- x", max_size=8),
    declared=strategies.sampled_from(["integer", "real", "numeric", "text"]),
    operator=strategies.sampled_from(["is", "is not", "at least", "more than", "less than"]),
)
def test_a_typed_number_is_compared_as_sqlite_compares_the_text(paid, value, declared, operator):
    opened = sqlite3.connect(":memory:")
    opened.execute(f"create table visit (paid {declared})")
    opened.execute("insert into visit values (?)", (paid,))
    sign = {"is": "=", "is not": "is not", "at least": ">=", "more than": ">", "less than": "<"}[
        operator
    ]
    (expected,) = opened.execute(
        f"select count(*) from visit where paid {sign} ?", (value,)
    ).fetchone()
    assert row_count(opened, "visit", [Filter("paid", operator, value)]) == expected
    opened.close()


def test_rows_are_sorted_and_paged_by_the_database(connection):
    page = table_page(connection, "visit", sort="paid", descending=True, limit=2, offset=1)
    assert page["paid"].tolist() == [7.0, 2.5]


@pytest.mark.parametrize(
    "call",
    [
        lambda connection: table_page(connection, "visit; drop table visit"),
        lambda connection: table_page(connection, "visit", sort="paid desc; --"),
        lambda connection: table_page(connection, "visit", [Filter("paid) or (1", "is", 1)]),
        lambda connection: table_page(connection, "visit", [Filter("paid", "like", 1)]),
        lambda connection: grouped(connection, "visit", "name", "paid", "sum(paid)"),
    ],
)
def test_an_unknown_name_is_refused_before_it_reaches_a_statement(connection, call):
    with pytest.raises(InputRefused):
        call(connection)
    assert row_count(connection, "visit") == 4


@given(
    strategies.text(),
    strategies.sampled_from(["is", "is not", "contains", "starts with", "at least", "at most"]),
)
def test_no_value_can_change_the_statement(value, operator):
    opened = sqlite3.connect(":memory:")
    opened.execute("create table visit (name text)")
    opened.execute("insert into visit values (?)", (value.replace("\x00", ""),))
    assert row_count(opened, "visit", [Filter("name", operator, value.replace("\x00", ""))]) in (
        0,
        1,
    )
    opened.close()


def test_groups_come_largest_first_and_sums_add_up(connection):
    assert grouped(connection, "visit", "code")["value"].tolist() == [2, 1, 1]
    assert (
        grouped(connection, "visit", "code", "paid", "sum")["value"].sum()
        == aggregates(connection, "visit", "paid")["sum"]
    )


def test_a_sample_is_even_and_bounded(connection):
    connection.executemany(
        "insert into visit values ('n', ?, 'c')", [(number,) for number in range(100)]
    )
    assert len(sampled(connection, "visit", ["paid"], limit=10)) <= 10
    assert sampled(connection, "visit", ["paid"], limit=13)["paid"].tolist() == [
        float(number) for number in range(3, 100, 8)
    ]
    connection.execute("delete from visit where paid < 70")
    assert 5 <= len(sampled(connection, "visit", ["paid"], limit=10)) <= 10


@given(
    text=strategies.text(alphabet="aB%_\\é", max_size=6),
    part=strategies.text(alphabet="Ab%_\\é", max_size=3),
)
def test_a_text_holds_a_part_whatever_its_case_and_signs(text, part):
    opened = sqlite3.connect(":memory:")
    opened.execute("create table visit (name text)")
    opened.execute("insert into visit values (?)", (text,))
    assert row_count(opened, "visit", [Filter("name", "contains", part)]) == (
        part.lower() in text.lower()
    )
    opened.close()


def test_a_value_that_no_search_can_take_is_refused(connection):
    with pytest.raises(InputRefused, match="at most 10,000"):
        row_count(connection, "visit", [Filter("name", "contains", "x" * 60_000)])


def test_a_view_is_sorted_and_paged_far_down_as_well(connection, monkeypatch):
    monkeypatch.setattr("pipeline.store.browse.sorted_pages.NEAR_ROWS", 0)
    connection.execute("create view seen as select * from visit")
    assert table_page(connection, "seen", sort="paid", limit=1, offset=3)["name"].tolist() == [
        "Ann"
    ]


def test_a_temporary_view_in_front_of_a_table_is_what_is_sorted_and_paged(connection, monkeypatch):
    monkeypatch.setattr("pipeline.store.browse.sorted_pages.NEAR_ROWS", 0)
    connection.execute(
        "create temp view visit as select name, 1 - paid as paid from main.visit where paid is not null"
    )
    assert table_page(connection, "visit", sort="paid", limit=1, offset=2)["name"].tolist() == [
        "Bob"
    ]


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_a_connection_that_is_watched_may_ask_a_catalogue_for_the_first_time(connection, catalogue):
    hidden = hidden_name("visit")
    mask_table(connection, "visit", (), {"name": "'masked'"}, hidden)
    authorize(connection, {"visit": hidden}, frozenset())
    connection.execute(f"select count(*) from {catalogue}").fetchall()
    assert {name for (name,) in connection.execute("select name from visit")} == {"masked"}
    for forbidden in ("select name from main.visit", "update main.visit set name = 'x'"):
        with pytest.raises(sqlite3.DatabaseError):
            connection.execute(forbidden)
