"""Whom to offer: the page's score gives what the tables hold, for anybody else it follows the
formula, and nothing tells who.
"""

import shutil
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.privacy.cell_policy import PROVIDER_CELL
from pipeline.services.referrals import referrals
from pipeline.services.referrals.referrals import Patient, ReferralQuery, Weights
from pipeline.services.tables.visible import hidden_cells
from tests.warehouse import copied, query

STANDARD = referrals.standard_weights()
EVERY = ReferralQuery()


@pytest.fixture(scope="module")
def settings(sample_home):
    return load_settings(home=sample_home)


def described(home) -> list[Patient]:
    """The patients of all referrals as somebody would describe them who knows the ZIP."""
    return [
        Patient(employer, cpt, sex or "unknown", int(age) if age is not None else None, zip5)
        for employer, cpt, sex, age, zip5 in query(
            home,
            """
            select employer_id, cpt, gender, cast(strftime('%Y.%m%d', as_of) - strftime('%Y.%m%d', birth_date) as int), zip5
            from referral_access join std_referrals using (referral_id, employer_id, cpt), ops_build
            order by referral_id""",
        )
    ]


def test_every_referral_gets_the_scores_of_the_table_and_nobody_before_another_for_a_score(
    settings,
):
    ids = [
        referral_id
        for (referral_id,) in query(
            settings.home, "select referral_id from referral_access order by referral_id"
        )
    ]
    candidates = pd.DataFrame(
        query(
            settings.home,
            "select referral_id, npi, score, score_low, score_high, miles from referral_recommendation",
        ),
        columns=["referral_id", "npi", "score", "score_low", "score_high", "miles"],
    )
    assert len(ids) > 100
    compared = 0
    for patient, referral_id in zip(described(settings.home), ids, strict=True):
        mine = referrals.choose(settings, patient, STANDARD).candidates.set_index("npi")
        theirs = candidates[candidates["referral_id"] == referral_id].set_index("npi")
        told_here = mine["outcome_score"].notna()
        assert (
            mine.loc[~told_here, ["score", "score_low", "quality_low", "shrunken_ratio"]]
            .isna()
            .all(axis=None)
        )
        both = mine.index.intersection(theirs.index)
        compared += len(both)
        told = both[told_here[both]]
        for column in ("score", "score_low", "score_high"):
            assert mine.loc[told, column].tolist() == pytest.approx(
                theirs.loc[told, column].tolist(), abs=1e-9
            )
        assert mine.loc[both, "miles"].tolist() == pytest.approx(
            theirs.loc[both, "miles"].tolist(), abs=1e-9, nan_ok=True
        )
        offered = mine[["group", "miles"]].fillna(1e9)
        assert offered.equals(offered.sort_values(["group", "miles"], kind="stable"))
    assert compared == len(candidates)


def test_access_in_words_agrees_with_the_table(settings):
    rows = query(
        settings.home,
        "select candidate_count, candidate_within_25_miles_count, nearest_miles from referral_access order by referral_id limit 40",
    )
    patients = described(settings.home)[:40]
    for patient, (count, near, nearest) in zip(patients, rows, strict=True):
        access = referrals.choose(settings, patient, STANDARD).access
        assert access.startswith(f"{count} provider")
        assert (f"{near} within 25 miles" if near else "none within 25 miles") in access
        assert ("less than a mile" if nearest < 1 else f"{round(nearest)} mile") in access


def test_similar_patients_are_those_of_the_table(settings):
    rows = query(
        settings.home,
        """
        select access.position, npi, similar_patients_band from referral_recommendation join
        (select referral_id, row_number() over (order by referral_id) - 1 as position from referral_access) as access using (referral_id)
        where access.position < 40""",
    )
    patients = described(settings.home)
    for position, npi, band in rows:
        candidates = (
            referrals.choose(settings, patients[position], STANDARD)
            .candidates.set_index("npi")
            .loc[npi, "reasons"]
        )
        sentence = (
            "no patient of this sex"
            if band == "none"
            else f"{band.replace('-', '–')} patients of this sex"
        )
        assert any(reason.startswith(sentence) for reason in candidates), (position, npi)


def test_anybody_is_answered_from_any_place(settings):
    ((employer, cpt, npi, zip5),) = query(
        settings.home,
        "select employer_id, cpt, npi, zip5 from network_option where is_measured limit 1",
    )
    there = referrals.choose(settings, Patient(employer, cpt, "female", 70, zip5), STANDARD)
    assert there.candidates.set_index("npi").loc[npi, "miles"] == pytest.approx(0)
    lost = referrals.choose(settings, Patient(employer, cpt, "female", 70, "99999"), STANDARD)
    assert (
        lost.candidates["miles"].isna().all()
        and "nobody can tell" in lost.access
        and lost.home.empty
    )
    unknown = referrals.choose(settings, Patient(employer, cpt, "unknown", None, None), STANDARD)
    assert unknown.candidates["npi"].tolist() == lost.candidates["npi"].tolist()


def test_a_network_without_the_procedure_says_so(settings):
    none = referrals.choose(
        settings, Patient("no such employer", "27130", "male", 50, "00200"), STANDARD
    )
    assert none.total == 0 and none.access.startswith("Nobody in the network")


def test_the_list_shows_no_whole_value_of_a_patient(settings):
    page = referrals.page(settings, EVERY, 25, 0)
    assert (
        len(page.rows) == 25
        and page.total == query(settings.home, "select count(*) from std_referrals")[0][0]
    )
    assert (
        page.rows["patient"].str.fullmatch("#[0-9a-f]{8}").all()
        and page.rows["zip"].str.fullmatch(r"\d{3}\*\*").all()
    )
    assert page.rows["age"].str.endswith("years").all()
    patients = {
        cell
        for row in query(
            settings.home, "select patient_id, birth_date, zip5, referral_id from std_referrals"
        )
        for cell in row
    }
    assert not patients & {str(value) for column in page.rows for value in page.rows[column]}


def test_nothing_about_a_referral_depends_on_the_last_two_digits(sample_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    moved = load_settings(home=home)
    with sqlite3.connect(home / "icon_health.db") as connection:
        centroids = [zip5 for (zip5,) in connection.execute("select zip5 from zip_centroid")]
    for weights in (STANDARD, Weights(0, 0, 1, 0)):
        before = [
            referrals.choose_for_referral(moved, EVERY, position, weights) for position in range(30)
        ]
        list_before = referrals.page(moved, EVERY, 30, 0).rows
        with sqlite3.connect(home / "icon_health.db") as connection:
            for referral_id, zip5 in connection.execute(
                "select referral_id, zip5 from std_referrals where zip5 is not null"
            ).fetchall():
                others = [each for each in centroids if each[:3] == zip5[:3] and each != zip5]
                if others:
                    connection.execute(
                        "update std_referrals set zip5 = ? where referral_id = ?",
                        (others[0], referral_id),
                    )
            assert connection.total_changes > 100
        for position, choice in enumerate(before):
            again = referrals.choose_for_referral(moved, EVERY, position, weights)
            pd.testing.assert_frame_equal(again.candidates, choice.candidates)
            assert (again.access, again.headings) == (choice.access, choice.headings)
            pd.testing.assert_frame_equal(again.home, choice.home)
        pd.testing.assert_frame_equal(referrals.page(moved, EVERY, 30, 0).rows, list_before)
        assert not {"miles", "nearest_miles", "within_25_miles"} & set(list_before.columns)


def test_filters_narrow_the_list_and_the_position_is_within_it(settings):
    scope = ReferralQuery("91002", "27130")
    page = referrals.page(settings, scope, 100, 0)
    assert set(page.rows["employer_id"]) == {"91002"} and page.total == len(page.rows)
    access = referrals.choose_for_referral(settings, scope, page.total - 1, STANDARD).access
    assert "91002" in access
    with pytest.raises(InputRefused, match="not in the list"):
        referrals.choose_for_referral(settings, scope, page.total, STANDARD)


def test_no_order_rank_or_probability_rests_on_a_hidden_cell(sample_home, tmp_path):
    """Two homes that differ in nothing but the outcomes of hidden cells give the same answers,
    whatever the weights.
    """
    answers = []
    for place, ratio in enumerate((0.2, 5.0)):
        settings = copied(sample_home, tmp_path / str(place))
        hidden = hidden_cells(settings).of(PROVIDER_CELL)
        changed = 0
        with closing(sqlite3.connect(settings.warehouse_path)) as connection, connection:
            for npi, cpt in hidden:
                changed += connection.execute(
                    "update network_option set shrunken_ratio = ?1, shrunken_ratio_low = ?1 * 0.9, "
                    "shrunken_ratio_high = ?1 * 1.1, outcome_score = ln(?1), merit_score = ln(?1), "
                    "order_score = ln(?1), outcome_standard_error = 0.01 "
                    "where npi = ?2 and cpt = ?3 and is_measured = 1",
                    (ratio, npi, cpt),
                ).rowcount
        assert changed > 5
        asked = query(
            settings.home, "select distinct employer_id, cpt from network_option order by 1, 2"
        )
        answers.append(
            [
                referrals.choose(settings, Patient(employer, cpt, "female", 70, None), weights)
                for employer, cpt in asked
                for weights in (STANDARD, Weights(9.0, 0.0, 0.0, 0.0))
            ]
        )
    assert len(answers[0]) > 10
    for one, other in zip(*answers, strict=True):
        assert one.headings == other.headings
        pd.testing.assert_frame_equal(one.candidates, other.candidates)
