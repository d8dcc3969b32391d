"""The oracle gives the answers that are known for hand-made and for delivered data."""

from pathlib import Path

import pytest

from pipeline.synthetic.oracle import Correction, judge

SHARED = Path(__file__).resolve().parents[4] / "shared"
NPI, ID = "2000000002", "A" * 26 + "======"
ENTITIES = (
    "providers",
    "patients",
    "encounters",
    "adverse_events",
    "referrals",
    "employer_networks",
)


def delivery(folder: Path, **texts: str) -> Path:
    folder.mkdir()
    for stem, text in texts.items():
        (folder / f"{stem}.csv").write_bytes(text.encode())
    return folder


def parents(folder: Path, encounters: str, **more: str) -> Path:
    return delivery(
        folder,
        providers=f'provider_name,npi,zip\n"Kel, Noren",{NPI},003191800\n',
        patients="patient_id,gender,birth_date\n1000001,female,1950-01-31\n",
        encounters_details="encounter_id,npi,patient_id,cpt,paid_amount\n" + encounters,
        **more,
    )


def line(encounter_id: str = ID, npi: str = NPI, paid: str = "700") -> str:
    return f"{encounter_id},{npi},1000001,27130,{paid}\n"


def test_an_encounter_without_its_provider_waits_and_its_adverse_event_with_it(tmp_path):
    result = judge(
        [parents(tmp_path / "d", line(npi="2000000010"), adverse_events=f"encounter_id\n{ID}\n")]
    )
    assert result.rules == {"ADV-03": 1, "ENC-06": 1}


def test_a_late_provider_releases_the_encounter(tmp_path):
    first = parents(tmp_path / "1", line(npi="2000000010"), adverse_events=f"encounter_id\n{ID}\n")
    second = delivery(
        tmp_path / "2", providers='provider_name,npi,zip\n"Ro, Li",2000000010,003191800\n'
    )
    result = judge([first, second])
    assert (result.silver["encounters"], result.silver["adverse_events"], result.rules) == (
        1,
        1,
        {},
    )


def test_two_contents_of_a_key_in_one_file_hold_each_other_back(tmp_path):
    result = judge([parents(tmp_path / "d", line() + line(paid="701"))])
    assert (result.quarantine["encounters"], result.quarantined_keys["encounters"]) == (2, 1)


def test_a_later_single_version_resolves_a_conflict(tmp_path):
    first = parents(tmp_path / "1", line() + line(paid="701"))
    second = delivery(
        tmp_path / "2", encounters_details="encounter_id,npi,patient_id,cpt,paid_amount\n" + line()
    )
    result = judge([first, second])
    assert (result.silver["encounters"], result.quarantine["encounters"]) == (1, 0)


def test_a_bad_newer_version_leaves_the_good_older_one(tmp_path):
    first = parents(tmp_path / "1", line())
    second = delivery(
        tmp_path / "2",
        encounters_details="encounter_id,npi,patient_id,cpt,paid_amount\n" + line(paid="?"),
    )
    result = judge([first, second])
    assert (result.silver["encounters"], result.quarantine["encounters"]) == (1, 1)


def test_the_same_bytes_again_are_no_delivery(tmp_path):
    first, second = parents(tmp_path / "1", line()), parents(tmp_path / "2", line())
    assert judge([first, second]) == judge([first])


def test_a_shorter_list_takes_a_provider_out_of_the_network(tmp_path):
    def networks(name: str, npis: str) -> Path:
        return delivery(
            tmp_path / name, employer_in_network=f'employer_id,in_network_npis\n91001,"{npis}"\n'
        )

    result = judge([networks("1", f"{NPI}, 2000000010"), networks("2", NPI)])
    assert result.silver["employer_networks"] == 1
    assert [(entry.promoted, entry.superseded, entry.duplicates) for entry in result.ledger] == [
        (1, 1, 0),
        (0, 0, 1),
    ]


def test_a_ragged_line_is_received_and_rejected(tmp_path):
    result = judge([parents(tmp_path / "d", line() + "short,line\n")])
    ledger = next(entry for entry in result.ledger if entry.entity == "encounters")
    assert (ledger.received, ledger.promoted, ledger.rejected) == (2, 1, 1)


@pytest.mark.skipif(
    not (SHARED / "reference_delivery").is_dir(), reason="the reference delivery is not here"
)
def test_the_reference_delivery_has_its_known_answer_before_and_after_two_corrections():
    folder = SHARED / "reference_delivery"
    before = judge([folder])
    fixes = [
        Correction("providers", "npi", "", "2763840891"),
        Correction("employer_networks", "npi", "251755351", "2517553519"),
    ]
    after = judge([folder], fixes)
    assert [before.silver[e] for e in ENTITIES] == [22, 1000, 939, 102, 200, 48]
    assert before.rules == {"ADV-03": 3, "ENC-06": 61, "NET-03": 3, "PRV-01": 1}
    assert before.warnings == {"ENC-13": 17, "NET-05": 3, "PRV-05": 1, "PRV-09": 1}
    assert [after.silver[e] for e in ENTITIES] == [23, 1000, 1000, 105, 200, 51]
    assert sum(after.quarantine.values()) == 0


@pytest.mark.skipif(
    not (SHARED / "example_deliveries").is_dir(), reason="the example deliveries are not here"
)
@pytest.mark.parametrize(
    ("last", "silver", "keys", "rows", "promoted", "orphans"),
    [(1, 3435, 65, 65, 375, 15), (2, 4430, 70, 70, 487, 7), (3, 4990, 10, 20, 533, 0)],
)
def test_the_example_deliveries_have_their_known_answers(
    last, silver, keys, rows, promoted, orphans
):
    result = judge(
        [SHARED / "example_deliveries" / f"delivery_{number}" for number in range(1, last + 1)]
    )
    assert (result.silver["encounters"], result.silver["adverse_events"]) == (silver, promoted)
    assert (result.quarantined_keys["encounters"], result.quarantine["encounters"]) == (keys, rows)
    assert result.quarantine["adverse_events"] == orphans
