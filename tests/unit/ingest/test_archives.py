"""Each file of an archive has its fate, on the command line and in the tray."""

import io
import os
import stat
import zipfile

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.ingest import tray
from pipeline.ingest.batch import load_into
from pipeline.ingest.folder import list_folder
from pipeline.ingest.limits import DEFAULT_LIMITS
from pipeline.ingest.preview import preview
from tests.unit.ingest.test_workbooks import PATIENTS, book

TEXT = "patient_id,gender,birth_date\n{},female,1950-01-02\n"


def packed(files: dict[str, bytes | str], modes: dict[str, int] | None = None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2026, 5, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (modes or {}).get(name, stat.S_IFREG | 0o600) << 16
            archive.writestr(info, content)
    return stream.getvalue()


def encrypted(data: bytes) -> bytes:
    """The archive with the mark of encryption on each of its files."""
    changed = bytearray(data)
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = changed.find(start)
        while place >= 0:
            changed[place + at] |= 1
            place = changed.find(start, place + 4)
    return bytes(changed)


FATES = {
    "patients_1.csv": (TEXT.format(1), "loaded", ""),
    "book.xlsx": (book({"s": PATIENTS}), "loaded", ""),
    "../patients_2.csv": (TEXT.format(2), "refused", "leads out of its archive"),
    "/patients_3.csv": (TEXT.format(3), "refused", "leads out of its archive"),
    "a/../../patients_4.csv": (TEXT.format(4), "refused", "leads out of its archive"),
    "C:\\patients_5.csv": (TEXT.format(5), "refused", "leads out of its archive"),
    "inner.zip": (packed({"patients.csv": TEXT.format(6)}), "refused", "a ZIP archive of files"),
    "patients_link.csv": ("/etc/passwd", "refused", "is a link"),
    "patients_pipe.csv": ("", "refused", "device or pipe"),
    "patients_empty.csv": ("", "refused", "empty"),
    "__MACOSX/._patients.csv": ("x", "left_out", "__MACOSX"),
    ".DS_Store": ("x", "left_out", "hidden"),
    "letter.docx": ("x", "left_out", "neither named"),
}
MODES = {"patients_link.csv": stat.S_IFLNK | 0o777, "patients_pipe.csv": stat.S_IFIFO | 0o600}
CONTENT = {name: content for name, (content, _, _) in FATES.items()}


def test_each_file_of_an_archive_has_its_own_fate(home, tmp_path):
    (tmp_path / "all.zip").write_bytes(packed(CONTENT, MODES))
    results = {
        each.file: each
        for each in load_into(home.connection, home.delivered, [tmp_path / "all.zip"])
    }
    assert len(results) == len(FATES)
    for name, (_, status, says) in FATES.items():
        result = results[f"all.zip/{name.replace(chr(92), '/').lstrip('/')}"]
        assert (result.status, says in (result.reason or "")) == (status, True), result
    assert not list(home.delivered.glob(".member*"))


def test_each_file_of_a_dropped_archive_waits_in_the_tray(tmp_path):
    folder, left_out = tmp_path / "tray", []
    dropped = tray.put(folder, "all.zip", [packed(CONTENT, MODES)])
    tray.take_apart(folder, dropped, DEFAULT_LIMITS, load_contracts(), left_out.append)
    files = tray.waiting(folder)
    assert len(files) + len(left_out) == len(FATES)
    assert len(left_out) == sum(status == "left_out" for _, status, _ in FATES.values())
    refused = {file.name: file.refusal for file in files if file.refusal}
    assert "leads out" in refused["all.zip/../patients_2.csv"][0]
    again = tray.get(folder, files[0].tray_id)
    tray.read_as(folder, again.tray_id, again.reading)
    assert tray.get(folder, again.tray_id).refusal == again.refusal


def test_encrypted_files_are_refused_each(home, tmp_path):
    (tmp_path / "all.zip").write_bytes(encrypted(packed({"patients.csv": TEXT.format(1)})))
    (result,) = load_into(home.connection, home.delivered, [tmp_path / "all.zip"])
    assert (result.file, result.status) == ("all.zip/patients.csv", "refused")
    assert "is encrypted" in result.reason


@pytest.mark.parametrize("what", ["cut", "flipped"])
def test_a_damaged_archive_says_so(home, tmp_path, what):
    data = bytearray(packed({"patients.csv": TEXT.format(1) * 50}))
    if what == "cut":
        del data[len(data) // 2 :]
    else:
        data[60] ^= 0xFF
    (tmp_path / "all.zip").write_bytes(data)
    (result,) = load_into(home.connection, home.delivered, [tmp_path / "all.zip"])
    assert result.status == "refused" and "damaged" in result.reason


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (packed({}), "without any file"),
        (packed({"patients.csv": "0" * 80_000_000}), "times as large"),
        (packed({"patients.csv": TEXT.format(1) * 50})[:150], "cut off or damaged"),
    ],
    ids=["empty", "far larger than it looks", "cut off"],
)
def test_an_archive_that_is_refused_as_a_whole_says_the_same_in_the_tray(
    home, tmp_path, data, says
):
    (tmp_path / "all.zip").write_bytes(data)
    (result,) = load_into(home.connection, home.delivered, [tmp_path / "all.zip"])
    assert says in result.reason
    folder = tmp_path / "tray"
    dropped = tray.put(folder, "all.zip", [data])
    (tray_id,) = tray.take_apart(folder, dropped, DEFAULT_LIMITS, load_contracts(), pytest.fail)
    (waiting,) = tray.waiting(folder)
    assert (waiting.tray_id, waiting.name) == (tray_id, "all.zip")
    assert preview(waiting.delivery).refused == result.reason


def test_files_of_an_archive_come_in_the_order_of_their_dates(home, tmp_path):
    names = ["patients_2026-10.csv", "patients_2026-9.csv"]
    (tmp_path / "all.zip").write_bytes(
        packed({name: TEXT.format(at) for at, name in enumerate(names)})
    )
    results = load_into(home.connection, home.delivered, [tmp_path / "all.zip"])
    assert [each.file for each in results] == [f"all.zip/{name}" for name in reversed(names)]


def test_pipes_and_sockets_of_a_folder_are_named_and_not_opened(tmp_path):
    os.mkfifo(tmp_path / "patients.csv")
    (listing,) = [list_folder(tmp_path, load_contracts())]
    assert listing.files == () and listing.left_out[0][1] == "a pipe, which is not opened"
