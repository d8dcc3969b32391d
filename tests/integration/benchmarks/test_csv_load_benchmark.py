"""The benchmark of loading measures every side on every shape of a file."""

import shutil

import pytest

from benchmarks.csv_load import FILE, SHAPES, SYSTEMS, main, shaped
from pipeline.config import load_settings
from pipeline.orchestrate.intake import ingest_files


def test_every_side_and_shape_is_a_line_of_the_table(capsys):
    main(["--rows", "2100", "--repeats", "1"])
    lines = [line.strip("|").split("|") for line in capsys.readouterr().out.splitlines()[2:]]
    sides = [name for name in SYSTEMS if name != "sqlite" or shutil.which("sqlite3")]
    found = [(line[1].strip(), line[2].strip()) for line in lines]
    assert found == [(shape, side) for shape in SHAPES for side in sides]
    assert all(float(line[3]) > 0 for line in lines if line[2].strip() != "sqlite")


@pytest.mark.parametrize(("shape", "rejected"), [("plain", 0), ("quoted", 0), ("damaged", 2)])
def test_shapes_hold_the_same_rows(tmp_path, shape, rejected):
    source = tmp_path / "source.csv"
    rows = "".join(f"E{at},2103523009,1034528,29888,{at}\n" for at in range(2500))
    source.write_text("encounter_id,npi,patient_id,cpt,paid_amount\n" + rows)
    file = shaped(source, shape, tmp_path / shape)
    assert file.name == FILE
    (result,) = ingest_files(load_settings(home=tmp_path / "home"), [file])
    assert (result.status, result.received, result.rejected) == ("loaded", 2500, rejected)
