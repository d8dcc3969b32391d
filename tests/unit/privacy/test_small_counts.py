"""No count of one to ten people stands in a file, whatever kind of number it is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.privacy.cell_policy import REFERRAL_CELL, hide
from pipeline.privacy.shown_rows import ShownRows
from pipeline.privacy.small_counts import in_elevens, is_few, row_tells_few, tells_few


@pytest.mark.parametrize("kind", [int, float, np.int64, np.float64])
def test_one_to_ten_is_few_and_nobody_is_not(kind):
    assert [number for number in range(14) if is_few(kind(number))] == list(range(1, 11))
    assert not row_tells_few(kind(30), kind(11), kind(19))
    assert row_tells_few(kind(30), kind(4)) and row_tells_few(kind(30), kind(26))


@pytest.mark.parametrize("other", [None, "4", True, float("nan"), "1-10"])
def test_what_is_no_number_is_not_few(other):
    assert not is_few(other) and not row_tells_few(30, other) and not row_tells_few(other, 30)
    assert not tells_few(other, "share")


@pytest.mark.parametrize("share", [0.05, 0.5, 1, 15.0, 91.7])
def test_a_share_of_some_may_be_few_whatever_its_size(share):
    assert tells_few(share, "share") and not tells_few(0, "share")
    assert tells_few(share, "count") == (0 < share < 11)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_no_part_of_a_row_can_be_worked_out_of_the_others(parts):
    """Parts add up to the total, which is shown when it is not few itself."""
    total = sum(parts)
    if row_tells_few(total, *parts):
        return  # no part is shown, so all that is known is their sum
    assert not [part for part in parts if 0 < part < 11]
    for shown in range(1, 2 ** len(parts)):
        rest = total - sum(part for place, part in enumerate(parts) if shown >> place & 1)
        assert rest == 0 or rest >= 11


def test_two_numbers_in_elevens_never_differ_by_one_to_ten():
    told = {in_elevens(number) for number in range(200)}
    assert all(abs(one - other) not in range(1, 11) for one in told for other in told)


def test_a_whole_number_counts_people_unless_it_is_said_otherwise():
    frame = pd.DataFrame(
        {
            "referrals": [3, 12, 0],
            "providers": [3, 12, 0],
            "some": [4.0, None, 30.0],
            "written": ["4", "5", "6"],
            "miles": [4.0, 4.5, 5.0],
        }
    ).assign(kept=pd.array([None, 30, 40], dtype="Int64"))
    shown = ShownRows(frame, of_nobody=("providers",))
    assert shown.frame["referrals"].isna().tolist() == [True, False, False]
    assert shown.frame["some"].isna().tolist() == [True, True, False]
    assert shown.frame["kept"].isna().tolist() == [True, False, False]
    for name in ("providers", "written", "miles"):
        assert shown.frame[name].tolist() == frame[name].tolist()
    told = {each["name"]: each.get("small_counts_left_out") for each in shown.column_records()}
    assert told.pop("referrals") == told.pop("some") == 1 and set(told.values()) == {None}


def test_a_small_number_of_referrals_takes_others_with_it():
    numbers = {
        **{("a", "x"): 4, ("a", "y"): 30, ("a", "z"): 40},
        **{("b", "x"): 20, ("b", "y"): 25, ("b", "z"): 0},
    }
    cells = hide([], [], [], [(*pair, n) for pair, n in numbers.items()]).of(REFERRAL_CELL)
    assert {("a", "x"), ("b", "x"), ("a", "y"), ("b", "y")} == cells
