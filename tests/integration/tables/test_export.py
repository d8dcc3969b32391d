"""An export into the home: filtered, noted, whole or not at all, in pieces."""

import json
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import InputRefused
from pipeline.services.features import retrieval, training
from pipeline.services.tables import export
from pipeline.services.tables.export_files import write_frame
from pipeline.store.browse.filters import Filter
from tests.warehouse import copied, query


@pytest.fixture
def home(sample_home, tmp_path):
    return copied(sample_home, tmp_path / "home")


def test_an_export_into_the_home_is_listed_with_its_manifest(home):
    made = export.into_home(
        home, "provider_scorecard", ".parquet", "safe_harbor", author="A. Analyst"
    )
    assert export.manifests(home) == [made] == [json.loads(Path(made["manifest"]).read_text())]
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
    filters = (Filter("patient_id", "is", patient), Filter("cpt", "is not", "x"))
    made = export.into_home(home, "std_encounters", ".csv", "safe_harbor", filters)
    assert (
        made["rows"]
        == query(home.home, "select count(*) from std_encounters where patient_id = ?", patient)[0][
            0
        ]
    )
    assert made["filters"] == [
        {"column": "patient_id", "operator": "is", "value": "(not told)"},
        {"column": "cpt", "operator": "is not", "value": "x"},
    ]
    assert patient not in Path(made["manifest"]).read_text()


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


def test_a_file_that_cannot_be_written_to_its_end_leaves_the_one_before_it(tmp_path, monkeypatch):
    path = tmp_path / "features.parquet"
    path.write_bytes(b"the one before")

    def full(self, target, **options):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OSError, match="space"):
        write_frame(path, pd.DataFrame({"a": [1]}))
    assert path.read_bytes() == b"the one before" and [
        path.name for path in tmp_path.iterdir()
    ] == [path.name]


def test_every_file_of_rows_belongs_to_its_owner_only(home, tmp_path):
    retrieval.export(home, tmp_path / "f.parquet", "feat_provider")
    training.export(home, tmp_path / "t.csv")
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("*.*")} == {0}


@pytest.mark.parametrize("out", ["", "/", "."])
def test_a_folder_is_no_file_to_write_to(home, out):
    with pytest.raises(InputRefused, match="folder"):
        retrieval.export(home, Path(out), "feat_provider")
