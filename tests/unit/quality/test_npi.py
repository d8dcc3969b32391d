"""The check digit of an NPI."""

import pytest
from hypothesis import given, strategies

from pipeline.quality.npi import check_digit, completed, is_valid

NINE = strategies.text("0123456789", min_size=8, max_size=8).map(lambda rest: "2" + rest)


def test_the_published_example_passes_and_its_neighbours_fail():
    assert is_valid("1234567893")
    assert not any(is_valid(f"123456789{digit}") for digit in "012456789")


@given(NINE)
def test_every_nine_digits_have_exactly_one_tenth(nine):
    assert [is_valid(nine + digit) for digit in "0123456789"].count(True) == 1
    assert is_valid(completed(nine))


@given(NINE, strategies.integers(0, 8), strategies.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(nine, place, step):
    npi = completed(nine)
    wrong = npi[:place] + str((int(npi[place]) + step) % 10) + npi[place + 1 :]
    assert not is_valid(wrong)


@pytest.mark.parametrize(
    "text", [None, "", "123456789", "12345678930", "3234567893", "１234567893", "12345678 3"]
)
def test_what_is_no_npi_is_not_valid(text):
    assert not is_valid(text)


def test_only_nine_digits_can_be_completed():
    with pytest.raises(ValueError, match="nine digits"):
        check_digit("12345678")
