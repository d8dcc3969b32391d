"""Every file of a folder has a fate, and newer files come after older ones."""

import io
import os
import random
import zipfile

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.errors import printable
from pipeline.ingest.batch import load_into
from pipeline.ingest.folder import list_folder
from pipeline.ingest.name_order import is_older, name_order

PATIENTS = "patient_id,gender,birth_date\n{},female,1950-01-02\n"
NEWER = [
    ("encounters_2026-9.csv", "encounters_2026-10.csv"),
    ("encounters_9-2026.csv", "encounters_10-2026.csv"),
    ("encounters_20260930.csv", "encounters_20261001.csv"),
    ("encounters_30-09-2026.csv", "encounters_01-10-2026.csv"),
    ("encounters_09.30.2026.csv", "encounters_10.01.2026.csv"),
    ("2026_12 encounters.csv", "2027_1 encounters.csv"),
    ("encounters_Sep2026.csv", "encounters_Oct2026.csv"),
    ("encounters_2026Q2.csv", "encounters_2026Q4.csv"),
    ("encounters_v9.csv", "encounters_v10.csv"),
    ("encounters 2026-01-31 (2).csv", "encounters 2026-01-31 (10).csv"),
    ("encounters_15012026.csv", "encounters_01022026.csv"),
    ("encounters_12202025.csv", "encounters_01052026.csv"),
    ("encounters_20012025.csv", "encounters_19022025.csv"),
    ("encounters_v1.2.9.csv", "encounters_v1.2.10.csv"),
    ("encounters_Nov2025.csv", "encounters_Dez2025.csv"),
    ("encounters_3 Mai 2025.csv", "encounters_1 Okt 2025.csv"),
    ("encounters_231231.csv", "encounters_240131.csv"),
    ("encounters_100001.csv", "encounters_100002.csv"),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sent").mkdir()
    return tmp_path / "sent"


def load(home, folder):
    return load_into(home.connection, home.delivered, [folder])


@pytest.mark.parametrize(("older", "newer"), NEWER)
def test_dates_and_numbers_in_names_tell_which_file_is_newer(older, newer):
    order = name_order([newer, older])
    assert not order.doubt and order.keys[older] < order.keys[newer]
    assert is_older(older, newer) and not is_older(newer, older)


@pytest.mark.parametrize(
    "names",
    [
        ("encounters_01-02-2026.csv", "encounters_03-04-2026.csv"),
        ("encounters_2026-01.csv", "encounters_final.csv"),
        ("encounters_a.csv", "encounters_b.csv"),
        ("encounters_01022026.csv", "encounters_05012026.csv"),
        ("encounters_01.02.26.csv", "encounters_02.01.26.csv"),
        ("encounters_13-01-2026.csv", "encounters_01-14-2026.csv"),
        ("encounters_311223.csv", "encounters_010124.csv"),
        ("encounters_010224.csv", "encounters_020124.csv"),
    ],
)
def test_names_that_do_not_tell_leave_it_to_the_time_of_the_file_and_say_so(home, folder, names):
    for at, name in enumerate(reversed(names)):
        name = name.replace("encounters", "patients")
        (folder / name).write_text(PATIENTS.format(at))
        os.utime(folder / name, (1_000_000 + at, 1_000_000 + at))
    results = load(home, folder)
    assert [each.file for each in results] == [
        name.replace("encounters", "patients") for name in reversed(names)
    ]
    assert all(any("time of its file" in f.detail for f in each.findings) for each in results)


def test_a_file_that_comes_after_a_newer_one_says_so(home):
    home.load("patients_2026-10.csv", PATIENTS.format(1))
    late = home.load("patients_2026-9.csv", PATIENTS.format(2))
    assert any("L00001, which came before it" in each.detail for each in late.findings)
    newest = home.load("patients_2026-11.csv", PATIENTS.format(3))
    assert not any("came before it" in each.detail for each in newest.findings)


def test_each_file_of_a_folder_has_a_fate(home, folder):
    tables = {
        "patients.csv": PATIENTS.format(1),
        "encounters": PATIENTS.format(2),
        "more/patients.tsv": PATIENTS.format(3).replace(",", "\t"),
    }
    litter = {
        "._patients.csv": "x",
        "~$patients.csv": "x",
        "patients.csv.part": "x",
        "patients.csv.sha256": "abc",
        "Thumbs.db": "x",
        "README.txt": "hello",
        "delivery.txt": "patients 150\n",
        "_referrals.tsv": "x",
        "archive/patients_old.csv": PATIENTS.format(4),
        "__MACOSX/patients.csv": "x",
        "letter.docx": "x",
    }
    for name, text in (tables | litter).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    results = load(home, folder)
    fates = {each.file: each.status for each in results}
    assert len(results) == len(tables) + len(litter)
    assert sum(status == "loaded" for status in fates.values()) == len(tables)
    assert all(fates[name] == "left_out" for name in litter), fates
    assert all(each.reason for each in results if each.status == "left_out")


def test_links_out_of_the_folder_are_not_followed(home, tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "patients.csv").write_text(PATIENTS.format(1))
    (folder / "patients_link.csv").symlink_to(outside / "patients.csv")
    (folder / "more").symlink_to(outside)
    results = load(home, folder)
    assert not any(each.status == "loaded" for each in results)
    assert sum("not followed" in (each.reason or "") for each in results) == 2


def test_names_are_printed_with_their_control_characters_escaped(home, folder):
    (folder / "patients\n\x1b[31m.csv").write_text(PATIENTS.format(1))
    (result,) = load(home, folder)
    assert result.file == "patients\\n\\x1b[31m.csv" and result.status == "loaded"
    assert printable("Größe.csv") == "Größe.csv"


def zipped(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def test_the_files_of_an_archive_are_deliveries_of_their_own(home, tmp_path):
    files = {
        "out/adverse_events.csv": "encounter_id\nAAA\n",
        "out/patients.csv": PATIENTS.format(1),
        "__MACOSX/._patients.csv": "x",
    }
    (tmp_path / "all.zip").write_bytes(zipped(files))
    results = load_into(home.connection, home.delivered, [tmp_path / "all.zip"])
    assert [(each.file, each.status) for each in results] == [
        ("all.zip/out/patients.csv", "loaded"),
        ("all.zip/out/adverse_events.csv", "loaded"),
        ("all.zip/__MACOSX/._patients.csv", "left_out"),
    ]
    again = load_into(home.connection, home.delivered, [tmp_path / "all.zip"])
    assert {each.status for each in again} == {"already_loaded", "left_out"}


def test_an_archive_that_is_far_larger_than_it_looks_is_refused(home, tmp_path):
    (tmp_path / "patients.zip").write_bytes(zipped({"patients.csv": "0" * 40_000_000}))
    (result,) = load_into(home.connection, home.delivered, [tmp_path / "patients.zip"])
    assert result.status == "refused" and "times as large" in result.reason


def test_parents_come_before_children_whatever_the_order_of_names(tmp_path):
    contracts = load_contracts()
    names = [contract.file_name for contract in contracts.values()]
    random.Random(1).shuffle(names)
    for name in names:
        (tmp_path / name).write_text("x")
    found = [each.path.name for each in list_folder(tmp_path, contracts).files]
    assert found == [contract.file_name for contract in contracts.values()]
