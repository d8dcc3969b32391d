"""How somebody read a sender's file is done again for the next one, and only for that sender, until
it is forgotten.
"""

import io
import sqlite3

import pytest

from pipeline.config import load_settings
from pipeline.services.access import audit
from pipeline.services.run import runs
from pipeline.services.upload import loads, sender_profile, tray
from pipeline.store.sqlite.migrations import migrate, migrations_of

HEADER = b"provider_name,npi,zip\n"


def file(name: bytes = b"M\x81ller", npi: int = 2000000018) -> bytes:
    """Providers in code page 850, which looks like Latin-1."""
    return HEADER + name + b",%d,063450001\n" % npi


def drop(settings, name: str, content: bytes):
    tray_id = tray.keep(settings, name, io.BytesIO(content))
    return next(
        waiting_file for waiting_file in tray.waiting(settings) if waiting_file.tray_id == tray_id
    )


def decide_and_load(settings, name: str, content: bytes, **choices) -> None:
    waits = drop(settings, name, content)
    tray.read_as(settings, waits.tray_id, **choices)
    (result,) = tray.load(settings, [waits.tray_id])
    assert result.status == "loaded"


def test_the_next_file_of_a_sender_is_read_as_decided_and_says_why(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    decide_and_load(
        settings, "clinic_providers_2026-01.csv", file(), encoding="cp850", header_line=1
    )
    again = drop(settings, "Clinic_Providers_2026-02.csv", file(b"B\x84r"))
    look = tray.look(settings, again)
    assert (again.reading.encoding, again.reading.header_line) == ("cp850", 1)
    assert (
        look.why["encoding"] == "as decided for L00001" and look.rows["provider_name"][0] == "Bär"
    )
    (memory,) = sender_profile.profiles(settings)
    assert (memory.load_id, memory.used, memory.ended_at, bool(memory.decided_by)) == (
        "L00001",
        1,
        None,
        True,
    )


def test_a_file_of_another_sender_is_read_as_inferred(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    decide_and_load(settings, "clinic_providers.csv", file(), encoding="cp850")
    for name, content in (
        ("praxis_providers.csv", file()),
        ("clinic_providers_2.csv", file(b"Moller")),
        ("clinic_providers_3.csv", file().replace(b",", b";")),
        ("clinic_providers_4.csv", file().replace(b"zip", b"postcode")),
    ):
        assert not drop(settings, name, content).reading.is_shape, name


def test_a_delimiter_is_remembered_whatever_letters_a_file_holds_an_encoding_only_for_files_of_its_kind(
    tmp_path,
):
    settings = load_settings(home=tmp_path / "home")
    decide_and_load(settings, "clinic_providers_1.csv", file(), encoding="cp850")
    decide_and_load(settings, "praxis_providers_1.csv", file("Bär".encode()), delimiter=",")
    assert drop(settings, "praxis_providers_2.csv", file(b"J\x84ger")).reading.delimiter == ","
    assert not drop(settings, "clinic_providers_2.csv", file("Jäger".encode())).reading.is_shape


def test_what_is_forgotten_is_read_as_inferred_also_where_it_waits_and_stays_on_record(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    decide_and_load(settings, "clinic_providers_1.csv", file(), encoding="cp850")
    waits = drop(settings, "clinic_providers_2.csv", file(b"B\x84r"))
    sender_profile.forget(settings, waits.reading.recalled_id)
    assert [waiting_file.reading for waiting_file in tray.waiting(settings)] == [tray.Reading()]
    assert not drop(settings, "clinic_providers_3.csv", file(b"Z\x81rn")).reading.is_shape
    (memory,) = sender_profile.profiles(settings)
    assert memory.values == {"encoding": "cp850"} and memory.ended_at and memory.ended_by
    (record,) = audit.newest(settings, 1)
    assert (record.action, record.target) == ("forget reading", str(memory.memory_id))


def test_the_newest_decision_counts_and_setting_it_back_ends_it(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    decide_and_load(settings, "clinic_providers_1.csv", file(), encoding="cp850")
    decide_and_load(settings, "clinic_providers_2.csv", file(b"B\x84r"), encoding="mac-roman")
    assert (
        drop(settings, "clinic_providers_3.csv", file(b"Z\x81rn")).reading.encoding == "mac-roman"
    )
    names = ("Jäger", "Müller", "Schröder", "Köhler", "Weiß", "Krüger", "Böhm", "Groß")
    rows = b"".join(
        file(name.encode("cp850"), 2000000034 + 8 * place).removeprefix(HEADER)
        for place, name in enumerate(names)
    )
    decide_and_load(settings, "clinic_providers_4.csv", HEADER + rows, encoding=None)
    assert not drop(settings, "clinic_providers_5.csv", file(b"K\x94nig")).reading.is_shape
    assert [memory.ended_at is None for memory in sender_profile.profiles(settings)] == [
        False,
        False,
    ]


def test_a_mapping_made_by_hand_is_on_the_same_record(tmp_path):
    settings, content = (
        load_settings(home=tmp_path / "home"),
        b"Kid;Sex;Geboren\n1000001;male;1950-01-02\n",
    )
    mapping = (("Kid", "patient_id"), ("Sex", "gender"), ("Geboren", "birth_date"))
    decide_and_load(settings, "people.csv", content, entity="patients", mapping=mapping)
    again = drop(settings, "others.csv", content.replace(b"1950", b"1951"))
    assert again.reading.is_remembered and again.reading.mapping == mapping
    (memory,) = sender_profile.profiles(settings)
    assert (memory.kind, memory.values["entity"], memory.used) == ("mapping", "patients", 1)
    sender_profile.forget(settings, memory.memory_id)
    assert tray.look(settings, tray.waiting(settings)[0]).refused


def test_mappings_of_an_earlier_version_are_kept():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, migrations_of("control")[:5])
    connection.execute(
        """insert into ops_header_mappings values ('s', 'patients', '{"Kid": "patient_id"}')"""
    )
    migrate(connection, migrations_of("control"))
    assert connection.execute(
        "select kind, shape, told ->> '$.entity', told ->> '$.mapping.Kid' from ops_intake_memory"
    ).fetchall() == [("mapping", "s", "patients", "patient_id")]


def test_a_decision_that_makes_no_table_of_the_next_file_is_not_done_again(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    notes, name = b"List\nof people\n", "Müller".encode()
    decide_and_load(settings, "clinic_providers_1.csv", notes + file(name), header_line=3)
    fits = drop(settings, "clinic_providers_2.csv", notes + file(name, npi=2000000026))
    assert fits.reading.header_line == 3 and tray.look(settings, fits).is_ready
    other = drop(settings, "clinic_providers_3.csv", b"List\n" + file(name, npi=2000000034))
    assert not other.reading.is_shape and tray.look(settings, other).is_ready


@pytest.mark.parametrize("service", ["loads", "runs"])
def test_what_is_decided_on_the_command_line_is_remembered_for_the_page_and_back(tmp_path, service):
    settings = load_settings(home=tmp_path / "home")
    paths = [tmp_path / f"clinic_providers_{number}.csv" for number in (1, 2, 3)]
    for number, path in enumerate(paths):
        path.write_bytes(file(npi=2000000018 + 8 * number))
    decided = loads.reading(encoding="cp850")
    if service == "runs":
        runs.run_now(settings, verb="ingest", paths=paths[:1], reading=decided)
    else:
        loads.ingest(settings, paths[:1], reading=decided)
    (again,) = loads.ingest(settings, paths[1:2])
    assert again.encoding == "cp850"
    assert "encoding 'cp850' as for L00001" in [finding.detail for finding in again.findings]
    assert drop(settings, paths[2].name, paths[2].read_bytes()).reading.encoding == "cp850"
    (overruled,) = loads.ingest(settings, paths[2:], reading=loads.reading(encoding="cp1252"))
    assert overruled.encoding == "cp1252"
    in_force = [memory for memory in sender_profile.profiles(settings) if not memory.ended_at]
    assert [memory.values for memory in in_force] == [{"encoding": "cp1252"}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("encounters.json", b"[{'encounter_id': 'ABC'}]"),
        ("patients.xlsx", b"PK\x03\x04" + bytes(40)),
        ("patients.csv", b""),
        ("patients.csv", b"%PDF-1.7\n" + bytes(range(256))),
        ("patients.json", b'[{"patient_id": "1", "patient_id": "2"'),
        ("patients.csv.gz", b"\x1f\x8b\x08broken"),
    ],
)
def test_a_file_that_is_no_table_lies_in_the_tray_with_its_reason(tmp_path, name, content):
    settings = load_settings(home=tmp_path / "home")
    decide_and_load(settings, "clinic_providers_1.csv", file(), encoding="cp850")
    look = tray.look(settings, drop(settings, name, content))
    assert look.refused and not look.is_ready
    path = tmp_path / name
    path.write_bytes(content)
    (result,) = loads.ingest(settings, [path])
    assert result.status == "refused" and result.reason
