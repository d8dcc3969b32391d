"""REF-08: somebody else with the same sex and date of birth is remarked on only where chance would
rarely bring that about.
"""

from pipeline.config import load_settings
from pipeline.services.run import runs
from tests.factories import patient, referral, small_world, write_delivery
from tests.warehouse import query

RULE = "referrals__birth_date__not_under_other_id"
#: 1 - exp(-38 / 365) is still under one in ten, 1 - exp(-39 / 365) is not
RARE = 38


def born_in_1931(number: int) -> dict:
    """One man; his birthday is that of nobody else."""
    return patient(
        number, gender="male", birth_date=f"1931-{1 + number % 12:02}-{1 + number // 12 % 28:02}"
    )


def remarks(home) -> list[tuple]:
    return query(
        home,
        "select checked.patient_id from dq_referrals as dq inner join row_verdicts_referrals as checked using (_row_id) "
        "where dq.rule_name = ?",
        RULE,
    )


def test_a_shared_birthday_is_remarked_on_until_the_year_is_crowded(tmp_path):
    rows, home = small_world(), tmp_path / "home"
    rows["patients"] += [born_in_1931(number) for number in range(200, 200 + RARE)]
    rows["referrals"] += [referral(61, gender="male", birth_date=born_in_1931(205)["birth_date"])]
    write_delivery(tmp_path / "first", **rows)
    write_delivery(tmp_path / "second", patients=[born_in_1931(200 + RARE)])

    runs.run_now(
        load_settings(home=home), verb="run", layers=["landing_zone"], paths=[tmp_path / "first"]
    )
    assert remarks(home) == [(referral(61)["patient_id"],)]

    runs.run_now(
        load_settings(home=home), verb="run", layers=["landing_zone"], paths=[tmp_path / "second"]
    )
    assert remarks(home) == []
