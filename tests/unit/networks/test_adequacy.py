"""Adequacy person by person, and each standard that it reads."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from pipeline.declared import variables
from pipeline.services.networks import adequacy
from pipeline.services.networks.adequacy import MEETS, SHORT, UNKNOWN, Standards

BY = Standards(
    {"metro": 10, "rural": 60},
    {"metro": 0.9, "rural": 0.85},
    {"331": "metro", "3312": "rural", "44": "rural", "5": "moon"},
)


def rows(*people: tuple[str, str | None, int | None, float | None, int]) -> pd.DataFrame:
    columns = ["employer_id", "zip5", "candidates", "miles", "referrals"]
    return pd.DataFrame(people, columns=columns).astype({"candidates": float, "miles": float})


@pytest.mark.parametrize(
    ("zip5", "kind"),
    [("33100", "metro"), ("33120", "rural"), ("44999", "rural"), ("99999", UNKNOWN), (None, UNKNOWN), ("50000", UNKNOWN)],
)  # fmt: skip
def test_the_longest_beginning_decides_and_a_type_without_standard_is_unknown(zip5, kind):
    assert BY.county_type(zip5) == kind


@pytest.mark.parametrize("seed", range(30))
def test_shares_and_verdicts_are_those_of_a_count_of_persons(seed):
    world = np.random.default_rng(seed)
    people = [
        (
            str(world.integers(1, 3)),
            world.choice(["33100", "33120", "44000", "99999"]),
            int(world.integers(0, 4)),
            None if world.random() < 0.1 else float(world.uniform(0, 100 if seed % 2 else 12)),
        )
        for _ in range(world.integers(1, 160))
    ]
    people = [(each[0], each[1], each[2], each[3] if each[2] else None) for each in people]
    answer = adequacy.judged(rows(*((*each, 1) for each in people)), BY)
    assert answer["referrals"].fillna(0).sum() <= len(people)
    assert (answer["referrals"].dropna() >= 11).all()
    for line in answer.itertuples():
        if line.county_type == UNKNOWN:
            assert line.verdict == UNKNOWN and np.isnan(line.near_share)
            continue
        own = [
            each
            for each in people
            if each[0] == line.employer_id and BY.county_type(each[1]) == line.county_type
        ]
        near = sum(
            each[2] > 0 and each[3] is not None and each[3] <= BY.miles[line.county_type]
            for each in own
        )
        lost = sum(each[2] > 0 and each[3] is None for each in own)
        asked = BY.shares[line.county_type]
        assert near / len(own) - 22 / len(own) < line.near_share <= near / len(own) + 1e-9
        best = (near + lost) / len(own)
        expected = MEETS if near / len(own) >= asked else SHORT if best < asked else UNKNOWN
        assert line.verdict == expected


@pytest.mark.parametrize("asked", [0.0, 0.5, 0.85, 0.9, 0.95, 1.0])
def test_no_share_and_verdict_leave_one_number_of_one_to_ten(asked):
    for referrals in range(11, 130):
        told = defaultdict(set)
        for near in range(referrals + 1):
            verdict = MEETS if near / referrals >= asked else SHORT
            share = adequacy.told_share(near, referrals, asked, verdict)
            assert -1e-9 <= near - share * referrals < 22
            told[share, verdict].add(near)
        for numbers in told.values():
            (only, *others) = sorted(numbers)
            assert others or not (0 < only < 11 or 0 < referrals - only < 11)


def test_no_small_type_can_be_worked_out_from_the_others():
    people = rows(("1", "33100", 1, 1.0, 40), ("1", "33120", 1, 1.0, 12), ("1", "99999", 1, 1.0, 3))
    answer = adequacy.judged(people, BY).set_index("county_type")
    assert answer["referrals"].to_dict() == {"metro": 40, UNKNOWN: 15}


def test_supply_that_is_unknown_is_neither_near_nor_far():
    (line,) = adequacy.judged(rows(("1", "33100", None, None, 20)), BY).itertuples()
    assert line.verdict == UNKNOWN and np.isnan(float(line.near_share or np.nan))


@pytest.mark.parametrize("name", ["adequacy_miles", "adequacy_shares", "county_types"])
def test_each_standard_of_the_project_is_read(name, monkeypatch):
    people = rows(("1", "00300", 1, 30.0, 88), ("1", "00300", 1, 90.0, 12))
    declared = variables.load_variables()
    (before,) = adequacy.judged(people, adequacy.standards()).itertuples()
    other = {
        "adequacy_miles": {"micro": 20},
        "adequacy_shares": {"micro": 0.9},
        "county_types": {"003": "large_metro"},
    }
    changed = declared | {name: declared[name] | other[name]}
    monkeypatch.setattr(adequacy, "load_variables", lambda: changed)
    (after,) = adequacy.judged(people, adequacy.standards()).itertuples()
    assert (before.verdict, after.verdict) == (MEETS, SHORT)


def test_the_sentence_counts_what_passes_and_says_that_the_unknown_does_not():
    table = pd.DataFrame({"verdict": [MEETS, SHORT, SHORT, UNKNOWN]})
    assert adequacy.in_words(table).startswith("1 of 3 pairs of network and type of county")
    assert adequacy.in_words(table).endswith("Of 1 more nobody can tell; none of these passes.")
    assert "can be judged" in adequacy.in_words(table[3:])
