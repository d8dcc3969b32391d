"""What `generate` promises about bytes, defects, cascades and the truth."""

import csv
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies

from pipeline.errors import InputRefused
from pipeline.synthetic import generate
from pipeline.synthetic.defects import DEFECTS
from pipeline.synthetic.identifiers import (
    FIRST_PATIENT_ID,
    FIRST_REFERRAL_PATIENT_ID,
    ZIP_PREFIXES,
    is_npi,
)
from pipeline.synthetic.oracle import judge
from pipeline.synthetic.variants import VARIANT_BY_NAME, entities_for

ROWS_HELD = {
    "PRV-04": 2,
    "PAT-03": 2,
    "ROW-03": 2,
    "NET-01": 3,
    "NET-02": 3,
}  # by one planted row; others 1


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def manifest(result) -> dict:
    return json.loads(result.manifest.read_text())


@given(
    seed=strategies.integers(0, 2**40),
    rows=strategies.integers(120, 400),
    chunk=strategies.integers(7, 500),
)
@settings(max_examples=8, deadline=None)
def test_the_same_seed_gives_the_same_bytes_whatever_the_chunk(tmp_path_factory, seed, rows, chunk):
    one = generate(rows, seed, tmp_path_factory.mktemp("one"))
    two = generate(rows, seed, tmp_path_factory.mktemp("two"), chunk_rows=chunk)
    assert one.sha256 == two.sha256
    assert one.manifest.read_bytes() == two.manifest.read_bytes()
    assert (one.out / "_truth.csv").read_bytes() == (two.out / "_truth.csv").read_bytes()


def test_another_seed_gives_other_people(tmp_path):
    one, two = (generate(200, seed, tmp_path / str(seed)) for seed in (1, 2))
    assert not set(one.sha256.values()) & set(two.sha256.values())


def test_the_bytes_of_seed_1_are_the_same_on_every_platform(tmp_path):
    digests = generate(1000, 1, tmp_path).sha256
    together = hashlib.sha256(
        "".join(digests[name] for name in sorted(digests)).encode()
    ).hexdigest()
    assert together == "fed985c492a097972a248e083fcf7218f02f16ef4f166cb8511a412b7e555f84"


@pytest.mark.parametrize("age", ["observed", "clinical"])
def test_no_id_can_belong_to_anyone(tmp_path, age):
    generate(1000, 3, tmp_path, age=age, defects=False)
    providers, referrals = table(tmp_path / "providers.csv"), table(tmp_path / "referrals.csv")
    assert all(is_npi(row["npi"]) and row["npi"].startswith("2") for row in providers)
    assert all(
        row["zip"][:3] in ZIP_PREFIXES and len(row["zip"]) == 9 for row in providers + referrals
    )
    assert all(
        int(row["patient_id"]) >= FIRST_PATIENT_ID for row in table(tmp_path / "patients.csv")
    )
    assert all(int(row["patient_id"]) >= FIRST_REFERRAL_PATIENT_ID for row in referrals)
    assert {row["employer_id"] for row in referrals} <= {
        "91001",
        "91002",
        "91003",
        "91004",
        "91005",
    }


def test_ids_are_unique_and_people_match_their_encounters(tmp_path):
    generate(3000, 4, tmp_path, defects=False)
    encounters, patients = (
        table(tmp_path / "encounters_details.csv"),
        table(tmp_path / "patients.csv"),
    )
    assert len({row["encounter_id"] for row in encounters}) == 3000
    assert {row["patient_id"] for row in encounters} == {row["patient_id"] for row in patients}
    assert len(patients) == 3000


def test_without_defects_nothing_waits(tmp_path):
    expected = manifest(generate(1000, 5, tmp_path, defects=False))["expected"][0]
    assert sum(expected["quarantine"].values()) == 0
    assert expected["silver"]["encounters"] == 1000


@pytest.mark.parametrize("defects", [True, "all"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_rows_and_computed_cascades_are_what_the_oracle_finds(tmp_path, seed, defects):
    document = manifest(generate(1500, seed, tmp_path, defects=defects, rows_per_defect=2))
    delivery, expected = document["deliveries"][0], document["expected"][0]
    cascades = dict(delivery["cascades"])
    assert cascades.pop("NET-05") == expected["warnings"]["NET-05"]
    for note in delivery["planted"]:
        if note["action"] == "Q":
            cascades[note["rule_id"]] = cascades.get(note["rule_id"], 0) + ROWS_HELD.get(
                note["rule_id"], 1
            )
    assert cascades == expected["rules"]


def test_the_manifest_names_the_physical_line_of_every_planted_cell(tmp_path):
    document = manifest(generate(1500, 6, tmp_path, defects="all"))
    for note in document["deliveries"][0]["planted"]:
        text = (tmp_path / note["file"]).read_bytes().decode().split("\n")[note["line"] - 1]
        assert note["bad"] in text


def test_planted_rows_are_disjoint_by_default(tmp_path):
    document = manifest(generate(1500, 6, tmp_path, defects="all", rows_per_defect=3))
    keys = [
        (n["entity"], n["key"])
        for n in document["deliveries"][0]["planted"]
        if n["entity"] != "employer_networks"
    ]
    assert len(set(keys)) == len(keys)
    assert {n["rule_id"] for n in document["deliveries"][0]["planted"]} == {
        defect.rule_id for defect in DEFECTS
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_a_series_ends_with_nothing_but_its_conflicts(tmp_path, seed):
    result = generate(3000, seed, tmp_path, deliveries=3)
    document = manifest(result)
    last = document["expected"][-1]
    assert last["rules"] == {"ROW-03": 20}
    assert (last["silver"]["encounters"], last["quarantined_keys"]["encounters"]) == (2990, 10)
    first = document["expected"][0]
    assert (
        document["deliveries"][0]["cascades"].items()
        <= {**first["rules"], **first["warnings"]}.items()
    )


def test_extra_deliveries_repeat_age_and_shrink(tmp_path):
    document = manifest(
        generate(
            1000,
            1,
            tmp_path,
            deliveries=3,
            extra=("same_bytes", "stale_extract", "network_removal"),
        )
    )
    third, same, stale, shrunk = document["expected"][2:]
    assert same == third
    superseded = [sum(line["superseded"] for line in state["ledger"]) for state in (same, stale)]
    assert superseded[1] == superseded[0] + 10
    assert stale["silver"] == same["silver"]
    assert shrunk["silver"]["employer_networks"] == same["silver"]["employer_networks"] - 3


def test_the_ledger_balances_on_every_line(tmp_path):
    document = manifest(generate(1500, 8, tmp_path, defects="all", rows_per_defect=2))
    for line in document["expected"][0]["ledger"]:
        parts = ("promoted", "quarantined", "superseded", "duplicates", "rejected")
        assert line["received"] == sum(line[part] for part in parts)


@pytest.mark.parametrize("fmt", ["json", "jsonl"])
def test_json_says_the_same_as_csv(tmp_path, fmt):
    csv_result = manifest(generate(600, 9, tmp_path / "csv"))
    json_result = manifest(generate(600, 9, tmp_path / fmt, fmt=fmt))
    assert json_result["expected"] == csv_result["expected"]


@pytest.mark.parametrize(
    "name", [name for name, variant in VARIANT_BY_NAME.items() if variant.lossless]
)
def test_a_lossless_variant_changes_bytes_and_nothing_else(tmp_path, name):
    plain = generate(300, 10, tmp_path / "plain")
    names = tuple(f"{name}:{entity}" for entity in entities_for(name))
    varied = generate(300, 10, tmp_path / "varied", variants=names)
    assert sum(plain.sha256[file] != varied.sha256[file] for file in plain.sha256) >= len(names)
    assert judge([varied.out]).silver == judge([plain.out]).silver
    for file, digest in varied.sha256.items():
        assert hashlib.sha256((varied.out / file).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(
    "name", [name for name, variant in VARIANT_BY_NAME.items() if not variant.lossless]
)
def test_every_other_variant_spoils_its_file_and_is_recorded(tmp_path, name):
    plain, entity = generate(300, 10, tmp_path / "plain"), entities_for(name)[0]
    varied = generate(300, 10, tmp_path / "varied", variants=(f"{name}:{entity}",))
    assert plain.sha256 != varied.sha256
    assert manifest(varied)["deliveries"][0]["variants"][0]["variant"] == name
    assert manifest(varied)["expected"] is None


def test_null_has_no_true_differences_and_signal_has(tmp_path):
    null, signal = (
        generate(2000, 11, tmp_path / world, world=world) for world in ("null", "signal")
    )
    ratios = {
        r.out.name: [float(row["true_ratio"]) for row in table(r.out / "_truth.csv")]
        for r in (null, signal)
    }
    assert set(ratios["null"]) == {1.0}
    assert max(ratios["signal"]) > 1.3 > 0.8 > min(ratios["signal"])
    assert sum(int(row["encounters"]) for row in table(null.out / "_truth.csv")) == 2000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"world": "flat"}, "world"),
        ({"age": "old"}, "age"),
        ({"fmt": "xml"}, "fmt"),
        ({"deliveries": 2}, "deliveries"),
        ({"defects": ("XYZ-99",)}, "XYZ-99"),
        ({"defects": "all"}, "fit|few"),
        ({"variants": ("bom:people",)}, "bom:people"),
    ],
)
def test_what_cannot_be_met_is_refused(tmp_path, arguments, message):
    with pytest.raises(InputRefused, match=message):
        generate(100, 1, tmp_path, **arguments)


def test_a_spoiled_patient_holds_back_every_encounter_of_that_person(tmp_path):
    result = generate(
        900, 16, tmp_path, encounters_per_patient=3, defects=("PAT-04",), rows_per_defect=2
    )
    document = manifest(result)
    assert result.rows["patients.csv"] == 300
    assert (
        document["deliveries"][0]["cascades"]["ENC-08"]
        == 6
        == document["expected"][0]["rules"]["ENC-08"]
    )


def test_referred_people_are_patients_only_on_request(tmp_path):
    for percent, least, most in ((0, 0, 0), (40, 40, 130)):
        generate(1000, 17, tmp_path / str(percent), referral_overlap_percent=percent)
        patients = {row["patient_id"] for row in table(tmp_path / str(percent) / "patients.csv")}
        overlap = sum(
            row["patient_id"] in patients
            for row in table(tmp_path / str(percent) / "referrals.csv")
        )
        assert least <= overlap <= most


def test_a_folder_with_another_format_is_refused(tmp_path):
    generate(100, 1, tmp_path)
    with pytest.raises(InputRefused, match="another format"):
        generate(100, 1, tmp_path, fmt="json")


def test_overlapping_defects_still_end_in_a_balanced_ledger(tmp_path):
    document = manifest(
        generate(
            400,
            18,
            tmp_path,
            defects=("PRV-01", "ENC-09", "ADV-01"),
            rows_per_defect=20,
            overlap=True,
        )
    )
    encounters = next(
        line for line in document["expected"][0]["ledger"] if line["entity"] == "encounters"
    )
    assert encounters["received"] == 400 == encounters["promoted"] + encounters["quarantined"]
