"""A cell whose shape is not that of its column does not leave: ids, dates and codes in columns of
words.
"""

import random

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.declared.vocabulary import shapes
from pipeline.privacy.cell_shapes import is_luhn_valid, is_plain_text, shape_of_column
from pipeline.synthetic.identifiers import luhn_check_digit

CHANCE = random.Random(15)
IDS = [
    "1000175",
    "VELHLZPZDJFQ3K5S6RS3POSC7M======",
    "003518421",
    "5000175|27130|91003",
    "100-01-75",
    "100 01 75",
    "1_000_175",
]
DAYS = ["1950-06-01", "6/1/1950", "01.06.1950", "1 / 6 / 50", "19500601", "1950-06-01 00:00:00"]


@pytest.mark.parametrize("value", [*IDS, *DAYS, "a@b.org", "https://x", "<b>x</b>", "x" * 500])
def test_no_id_no_day_and_no_address_is_plain_text(value):
    assert not is_plain_text(value) and not shape_of_column("verdict", "text")(value)
    assert not is_plain_text(f"seen {value} here")


@pytest.mark.parametrize(
    "value",
    [
        "male",
        "75–84 years",
        "11-24",
        "ENC-09",
        "within_25_miles",
        "Belwick, Pelis",
        "90+",
        "low",
        "0-64",
    ],
)
def test_words_and_short_numbers_are(value):
    assert shape_of_column("verdict", "text")(value)


def test_a_number_column_holds_numbers():
    fits = shape_of_column("paid_amount_usd", "real")
    assert fits(12.5) and fits(7) and not fits("Jane Doe") and not fits("12.5")


def test_a_column_of_a_source_has_the_shape_that_its_rule_declares():
    fits = shape_of_column("npi", "text")
    assert fits("2881158705") and not fits("1000175") and not fits("2881158706")
    assert shape_of_column("cpt_set_to_date", "text")('["27130","29806"]')
    assert not shape_of_column("cpt_set_to_date", "text")("27130|1000175")
    assert shape_of_column("zip5", "text")("334") and not shape_of_column("zip5", "text")(
        "000-00-0000"
    )


def test_every_declared_shape_is_known():
    asked = {
        rule.arguments["shape"]
        for contract in load_contracts().values()
        for rule in contract.rules
        if rule.kind == "matches"
    }
    assert asked <= shapes().keys()


def test_bookkeeping_holds_moments_and_digests():
    fits = shape_of_column("_build_id", "text", is_technical=True)
    assert fits("3e46820a056b") and fits("2026-11-28T14:40:00Z") and not fits("Jane Doe")


def test_days_of_people_leave_only_where_the_profile_lets_them():
    assert shape_of_column("birth_date", "text", has_days=True)("1950-06-01")
    assert not shape_of_column("birth_date", "text", has_days=True)("Jane Doe")


def test_random_ids_of_any_length_do_not_pass_for_words():
    for _ in range(500):
        digits = "".join(CHANCE.choices("0123456789", k=CHANCE.randrange(5, 13)))
        at = CHANCE.randrange(1, len(digits))
        for text in (digits, f"{digits[:at]}-{digits[at:]}", f"no. {digits}", f"({digits})"):
            assert not is_plain_text(text), text


def test_the_check_digit_of_an_npi():
    for _ in range(200):
        nine = "2" + "".join(CHANCE.choices("0123456789", k=8))
        valid = [digit for digit in "0123456789" if is_luhn_valid(nine + digit)]
        assert valid == [luhn_check_digit(nine)]
