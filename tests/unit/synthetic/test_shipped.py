"""The data in the repository is what the generator makes, and it has the story that the docs
tell.
"""

import json
from pathlib import Path

import pytest

from pipeline.synthetic.shipped import DATA_DIR, make_deliveries, make_sample


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("name", "make"), [("sample", make_sample), ("deliveries", make_deliveries)]
)
def test_the_committed_files_equal_what_the_generator_makes(tmp_path, name, make):
    make(tmp_path / name)
    assert contents(tmp_path / name) == contents(DATA_DIR / name)


def test_the_sample_has_the_kinds_of_defects_of_a_real_delivery():
    expected = json.loads((DATA_DIR / "sample" / "_manifest.json").read_text())["expected"][0]
    assert expected["rules"] == {"ADV-03": 5, "ENC-06": 62, "NET-03": 3, "PRV-01": 1}
    assert expected["warnings"] == {"ENC-13": 19, "NET-05": 3, "PRV-05": 1, "PRV-09": 1}
    assert expected["silver"] == {
        "providers": 22,
        "patients": 1000,
        "encounters": 938,
        "referrals": 200,
        "employer_networks": 52,
        "adverse_events": 100,
    }


def test_some_files_of_the_sample_have_crlf_and_none_a_final_newline():
    files = {path.name: path.read_bytes() for path in (DATA_DIR / "sample").glob("[a-z]*.csv")}
    assert sorted(name for name, content in files.items() if b"\r\n" in content) == [
        "adverse_events.csv",
        "patients.csv",
        "referrals.csv",
    ]
    assert len(files) == 6
    assert not any(content.endswith(b"\n") for content in files.values())
