"""Nobody stands in a class of fewer than eleven people, counted by another way than the program
counts; and no order leads from one export to the next.
"""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.privacy.encoded_rows import EncodedRows
from pipeline.privacy.equivalence_classes import (
    MOST_EMPTIED,
    SMALLEST_CLASS,
    generalise,
    rounded,
    smallest_class,
)


def smallest(frame: pd.DataFrame, columns: list[str], person: str | None) -> int:
    """People in the smallest class, the plain way."""
    groups: dict[tuple, set] = defaultdict(set)
    for place, row in enumerate(frame.to_dict("records")):
        who = row[person] if person and not pd.isna(row[person]) else ("alone", place)
        groups[tuple("" if pd.isna(row[name]) else row[name] for name in columns)].add(who)
    return min(map(len, groups.values()))


@st.composite
def tables(draw):
    rows = draw(st.integers(SMALLEST_CLASS, 300))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    frame = pd.DataFrame(
        {
            "who": chance.integers(0, draw(st.integers(SMALLEST_CLASS, 400)), rows).astype(str),
            "sex": chance.choice(["female", "male"], rows),
            "age": [str(age) if age < 90 else "90+" for age in chance.integers(18, 100, rows)],
            "born": chance.integers(1930, 2000, rows).astype(str),
            "npi": chance.integers(0, draw(st.integers(1, 40)), rows).astype(str),
            "paid": chance.lognormal(9, 1, rows),
        },
        dtype=object,
    )
    gaps = chance.random(frame.shape) < draw(st.sampled_from([0.0, 0.1, 0.9]))
    gaps[:, 0] = False
    return frame.mask(gaps, None)


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from([None, "who"]))
def test_no_class_is_small_and_few_rows_lose_their_cells(frame, person):
    if person and frame.who.nunique() < SMALLEST_CLASS:
        return
    rows = EncodedRows([frame[:50], frame[50:]])
    asked = ["sex", "age", "born", "npi", "paid"]
    found = generalise(rows, asked, ["age"], ["born"], person)
    left = [name for name in asked if name in rows.columns]
    written = pd.concat(rows.in_random_order(), ignore_index=True)
    assert len(written) == len(frame)
    assert found.k == smallest(written, left, person) >= SMALLEST_CLASS
    assert found.emptied <= MOST_EMPTIED * len(frame)
    assert {name for name, word in found.coarser.items() if word == "left out"} == set(asked) - set(
        left
    )


@settings(max_examples=40, deadline=None)
@given(tables(), st.sampled_from([None, "who"]))
def test_the_smallest_class_is_the_one_that_is_counted_by_hand(frame, person):
    columns = ["sex", "age", "npi"]
    assert smallest_class(EncodedRows([frame]), columns, person) == smallest(frame, columns, person)


def test_rows_keep_their_cells_together_in_a_new_order_each_time():
    frame = pd.DataFrame(
        {"a": range(500), "b": [f"v{n}" for n in range(500)], "c": [None, 1] * 250}
    )
    orders = []
    for _ in range(2):
        written = pd.concat(EncodedRows([frame]).in_random_order(rows=77), ignore_index=True)
        assert (written.b == "v" + written.a.astype(str)).all()
        assert sorted(written.a) == list(range(500)) and written.c.isna().sum() == 250
        orders.append(written.a.astype(int).to_numpy())
    first, second = orders
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.25
    assert abs(np.corrcoef(first, np.arange(500))[0, 1]) < 0.25
    assert (first == second).sum() < 10


def test_the_order_owes_nothing_to_a_seed(monkeypatch):
    frame = pd.DataFrame({"a": range(200)})
    orders = []
    for _ in range(2):
        np.random.seed(1)
        (piece,) = EncodedRows([frame]).in_random_order()
        orders.append(piece.a.tolist())
    assert orders[0] != orders[1]


@pytest.mark.parametrize(
    ("value", "digits", "answer"),
    [
        (20061, 2, 20000),
        (12345.678, 2, 12000.0),
        (0.0123, 2, 0.012),
        (-98765, 1, -100000),
        (0, 2, 0),
        (7, 2, 7),
        ("x", 2, "x"),
        (True, 1, True),
    ],
)
def test_numbers_are_rounded_by_their_digits(value, digits, answer):
    assert rounded(value, digits) == answer and type(rounded(value, digits)) is type(value)


def test_an_empty_table_has_no_class_and_one_empty_piece():
    rows = EncodedRows([pd.DataFrame({"a": [], "b": []})])
    assert smallest_class(rows, ["a"], None) == 0
    (piece,) = rows.in_random_order()
    assert list(piece) == ["a", "b"] and piece.empty
