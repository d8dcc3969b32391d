"""The share of marked referrals: which are counted, over all worlds and in the worst."""

import sqlite3

import pytest

from benchmarks import distinguishable
from tests.warehouse import copied


def test_a_referral_is_marked_once_however_many_of_its_candidates_are(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    before, referrals = distinguishable.marked_referrals(settings)
    with sqlite3.connect(settings.home / "icon_health.db") as warehouse:
        warehouse.execute("update referral_recommendation set is_distinguishable = 0")
        warehouse.execute(
            "update referral_recommendation set is_distinguishable = 1 where referral_id = "
            "(select referral_id from referral_recommendation group by 1 having count(*) > 1 limit 1)"
        )
    warehouse.close()
    assert distinguishable.marked_referrals(settings) == (1, referrals)
    assert before <= referrals and referrals > 100


@pytest.mark.parametrize(("marked", "code"), [((0, 4), 0), ((0, 5), 1)])
def test_shares_are_of_all_referrals_and_more_than_the_goal_is_a_failure(
    marked, code, monkeypatch, capsys
):
    counts = dict(zip((7, 8), marked, strict=True))
    monkeypatch.setattr(distinguishable, "marks", lambda rows, seed, world: (counts[seed], 200))
    assert distinguishable.main(["--seeds", "2", "--first-seed", "7"]) == code
    result = distinguishable.measure(1_000, range(7, 9))
    assert result["share"] == sum(marked) / 400 and result["worst"] == marked[1] / 200
    assert result["worlds_with_a_mark"] == 1
    assert f"{sum(marked)} of 400 referrals marked" in capsys.readouterr().out
