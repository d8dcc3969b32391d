"""The tray keeps dropped files, whole, private and once; a reading decided by hand decides how they
are read.
"""

import stat

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest import tray
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.identification import identify
from pipeline.ingest.preview import preview
from pipeline.ingest.reading import Reading

PROVIDERS = 'made by hand\nprovider_name;npi;zip\n"Müller; Anna";2000000018;063450001\n'


def test_the_same_bytes_under_the_same_name_lie_there_once(tmp_path):
    first = tray.put(tmp_path / "tray", "providers.csv", [b"a", b"b"])
    assert tray.put(tmp_path / "tray", "C:\\sent\\providers.csv", [b"ab"]) == first
    other = tray.put(tmp_path / "tray", "other.csv", [b"ab"])
    assert {file.tray_id for file in tray.waiting(tmp_path / "tray")} == {first, other}
    assert tray.get(tmp_path / "tray", first).path.read_bytes() == b"ab"


def test_only_the_owner_can_read_what_lies_there(tmp_path):
    tray_id = tray.put(tmp_path / "tray", "providers.csv", [b"a"])
    assert stat.S_IMODE((tmp_path / "tray").stat().st_mode) == 0o700
    assert stat.S_IMODE(tray.get(tmp_path / "tray", tray_id).path.stat().st_mode) == 0o600


def test_a_file_that_breaks_off_on_its_way_leaves_nothing(tmp_path):
    def breaks():
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        tray.put(tmp_path / "tray", "providers.csv", breaks())
    assert list((tmp_path / "tray").iterdir()) == []


def test_a_reading_is_kept_and_a_file_that_has_gone_says_so(tmp_path):
    tray_id = tray.put(tmp_path / "tray", "providers.csv", [b"a"])
    reading = Reading(
        delimiter="\t",
        header_line=3,
        entity="providers",
        mapping=(("Name", "provider_name"), ("x", None)),
    )
    tray.read_as(tmp_path / "tray", tray_id, reading)
    assert tray.get(tmp_path / "tray", tray_id).reading == reading
    tray.take_out(tmp_path / "tray", tray_id)
    with pytest.raises(InputRefused, match="no longer in the tray"):
        tray.read_as(tmp_path / "tray", tray_id, reading)


@pytest.mark.parametrize(
    ("reading", "header"),
    [
        (Reading(), ["provider_name", "npi", "zip"]),
        (Reading(delimiter=","), ["made by hand"]),
        (Reading(header_line=1, delimiter=";"), ["made by hand"]),
    ],
)
def test_delimiter_and_header_line_are_read_as_decided(reading, header):
    look = preview(Delivery("providers.csv", PROVIDERS.encode()), reading=reading)
    assert list(look.header_cells) == header


def test_an_encoding_is_read_as_decided():
    table, _ = identify(
        Delivery("providers.csv", PROVIDERS.encode("cp1252")),
        load_contracts(),
        Reading(encoding="cp850"),
    )
    (batch,) = table.batches()
    assert batch.rows[0][0] == "M³ller; Anna"
    table, _ = identify(Delivery("providers.csv", PROVIDERS.encode("cp1252")), load_contracts())
    assert next(table.batches()).rows[0][0] == "Müller; Anna"


@pytest.mark.parametrize(
    ("reading", "message"),
    [(Reading(header_line=400), "line 400"), (Reading(encoding="klingon"), "klingon")],
)
def test_a_decision_that_cannot_be_is_refused_with_what_it_was(reading, message):
    assert (
        message in preview(Delivery("providers.csv", PROVIDERS.encode()), reading=reading).refused
    )
