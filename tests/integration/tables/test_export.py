"""An export into the home: filtered, noted, whole or not at all, in pieces."""

import hashlib
import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import InputRefused
from pipeline.services.features import exports, retrieval, training
from pipeline.services.tables import export, release_records, screen_downloads
from pipeline.services.tables.export_files import whole
from pipeline.store.browse.filters import Filter
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.statements import transaction
from tests.warehouse import copied, query


@pytest.fixture
def home(sample_home, tmp_path):
    return copied(sample_home, tmp_path / "home")


def test_an_export_into_the_home_is_listed_with_its_manifest(home):
    made = export.into_home(
        home, "provider_scorecard", ".parquet", "safe_harbor", author="A. Analyst"
    )
    document = json.loads(Path(made["manifest"]).read_text())
    assert export.manifests(home) == [made]
    assert {**document, "file": made["file"], "manifest": made["manifest"]} == made
    assert document["file"] == Path(made["file"]).name
    assert Path(made["file"]).parent == home.home / "exports" and made["made_by"] == "A. Analyst"
    assert (
        Path(made["file"]).stat().st_mode & 0o077 == 0
        and (home.home / "exports").stat().st_mode & 0o077 == 0
    )
    frame = pd.read_parquet(made["file"])
    assert (
        len(frame) == made["rows"]
        and pd.api.types.is_numeric_dtype(frame["paid_sum_usd"])
        and pd.api.types.is_string_dtype(frame["npi"])
    )


def test_a_limited_data_set_leaves_only_with_a_note(home):
    with pytest.raises(InputRefused, match="data use agreement"):
        export.into_home(home, "std_referrals", ".csv", "limited_data_set", note="  ")
    made = export.into_home(
        home, "std_referrals", ".csv", "limited_data_set", note="University, DUA 12"
    )
    assert made["note"] == "University, DUA 12"
    assert set(pd.read_csv(made["file"], dtype=str)["zip5"].str.len().dropna()) == {5}


def test_filtered_rows_leave_and_the_manifest_keeps_no_value_of_a_patient(home):
    ((patient,),) = query(home.home, "select patient_id from std_encounters limit 1")
    filters = (Filter("patient_id", "is not", patient), Filter("cpt", "is not", "x"))
    with pytest.raises(InputRefused, match="is masked"):
        export.into_home(home, "std_encounters", ".csv", "safe_harbor", filters)
    made = export.into_home(home, "std_encounters", ".csv", "internal", filters)
    assert (
        made["rows"]
        == query(home.home, "select count(*) from std_encounters where patient_id <> ?", patient)[
            0
        ][0]
    )
    assert made["filters"] == [
        {"column": "patient_id", "operator": "is not", "value": "(not told)"},
        {"column": "cpt", "operator": "is not", "value": "x"},
    ]
    assert patient not in Path(made["manifest"]).read_text()


def test_rows_of_fewer_than_eleven_people_do_not_leave_under_safe_harbor(home):
    ((row,),) = query(home.home, "select _row_id from std_encounters limit 1")
    filters = (Filter("_row_id", "is", row),)
    with pytest.raises(InputRefused, match="fewer than 11 people"):
        export.into_home(home, "std_encounters", ".csv", "safe_harbor", filters)
    assert list((home.home / "exports").iterdir()) == []
    assert export.into_home(home, "std_encounters", ".csv", "internal", filters)["rows"] >= 1


def test_an_export_that_is_stopped_leaves_no_file(home):
    class Stopped(Exception):
        pass

    def stop(rows, total):
        raise Stopped

    with pytest.raises(Stopped):
        export.into_home(home, "std_patients", ".csv", "safe_harbor", on_progress=stop)
    assert list((home.home / "exports").iterdir()) == []


@pytest.mark.parametrize("ending", export.FORMATS)
def test_many_pieces_make_the_same_file_as_one(home, ending, monkeypatch, tmp_path):
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet}[ending]
    export.export(home, "fct_encounter", tmp_path / f"one{ending}", "internal")
    monkeypatch.setattr("pipeline.store.browse.chunks.chunks.__defaults__", (100, ()))
    heard = []
    export.export(
        home,
        "fct_encounter",
        tmp_path / f"many{ending}",
        "internal",
        on_progress=lambda rows, total: heard.append((rows, total)),
    )
    assert heard[0] == (100, heard[-1][0]) and len(heard) == -(-heard[-1][0] // 100)
    pd.testing.assert_frame_equal(read(tmp_path / f"one{ending}"), read(tmp_path / f"many{ending}"))


def test_a_file_that_cannot_be_written_to_its_end_leaves_the_one_before_it(
    home, tmp_path, monkeypatch
):
    path = tmp_path / "features.parquet"
    path.write_bytes(b"the one before")

    def full(self, table):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.write_table", full)
    with pytest.raises(OSError, match="space"):
        export.export(home, "provider_scorecard", path)
    assert path.read_bytes() == b"the one before" and [
        path.name for path in tmp_path.glob("*.*")
    ] == [path.name]
    assert audited(home) == []


def test_every_file_of_rows_belongs_to_its_owner_only(home, tmp_path):
    exports.export(home, tmp_path / "f.parquet", "feat_provider")
    training.export(home, tmp_path / "t.csv", profile="internal")
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("*.*")} == {0}


@pytest.mark.parametrize("out", ["", "/", "."])
def test_a_folder_is_no_file_to_write_to(home, out):
    with pytest.raises(InputRefused):
        exports.export(home, Path(out), "feat_provider")
    with pytest.raises(InputRefused, match="folder"), whole(Path(out)):
        pass


def audited(home) -> list[dict]:
    with open_control(home) as control:
        return [
            {"action": each.action, "author": each.facts["author"], "detail": each.facts}
            for each in audit.newest(control, 100)[::-1]
            if each.action in ("export", "download")
        ]


def exports_of(home, folder: Path) -> dict:
    """Each way to take rows along, as a call."""
    asked = folder / "asked.csv"
    npi = query(home.home, "select npi from provider_scorecard limit 1")[0][0]
    asked.write_text(f"npi,event_timestamp\n{npi},2030-01-01T00:00:00Z\n")
    page = pd.DataFrame({"npi": ["2881158705"], "encounter_count": [20]})
    moment = query(home.home, "select max(event_timestamp) from feat_provider")[0][0]
    latest = retrieval.latest(home, "provider")
    return {
        "table": lambda: export.export(home, "provider_scorecard", folder / "a.csv", author="A"),
        "features": lambda: exports.export(home, folder / "b.csv", "provider", author="A"),
        "known at": lambda: exports.export(
            home, folder / "c.parquet", "provider", moment, author="A"
        ),
        "joined": lambda: exports.historical(
            home, ["provider"], asked, folder / "d.csv", author="A"
        ),
        "training": lambda: training.export(home, folder / "e.csv", profile="internal", author="A"),
        "printed": lambda: exports.printed(home, "provider", latest, author="A"),
        "all as Parquet": lambda: exports.parquet(home, "provider", moment, author="A"),
        "page": lambda: screen_downloads.page_bytes(home, "provider_scorecard", page, "A"),
        "shown": lambda: screen_downloads.shown(home, page, "scores", "A"),
        "to print": lambda: screen_downloads.printed(
            home, "Scores", ["So many."], page, {}, "scores", "A"
        ),
        "unmasked": lambda: screen_downloads.unmasked(home, page, "scores", "A", "repair"),
    }


def test_each_way_to_take_rows_along_leaves_one_record(home, tmp_path):
    for name, take in exports_of(home, tmp_path).items():
        before = len(audited(home))
        take()
        (record,) = audited(home)[before:]
        assert record["author"] == "A" and record["action"] in ("export", "download"), name
        detail = record["detail"]
        assert detail["profile"] in ("safe_harbor", "internal", "screen"), name
        assert {"rows", "sha256", "columns", "note", "made_at"} <= detail.keys(), name


def test_what_is_recorded_of_a_file_is_its_hash_and_its_manifest_stands_beside_it(home, tmp_path):
    for name, take in exports_of(home, tmp_path).items():
        before = set(tmp_path.iterdir())
        take()
        new = set(tmp_path.iterdir()) - before
        digest = audited(home)[-1]["detail"]["sha256"]
        for path in new:
            if path.name.endswith(release_records.MANIFEST):
                assert json.loads(path.read_text())["sha256"] == digest, name
            else:
                assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, name
        assert len(new) in (0, 2)


@pytest.mark.parametrize("name", ["Jane_Doe.csv", "1950-06-01.parquet", "1000175.csv"])
def test_a_name_that_a_person_wrote_stands_nowhere(home, tmp_path, name):
    made = export.export(home, "provider_scorecard", tmp_path / name)
    assert Path(made["file"]) == tmp_path / name
    stem = name.partition(".")[0]
    assert stem not in Path(made["manifest"]).read_text()
    assert stem not in json.dumps(audited(home))


def test_no_record_is_ever_changed_or_taken_out(home):
    with open_control(home) as control:
        with transaction(control):
            audit.append(control, "export", "x", {"author": "A"})
        for statement in ("update ops_audit set subject = 'B'", "delete from ops_audit"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                control.execute(statement)


def test_rows_of_people_leave_as_features_under_internal_alone(home, tmp_path):
    asked = tmp_path / "asked.csv"
    ((patient,),) = query(home.home, "select patient_id from feat_patient limit 1")
    asked.write_text(f"patient_id,event_timestamp\n{patient},2030-01-01T00:00:00Z\n")
    with pytest.raises(InputRefused, match="people"):
        exports.historical(home, ["patient"], asked, tmp_path / "out.csv")
    with pytest.raises(InputRefused, match="small cells"):
        training.export(home, tmp_path / "out.csv")
    with pytest.raises(InputRefused, match="fewer than 11 people"):
        exports.printed(home, "patient", retrieval.latest(home, "patient", [patient]))
    assert not (tmp_path / "out.csv").exists() and audited(home) == []
