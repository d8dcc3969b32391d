"""Networks on the sample, worked out a second time from silver, and their sentences at the
edges.
"""

import math
import random

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.services.networks import explain_networks, networks
from tests.warehouse import query


@pytest.fixture(scope="module")
def settings(sample_home):
    return load_settings(home=sample_home)


def test_nothing_is_told_before_gold_is_built(tmp_path):
    assert networks.networks(load_settings(home=tmp_path)) is None


def test_performing_providers_are_the_known_listed_ones_with_an_encounter(settings):
    access = networks.networks(settings)
    counted = query(
        settings.home,
        """
        select m.employer_id, e.cpt, count(distinct m.npi) from std_employer_networks m join std_providers p on p.npi = m.npi
        join std_encounters e on e.npi = m.npi group by 1, 2""",
    )
    performing = {
        (row.employer_id, row.cpt): row.performing
        for row in access.coverage.itertuples()
        if row.performing
    }
    assert performing == {(employer, cpt): providers for employer, cpt, providers in counted}


def test_one_employer_and_one_procedure_narrow_everything(settings):
    access = networks.networks(settings, "91002", "27130")
    for frame in (access.coverage, access.gaps, access.savings):
        assert set(frame["employer_id"]) == {"91002"} and set(frame["cpt"]) == {"27130"}
    assert set(access.roster["employer_id"]) == {"91002"} and set(access.prices["cpt"]) == {
        "27130"
    } == set(access.volumes["cpt"])
    ((referrals,),) = query(
        settings.home,
        "select count(*) from std_referrals where employer_id = '91002' and cpt = '27130'",
    )
    assert access.coverage["referrals"].sum() == access.gaps["referrals"].sum() == referrals


def test_every_listed_provider_of_the_directory_is_on_the_map_or_counted_as_unplaced(settings):
    access = networks.networks(settings)
    ((listed,),) = query(
        settings.home,
        "select count(distinct m.npi) from std_employer_networks m join std_providers p on p.npi = m.npi",
    )
    ((lost,),) = query(
        settings.home,
        """
        select count(distinct m.npi) from std_employer_networks m join std_providers p on p.npi = m.npi
        where p.zip5 is null or p.zip5 not in (select zip5 from zip_centroid)""",
    )
    assert access.providers["providers"].sum() == listed - lost
    assert (f"{lost} provider" in access.unplaced) == (lost > 0)


def test_an_area_with_few_referrals_does_not_tell_how_many(settings):
    access = networks.networks(settings, "91001", "20610")
    assert (
        len(access.demand) and access.demand["words"].str.contains("fewer than 11 referrals").all()
    )
    assert access.demand["referrals"].nunique() == 1


def test_entries_that_need_somebody_come_first(settings):
    statuses = networks.networks(settings).roster["status"].tolist()
    broken = [status for status in statuses if status != "active"]
    assert broken and statuses[: len(broken)] == broken


@pytest.mark.parametrize(
    ("low", "middle", "high", "verdict", "sentence"),
    [
        (
            -434.4,
            29.6,
            493.6,
            "not_distinguishable_from_zero",
            "No saving can be told from chance: $30, between −$434 and $494.",
        ),
        (
            0.0,
            0.0,
            0.0,
            "not_distinguishable_from_zero",
            "Nothing would move: patients already go to whom the score recommends.",
        ),
        (100.0, 200.0, 300.0, "saving", "Probably saves $200, between $100 and $300."),
        (
            -300.0,
            -200.0,
            -100.0,
            "extra_cost",
            "Probably costs $200 more, between −$300 and −$100.",
        ),
        (None, None, None, "not_measured", "Cannot be told: too few encounters in this network."),
        (math.nan, 1.0, 2.0, "saving", "Cannot be told: too few encounters in this network."),
    ],
)
def test_a_saving_is_told_with_its_interval_and_never_as_a_point(
    low, middle, high, verdict, sentence
):
    assert explain_networks.saving(low, middle, high, verdict) == sentence


def test_verdicts_are_words_that_cannot_be_read_two_ways():
    verdict = explain_networks.verdict
    assert verdict(-1.0, 1.0, "not_distinguishable_from_zero") == "cannot be told from chance"
    assert verdict(0.0, -1e-13, "not_distinguishable_from_zero") == "nothing would move"
    assert verdict(1.0, 2.0, "saving") == "saves"
    assert verdict(None, None, "not_measured") == "too few encounters"
    assert verdict(1.0, 2.0, None) == "unknown"


@pytest.mark.parametrize("seed", range(20))
def test_the_sentence_on_all_savings_counts_and_adds_them_up(seed):
    world = random.Random(seed)
    rows, told = [], {"saves": 0, "costs more": 0, "cannot be told from chance": 0}
    total, halves, still = 0.0, {}, 0
    for cpt in ("27130", "20610", "29806"):
        for employer in ("1", "2"):
            kind = world.choice(["judged", "judged", "judged", "still", "small"])
            middle, half = world.uniform(-900, 900), world.uniform(1, 900)
            low, high = middle - half, middle + half
            if kind != "judged":
                still += kind == "still"
                low = middle = high = 0.0 if kind == "still" else math.nan
                words = "nothing would move" if kind == "still" else "too few encounters"
            else:
                words = "saves" if low > 0 else "costs more" if high < 0 else [*told][-1]
                told[words] += 1
                total, halves[cpt] = total + middle, halves.get(cpt, 0.0) + half
            rows.append((employer, cpt, low, middle, high, words))
    columns = ["employer_id", "cpt", "saving_low_usd", "saving_usd", "saving_high_usd", "in_short"]
    sentence = explain_networks.together(pd.DataFrame(rows, columns=columns))
    judged = sum(told.values())
    if not judged:
        assert sentence.startswith("No saving can be judged here.")
        return
    spread = math.hypot(*halves.values())
    for amount in (total, total - spread, total + spread):
        assert f"{'−' if round(amount) < 0 else ''}${abs(amount):,.0f}" in sentence
    assert sentence.startswith("In none of the ") == (not told["saves"] and not told["costs more"])
    assert ("(of 6)" in sentence) == (judged < 6)
    assert ("an extra cost" in sentence) == bool(told["costs more"])
    assert ("nothing would move" in sentence) == bool(still)


def test_the_headline_of_a_home_is_made_of_its_savings(settings):
    access = networks.networks(settings)
    assert access.headline == explain_networks.together(access.savings)
    assert access.names["91001"] == "Dunmarsh Foods"
    assert set(access.coverage["employer"]) == set(access.names[each] for each in access.employers)


def test_a_place_names_a_few_and_counts_the_rest():
    assert (
        explain_networks.place("00200", ["A", "B"], 0)
        == "ZIP 00200: 2 providers, none performed<br>A<br>B"
    )
    assert explain_networks.place("00200", list("ABCDEF"), 12).endswith(
        "A<br>B<br>C<br>D<br>and 2 more"
    )


def test_what_the_map_cannot_show_is_said_and_nothing_when_it_shows_all():
    assert explain_networks.unplaced(0, 0) == ""
    assert explain_networks.unplaced(1, 4) == (
        "Not on the map, because nobody knows where their ZIP lies: 1 provider and fewer than 11 referrals."
    )
    assert explain_networks.unplaced(0, 20).endswith(": 20 referrals.")


def test_every_reason_of_a_gap_has_words(settings):
    assert {
        reason
        for (reason,) in query(settings.home, "select distinct gap_reason from referral_access")
    } <= explain_networks.GAPS.keys()
    assert isinstance(networks.networks(settings).gaps, pd.DataFrame)
