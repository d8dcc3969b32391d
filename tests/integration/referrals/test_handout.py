"""A choice to print: in the order of the screen, without a trace of the patient."""

import re

import pytest

from pipeline.config import load_settings
from pipeline.services.referrals import choice_score, handout, referrals
from tests.warehouse import copied, query

WEIGHTS = referrals.standard_weights()
QUERY = referrals.ReferralQuery("91003", "27130")


@pytest.fixture(scope="module")
def settings(sample_home):
    return load_settings(home=sample_home)


def test_the_nearest_of_those_whom_nobody_can_tell_apart_come_first(settings):
    choice = referrals.choose_for_referral(settings, QUERY, 0, WEIGHTS)
    groups = choice.candidates["group"].tolist()
    assert groups == sorted(groups) and choice_score.TOGETHER in groups
    for _, rows in choice.candidates.groupby("group"):
        miles = rows["miles"].dropna().tolist()
        assert miles == sorted(miles)
    table = handout.table(choice)
    assert table["npi"].tolist() == choice.candidates["npi"].head(handout.MOST).tolist()
    unmeasured = choice.candidates.head(handout.MOST)["is_measured"].eq(0).to_numpy()
    assert set(table.loc[unmeasured, ["outcome", "cost"]].to_numpy().ravel()) <= {"unknown"}


def test_every_candidate_stands_under_the_heading_of_its_group(settings):
    choice = referrals.choose_for_referral(settings, QUERY, 0, WEIGHTS)
    told = [
        re.match(r"No\. (\d+)(?: to (\d+))?: (.+)\.$", sentence)
        for sentence in handout.sentences(choice)
    ]
    heading = {
        number: match[3]
        for match in told
        if match
        for number in range(int(match[1]), int(match[2] or match[1]) + 1)
    }
    first = choice.candidates.head(handout.MOST)
    assert [heading[place] for place in range(1, len(first) + 1)] == [
        choice.headings[group] for group in first["group"]
    ]


def test_nothing_of_the_patient_is_printed(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    text = handout.of_referral(settings, QUERY, 0, WEIGHTS, "Total hip replacement", "Ada").decode()
    assert "<h1>Whom to choose: Total hip replacement</h1>" in text
    words = set(re.findall(r"[\w-]+", text))
    for column in ("patient_id", "birth_date", "zip5", "referral_id"):
        values = {
            str(value)
            for (value,) in query(settings.home, f"select distinct {column} from std_referrals")
        }
        assert not values & words, column


def test_a_typed_zip_is_printed_as_its_area_alone(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    pages = {
        handout.of_patient(
            settings, referrals.Patient("91003", "27130", "female", 70, zip5), WEIGHTS, "Hip", "Ada"
        )
        for zip5 in ("00251", "00260")
    }
    assert len(pages) == 1
