"""Words that a sender has for the values of a column: stated, read, taken back, and read so again
in the next file of that sender; never guessed. Corrections that were made again and again for one
sender are offered for its recipe, tested on its earlier files, and added, never by themselves.
"""

import shutil
from datetime import date
from itertools import cycle

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.ingest.value_words import is_understood
from pipeline.services.access import audit
from pipeline.services.access.roles import NotAllowed
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.run import runs
from pipeline.services.upload import loads, recipes, value_words
from pipeline.store.control.actor import Actor, acting_as
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import value_words as stored_words
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
    (record,) = audit.newest(copied, 1)
    assert (record.action, record.target) == ("state words", "L00001")
    assert record.facts == {
        "source": "patients",
        "columns": ["gender"],
        "words": len(MEANING),
        "for_sender": True,
    }
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
    assert "3 words of gender as for L00001" in details
    assert "words read as stated, as for L00001" in details
    assert "männlich" not in details
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


def of_word(settings, word: str) -> list[str]:
    """Rows of the German file that wait with a word, as it is compared."""
    rows = query(settings.home, "select _row_id, gender from row_verdicts_patients")
    return [row_id for row_id, gender in rows if stored_words.folded(gender) == word]


def correct(settings, rows: list[str], value: str = "male") -> list[str]:
    return corrections.correct(settings, "patients", rows, {"gender": value}, "asked", "Ada")


def in_force(settings, load_id: str) -> dict[str, str]:
    with open_warehouse(settings) as connection:
        return {word: value for _, word, value in stored_words.in_force(connection, load_id)}


def test_a_correction_is_offered_from_the_declared_number_of_rows_of_one_sender_on(copied):
    men = of_word(copied, "männlich")
    made = correct(copied, men[: copied.recipe_corrections - 1])
    correct(copied, of_word(copied, "female")[:20])  # a word that every rule understands
    assert recipes.offered(copied) == ()
    correct(copied, men[10:11])
    (offer,) = recipes.offered(copied)
    assert (offer.text, offer.rows, offer.others) == ("gender:männlich=male", 11, 0)
    assert (offer.entity, offer.sender_id, offer.load_id) == ("patients", "L00001", "L00001")
    correct(copied, men[11:13], "other")
    assert recipes.offered(copied)[0].others == 2
    decisions.revert(copied, made[0], "not so", "Ada")
    assert recipes.offered(copied) == ()


def test_a_word_that_was_corrected_to_two_values_alike_is_not_offered(copied):
    men = of_word(copied, "männlich")
    settings = load_settings(home=copied.home, recipe_corrections=11)
    correct(settings, men[:10])
    correct(settings, men[10:], "other")
    assert len(men) == 20 and recipes.offered(settings) == ()


def test_an_offer_is_tested_on_old_files_and_the_next_file_is_read_so(copied, tmp_path):
    correct(copied, of_word(copied, "männlich")[:12])
    (offer,) = recipes.offered(copied)
    (tried,) = recipes.tried(copied, offer.load_id, offer.words)
    assert (tried.load_id, tried.received, tried.otherwise, tried.waiting) == ("L00001", 40, 20, 20)
    recipe = recipes.add(copied, offer.load_id, [offer.text], "the sender says so", "Ada")
    assert (recipe.version, recipe.reason, recipe.decided_by) == (2, "the sender says so", "Ada")
    assert recipe.values["date_order"] == "DMY"  # the first version stays a part of it
    assert recipes.offered(copied) == () and in_force(copied, "L00001") == {}

    loads.ingest(copied, [delivered(tmp_path, "patients_german_2", germans(1000))])
    assert in_force(copied, "L00003") == {"männlich": "male"}
    assert [
        (each.load_id, each.otherwise) for each in recipes.tried(copied, "L00003", offer.words)
    ] == [("L00003", 0), ("L00001", 20)]


def test_versions_tell_who_and_why_and_earlier_files_are_read_so_where_that_is_asked(copied):
    recipes.add(copied, "L00001", ["gender:männlich=male"], "agreed", "Ada")
    recipes.add(copied, "L00001", ["gender:divers=other"], "agreed too", "Bo", earlier_files=True)
    assert in_force(copied, "L00001") == {"divers": "other"}
    newest, older, _ = recipes.versions(copied, "L00001")
    assert [len(each.values["words"]) for each in (newest, older)] == [2, 1]
    assert (newest.version, newest.decided_by, newest.reason) == (3, "Bo", "agreed too")
    assert (older.version, older.decided_by, older.reason) == (2, "Ada", "agreed")
    assert newest.ended_at is None and older.ended_by == "Bo"
    record = audit.newest(copied, 1)[0]
    assert (record.action, record.target) == ("recipe", "L00001")
    facts = {"source": "patients", "columns": ["gender"], "words": 1, "version": 3}
    assert record.facts == {**facts, "read_anew": ["L00001"]}


def test_adding_to_a_recipe_takes_a_reason_a_word_and_the_right_to_decide(copied):
    word = ["gender:männlich=male"]
    with pytest.raises(InputRefused, match="needs a reason"):
        recipes.add(copied, "L00001", word, " ")
    with pytest.raises(InputRefused, match="says no word"):
        recipes.add(copied, "L00001", [], "because")
    with acting_as(Actor("eve", ("viewer",))), pytest.raises(NotAllowed):
        recipes.add(copied, "L00001", word, "because")
    assert [each.version for each in recipes.versions(copied, "L00001")] == [1]
