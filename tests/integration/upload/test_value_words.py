"""Words that a sender has for the values of a column: stated, read, taken back, and read so again
in the next file of that sender; never guessed.
"""

import shutil
from datetime import date
from itertools import cycle

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.ingest.value_words import is_understood
from pipeline.services.run import runs
from pipeline.services.upload import loads, value_words
from pipeline.store.sqlite.database import open_warehouse
from tests.factories import patient, patient_id, write_delivery
from tests.warehouse import open_quarantine, query

GERMAN = ("männlich", "WEIBLICH", "\tMännlich ", "divers")
MEANING = ("gender:männlich=male", "gender:weiblich=female", "gender:divers=other")
TRUTH = ("male", "female", "male", "other")
DAYS = [date(1940 + at % 40, 1 + at % 12, 1 + at % 28).strftime("%d.%m.%Y") for at in range(40)]


def germans(first: int) -> list[dict]:
    return [
        patient(first + at, gender=word, birth_date=day)
        for at, (day, word) in enumerate(zip(DAYS, cycle(GERMAN), strict=False))
    ]


def delivered(folder, name: str, rows: list[dict]):
    written = write_delivery(folder / name, patients=rows)
    return shutil.move(written / "patients.csv", folder / f"{name}.csv")


def build(settings, **options) -> None:
    layers = ["landing_zone", "standard_model"]
    assert runs.run_now(settings, verb="build", layers=layers, **options).status == "succeeded"


def genders(settings, first: int) -> list[str]:
    known = dict(query(settings.home, "select patient_id, gender from std_patients"))
    return [known[key] for at in range(len(DAYS)) if (key := patient_id(first + at)) in known]


def verdicts(settings) -> list[tuple]:
    columns = "_row_id, gender, birth_date, _status, _failed, _content, _family, _key, _fixes"
    return query(settings.home, f"select {columns} from row_verdicts_patients order by _row_id")


@pytest.fixture(scope="module")
def told_home(tmp_path_factory):
    """A home with a German file and an English one, built."""
    folder = tmp_path_factory.mktemp("words")
    settings = load_settings(home=folder / "home", gate_threshold=1.0)
    paths = [
        delivered(folder, "patients_german", germans(300)),
        delivered(folder, "patients_english", [patient(700 + at) for at in range(20)]),
    ]
    loads.ingest(settings, paths, reading=loads.reading(date_order="dmy"))
    build(settings)
    return settings


@pytest.fixture
def copied(told_home, tmp_path):
    shutil.copytree(told_home.home, tmp_path / "home")
    return load_settings(home=tmp_path / "home", gate_threshold=1.0)


def test_stated_words_are_read_taken_back_and_equal_a_full_refresh(copied):
    before = verdicts(copied)
    assert open_quarantine(copied.home)["patients"] == len(DAYS) and not genders(copied, 300)
    value_words.state(copied, "L00001", MEANING, "the sender says so", "tester")
    build(copied)
    assert genders(copied, 300) == [value for value, _ in zip(cycle(TRUTH), DAYS, strict=False)]
    assert not open_quarantine(copied.home).get("patients")
    stated = verdicts(copied)
    build(copied, full_refresh=True)
    assert verdicts(copied) == stated

    # another meaning of one word alone: its rows change, the others do not
    value_words.state(copied, "L00001", (*MEANING[:2], "gender:divers=unknown"), "asked", "tester")
    build(copied)
    assert genders(copied, 300)[:4] == ["male", "female", "male", "unknown"]

    value_words.state(copied, "L00001", (), "a mistake", "tester")
    build(copied)
    assert verdicts(copied) == before
    with open_warehouse(copied) as connection:
        kept = connection.execute(
            "select delivered, value, author, ended_at is null from ops_load_words order by rowid"
        ).fetchall()
    assert len(kept) == 6 and kept[0] == ("divers", "other", "tester", 0)
    assert not any(in_force for *_, in_force in kept)
    raw = query(copied.home, "select count(*) from raw_patients where gender like '%nnlich%'")
    assert raw == [(20,)]


def test_the_second_file_of_a_sender_is_read_like_the_first_without_a_click(copied, tmp_path):
    value_words.state(copied, "L00001", MEANING, "agreed", "tester")
    (again,) = loads.ingest(copied, [delivered(tmp_path, "patients_german_2", germans(1000))])
    (other,) = loads.ingest(copied, [delivered(tmp_path, "patients_other", germans(1200))])
    build(copied)
    assert genders(copied, 1000)[:4] == list(TRUTH)
    assert genders(copied, 1200) == []
    details = " ".join(finding.detail for finding in again.findings)
    (told,) = (each for each in again.findings if "read as stated" in each.detail)
    assert (told.column_name, told.count) == ("gender", len(DAYS))
    assert "words divers → other, männlich → male, weiblich → female as for" in details
    assert "words read as stated, as for patients_german.csv" in details
    assert "words" not in " ".join(finding.detail for finding in other.findings)


def test_words_of_another_load_and_column_change_nothing(copied):
    before = verdicts(copied)
    value_words.state(copied, "L00002", MEANING, "agreed", "tester", for_sender=False)
    build(copied)
    assert verdicts(copied) == before


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["gender:x=boy"], "no allowed value"),
        (["gender:male=female"], "needs no meaning"),
        (["gender: M =female"], "needs no meaning"),
        (["gender:x=male", "gender:X=female"], "two meanings"),
        (["birth_date:x=male"], "no list of allowed values"),
        (["nonsense"], "no word with its value"),
    ],
)
def test_what_cannot_be_stated_is_refused(told_home, words, what):
    with pytest.raises(InputRefused, match=what):
        value_words.state(told_home, "L00001", words, "because", "tester")


def test_the_words_that_need_no_meaning_are_those_that_the_models_understand(tmp_path):
    settings = load_settings(home=tmp_path / "home", gate_threshold=1.0)
    tried = [*"abcdefghijklmnopqrstuvwxyz", "Male", "FEMALE", "Other", "unknown", "männlich", "1"]
    rows = [patient(100 + at, gender=word) for at, word in enumerate(tried)]
    loads.ingest(settings, [write_delivery(tmp_path / "in", patients=rows)])
    build(settings)
    promoted = {key for (key,) in query(settings.home, "select patient_id from std_patients")}
    allowed = ("male", "female", "other", "unknown")
    assert promoted == {
        patient_id(100 + at) for at, word in enumerate(tried) if is_understood(word, allowed)
    }
