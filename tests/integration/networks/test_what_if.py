"""A change of a network: what it rests on, what it counts, who it refuses, what is printed."""

import json
import sqlite3
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.privacy.column_meaning import meaning
from pipeline.services.networks import adequacy, explain_what_if, what_if
from pipeline.services.networks.what_if import Change
from pipeline.services.tables import visible
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from tests.warehouse import copied, query

EMPLOYER = "91001"


@pytest.fixture(scope="module")
def settings(sample_home):
    return load_settings(home=sample_home)


def changes(settings) -> list[Change]:
    """Providers removed, others added, and some of both with one who takes over."""
    choices = what_if.choices(settings, EMPLOYER)
    listed, others = list(choices.listed), list(choices.others)
    assert len(listed) > 10 and len(others) > 2
    single = [Change(EMPLOYER, removed=npi) for npi in listed[:8]]
    single += [Change(EMPLOYER, added=npi) for npi in others[:4]]
    return single + [
        Change(EMPLOYER, listed[place], others[place % len(others)], listed[place - 1])
        for place in range(4)
    ]


def answers(settings, tried: list[Change]) -> list[pd.DataFrame]:
    supply = what_if.supply_of(settings, EMPLOYER)
    assert supply is not None
    return [what_if.applied(supply, change) for change in tried]


def test_no_answer_rests_on_a_hidden_cell_or_on_a_masked_place(sample_home, tmp_path, monkeypatch):
    settings = copied(sample_home, tmp_path / "home")
    hidden = visible.hidden_cells(settings)
    monkeypatch.setattr(visible, "_hidden", lambda stamp, settings: hidden)
    tried = changes(settings)
    before, changed = answers(settings, tried), 0
    with sqlite3.connect(settings.home / "icon_health.db") as warehouse:
        for table, cell in (
            ("provider_procedure_scorecard", ("npi", "cpt")),
            ("procedure_benchmark", ("cpt",)),
        ):
            # every number of a hidden cell, those that the answer does not read included
            numbers = [
                name
                for name, kind in meaning(table).classes.items()
                if kind in ("outcome", "amount", "count")
            ]
            condition = " and ".join(f"{name} = ?" for name in cell)
            sets = ", ".join(f"{name} = coalesce({name}, 0) * 1.7 + 13" for name in numbers)
            changed += warehouse.executemany(
                f"update {table} set {sets} where {condition}", sorted(hidden.of(cell))
            ).rowcount
        # the last two digits of each ZIP change places: another one of the same area
        changed += warehouse.execute(
            "update std_referrals set zip5 = substr(zip5, 1, 3) || substr(zip5, 5, 1) || substr(zip5, 4, 1), "
            "birth_date = '1950-01-01', gender = 'unknown'"
        ).rowcount
    warehouse.close()
    assert changed > 200
    for change, one, other in zip(tried, before, answers(settings, tried), strict=True):
        pd.testing.assert_frame_equal(one, other, obj=str(change))


def test_a_shown_cell_does_change_the_answer(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    table = what_if.what_if(
        settings, Change(EMPLOYER, next(iter(what_if.choices(settings, EMPLOYER).listed)))
    )
    with sqlite3.connect(settings.home / "icon_health.db") as warehouse:
        warehouse.execute(
            "update provider_procedure_scorecard set cost_index_shrunk = 1.01 * cost_index_shrunk"
        )
    warehouse.close()
    again = what_if.what_if(
        settings, Change(EMPLOYER, next(iter(what_if.choices(settings, EMPLOYER).listed)))
    )
    assert (again["cost_before"].dropna() > table["cost_before"].dropna()).all() and table[
        "cost_before"
    ].notna().any()


def test_coverage_before_is_that_of_gold_and_after_it_without_the_one_removed(settings):
    npi = next(iter(what_if.choices(settings, EMPLOYER).listed))
    table = what_if.what_if(settings, Change(EMPLOYER, removed=npi)).set_index("cpt")
    gold = dict(
        query(
            settings.home,
            "select cpt, performing from employer_network_coverage where employer_id = ?",
            EMPLOYER,
        )
    )
    own = {
        cpt
        for (cpt,) in query(
            settings.home, "select cpt from provider_procedure_scorecard where npi = ?", npi
        )
    }
    asked = dict(
        query(
            settings.home,
            "select cpt, count(*) from std_referrals where employer_id = ? group by 1",
            EMPLOYER,
        )
    )
    for cpt, row in table.iterrows():
        assert row["performing_before"] == gold[cpt] and row["referrals"] == asked.get(cpt, 0)
        assert row["performing_after"] == gold[cpt] - (cpt in own)


def test_distance_is_that_of_every_pair_from_the_middle_of_the_area(settings):
    npi = list(what_if.choices(settings, EMPLOYER).listed)[2]
    table = what_if.what_if(settings, Change(EMPLOYER, removed=npi)).set_index("cpt")
    middles = {
        zip3: (latitude, longitude)
        for zip3, latitude, longitude in query(
            settings.home,
            "select substr(zip5, 1, 3), avg(latitude), avg(longitude) from zip_centroid group by 1",
        )
    }
    for cpt in table.index:
        places = query(
            settings.home,
            "select distinct p.npi, z.latitude, z.longitude from std_employer_networks n join std_providers p on p.npi = n.npi "
            "join provider_procedure_scorecard s on s.npi = p.npi join zip_centroid z on z.zip5 = p.zip5 "
            "where n.employer_id = ? and s.cpt = ?", EMPLOYER, cpt,
        )  # fmt: skip
        people = query(
            settings.home,
            "select substr(zip5, 1, 3) from std_referrals where employer_id = ? and cpt = ?",
            EMPLOYER,
            cpt,
        )
        for when, left_out in (("before", None), ("after", npi)):
            nearest = [
                min(
                    _miles(middles[zip3], (latitude, longitude))
                    for each, latitude, longitude in places
                    if each != left_out
                )
                for (zip3,) in people
            ]
            assert table.loc[cpt, f"near_{when}"] == sum(miles <= 25 for miles in nearest)
            assert table.loc[cpt, f"miles_{when}"] == pytest.approx(np.median(nearest))


def _miles(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the law of cosines, which is another formula than that of the product."""
    (a, b), (c, d) = np.radians(one), np.radians(other)
    cosine = np.sin(a) * np.sin(c) + np.cos(a) * np.cos(c) * np.cos(b - d)
    return float(3958.7613 * np.arccos(np.clip(cosine, -1, 1)))


@pytest.mark.parametrize("wrong", [{"removed": "x"}, {"added": "x"}, {"taker": "x"}])
def test_nobody_leaves_joins_or_takes_over_who_cannot(settings, wrong):
    npi = next(iter(what_if.choices(settings, EMPLOYER).listed))
    with pytest.raises(InputRefused):
        what_if.what_if(settings, replace(Change(EMPLOYER, removed=npi), **wrong))
    with pytest.raises(InputRefused):
        what_if.what_if(settings, Change(EMPLOYER, added=npi))


def test_nothing_can_be_tried_before_gold_is_built(tmp_path):
    empty = load_settings(home=tmp_path)
    assert adequacy.adequacy(empty).empty
    assert what_if.choices(empty, EMPLOYER) == what_if.Choices({}, {})


def test_the_printed_page_says_what_the_screen_says_and_is_recorded(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    npi, name = next(iter(what_if.choices(settings, EMPLOYER).listed.items()))
    change = Change(EMPLOYER, removed=npi)
    text = explain_what_if.report(settings, change, "Ada").decode()
    table = explain_what_if.for_file(what_if.what_if(settings, change))
    assert f"<h1>Dunmarsh Foods ({EMPLOYER}) without {name} ({npi})</h1>" in text
    for sentence in [*explain_what_if.sentences(table, "at least "), *table["procedure"]]:
        assert sentence in text
    assert "http" not in text and "<script" not in text
    with open_control(settings) as control:
        (last,) = audit.newest(control, 1)
    assert "network_what_if" in json.dumps(last, default=str) and "Ada" in json.dumps(
        last, default=str
    )


def test_no_number_in_a_file_counts_one_to_ten_referrals_and_no_two_differ_by_as_many(settings):
    few = 0
    for table in answers(settings, changes(settings)):
        released = explain_what_if.for_file(table)
        small = table["referrals"].between(1, 10)
        few += int(small.sum())
        numbers = released.select_dtypes("number").drop(columns=list(explain_what_if.OF_PROVIDERS))
        assert numbers[small].isna().all(axis=None)
        near = released.loc[~small, ["referrals", *explain_what_if.NEAR]]
        assert not near.isin(range(1, 11)).any(axis=None)
        for name in explain_what_if.NEAR:
            assert (near[name] % 11 == 0).all()
            assert (table.loc[~small, name] >= near[name]).all()
    assert few > 10


def test_a_lost_procedure_of_few_is_said_without_a_number():
    table = pd.DataFrame(
        {
            "procedure": ["Hip"], "cpt": ["27130"], "referrals": [7], "performing_before": [1], "performing_after": [0],
            "shown_before": [1], "shown_after": [0], "near_before": [6], "near_after": [0],
            "events_change": [0.5], "events_change_low": [0.1], "events_change_high": [0.9], "events_verdict": ["more"],
            "cost_change": [1.0], "cost_change_low": [1.0], "cost_change_high": [1.0], "cost_verdict": ["more"],
        }
    )  # fmt: skip
    told = " ".join(explain_what_if.sentences(explain_what_if.for_file(table), "at least "))
    assert "Nobody would be left for Hip" in told and "fewer than 11 not counted" in told
    assert not {"7", "6", "0.5", "0.50"} & set(told.replace(",", " ").split())


def test_a_lost_procedure_is_said_with_its_referrals():
    table = pd.DataFrame(
        {
            "procedure": ["Hip", "Knee"], "referrals": [12, 8],
            "performing_before": [1, 3], "performing_after": [0, 3],
            "near_before": [10, 8], "near_after": [0, 8],
            "events_change": [np.nan, 0.5], "events_change_low": [np.nan, 0.1], "events_change_high": [np.nan, 0.9],
            "cost_change": [np.nan, 0.0], "cost_change_low": [np.nan, 0.0], "cost_change_high": [np.nan, 0.0],
        }
    )  # fmt: skip
    assert explain_what_if.sentences(table) == [
        "Adverse events expected: more over 1 of 2 procedures, +0.50 (+0.10 to +0.90).",
        "Cost: nothing moves over 1 of 2 procedures.",
        "Nobody would be left for Hip: 12 referrals without an option.",
        "Distance: of 20 referrals 18 have somebody within 25 miles who performs the procedure, and 8 would then.",
        "What it does to events and cost nobody can tell for: Hip.",
    ]
