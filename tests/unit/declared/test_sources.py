"""A source is a folder: its declaration is read as it stands, or refused with file and line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.declared.sources import LANDING_ZONE_DIR, SHARED, load_contracts, source_names
from pipeline.errors import InputRefused


@pytest.fixture
def landing_zone(tmp_path: Path) -> Path:
    """A copy of the landing zone that a test may spoil."""
    return Path(shutil.copytree(LANDING_ZONE_DIR, tmp_path / "landing_zone"))


def spoil(folder: Path, entity: str, old: str, new: str) -> tuple[Path, int]:
    """Replace the first `old` in the YAML of a source; returns the file and the line."""
    path = folder / entity / f"{entity}.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path, text[: text.index(old)].count("\n") + 1


MISTAKES = {
    "an unknown key of a column": (
        "classification: direct_identifier",
        "clasification: identifier",
        "there is no key `clasification` here",
        "keys: classification, delivered",
    ),
    "a privacy class that is none": (
        "classification: direct_identifier",
        "classification: secret",
        "no privacy class 'secret'",
        "correct the declaration",
    ),
    "a column without a privacy class": (
        ", classification: direct_identifier",
        "",
        "the key `classification` is missing",
        "add it",
    ),
    "a number for a text": ("file: patients.csv", "file: 12", "`file` cannot be 12", "string"),
    "a text for a list": ("key: [patient_id]", "key: patient_id", "`key` cannot be", "list"),
    "an unknown key of the source": (
        "schema_contract: evolve",
        "schema_contract: evolve\n          colour: red",
        "there is no key `colour` here",
        "write_disposition",
    ),
    "a key that is no column": (
        "key: [patient_id]",
        "key: [member_id]",
        "there is no column `member_id`",
        "columns: birth_date, gender, patient_id",
    ),
    "a cleaning that no macro knows": (
        "cleaning: gender",
        "cleaning: polished",
        "no cleaning 'polished'",
        "correct the declaration",
    ),
    "a rule of an unknown kind": (
        "kind: iso_date",
        "kind: star_sign",
        "there is no kind of rule `star_sign`",
        "kinds: above_zero",
    ),
    "an argument that the kind does not take": (
        "{column: birth_date, years: 120}",
        "{column: birth_date, months: 120}",
        "has no argument `months`",
        "age_at_most takes column, years",
    ),
    "a rule on a column that is not there": (
        "{column: birth_date, years: 120}",
        "{column: born_on, years: 120}",
        "there is no column `born_on`",
        "columns: birth_date",
    ),
    "a rule after promotion that holds back": (
        "action: flag, stage: after_promotion",
        "action: quarantine, stage: after_promotion",
        "a rule after promotion may only flag",
        "correct the declaration",
    ),
    "an action that is none": (
        "action: flag",
        "action: shout",
        "`action` cannot be 'shout'",
        "'flag'",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_in_one_sentence_with_file_and_line(landing_zone, mistake):
    old, new, what, hint = MISTAKES[mistake]
    path, line = spoil(landing_zone, "patients", old, new)
    with pytest.raises(InputRefused) as refused:
        load_contracts(landing_zone)
    error = refused.value
    assert what in error.what and hint in error.hint and "\n" not in str(error)
    written, _, place = error.where.rpartition(", line ")
    assert written == str(path)
    # a mistake of a whole rule or column is told at its first line
    assert 0 <= line + new.count(chr(10)) - int(place) <= 4


def test_sources_that_wait_for_each_other_are_refused(landing_zone):
    spoil(
        landing_zone,
        "providers",
        "arguments: {column: zip5, parent: zip_centroid, field: zip5}",
        "arguments: {column: npi, parent: promoted_encounters, field: npi}",
    )
    with pytest.raises(InputRefused, match="adverse_events, .*encounters, providers"):
        load_contracts(landing_zone)


def test_every_folder_is_a_source_and_parents_come_first():
    folders = {each.name for each in LANDING_ZONE_DIR.iterdir() if each.is_dir()} - {SHARED}
    names = source_names()
    assert set(names) == folders
    for name, contract in load_contracts().items():
        assert all(names.index(parent) < names.index(name) for parent in contract.parents.values())


def test_a_source_without_an_order_comes_after_those_that_have_one(landing_zone):
    spoil(landing_zone, "patients", "          order: 1\n", "")
    names = ["providers", "referrals", "employer_networks", "patients", "encounters"]
    assert [name for name in load_contracts(landing_zone) if name in names] == names


def test_a_prompt_does_not_wait_for_the_checks_of_declarations():
    code = "import sys, pipeline.cli.main, pipeline.services.run.status; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
