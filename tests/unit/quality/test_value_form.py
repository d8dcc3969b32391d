"""A form says what a value looks like and nothing of what it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.quality.value_form import LONGEST, value_form


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("15.01.1945", "99.99.9999"),
        ("männlich", "a"),
        ("Ward 12", "a 99"),
        ("1,200.50", "9,999.99"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_form_is_what_a_person_sees_first(value, form):
    assert value_form(value) == form


@given(st.text())
def test_a_form_repeats_no_letter_and_no_digit_and_is_short(value):
    form = value_form(value)
    assert {sign for sign in form if sign.isalpha() or sign.isdigit()} <= {"a", "9"}
    assert len(form) <= LONGEST + 1 and bool(form) == bool(value)


@given(st.dates())
def test_dates_written_alike_have_one_form(day):
    assert value_form(day.isoformat()) == "9999-99-99"
