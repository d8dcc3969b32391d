"""Deliveries that once ended a build, vanished or bent a value, in one home: what each kind comes
to, then what the decisions about them come to when the sender delivers again.

Elsewhere: a file in one order of day and month (tests/integration/upload/test_date_orders.py), keys
of features that became decimal numbers (tests/integration/features/test_point_in_time.py), hostile
cells in every column (test_poison.py).
"""

import csv
import io
from types import SimpleNamespace

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.quarantine import corrections, decisions
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.factories import (
    encounter,
    encounter_id,
    npi,
    patient,
    patient_id,
    provider,
    referral,
    small_world,
)
from tests.warehouse import query

LAYERS = ["landing_zone", "standard_model"]
EVENTS = [encounter_id(number) for number in (3, 7, 11)]
LITTER = {
    "._patients.csv": b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X",
    "~$patients.csv": b"\x05owner",
    "providers.csv.part": b"provider_name,np",
    "README.txt": b"These are the files.\nThanks\n",
    "__MACOSX/._encounters_details.csv": b"\x00\x05\x16\x07",
}


def written(rows: list[dict], header: list[str] | None = None) -> bytes:
    """A CSV file; `header` are the names that stand in it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    if header:
        text.write(",".join(header) + "\n")
    else:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def put(folder, files: dict[str, bytes]):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def as_float(row: dict, *columns: str) -> dict:
    return row | {column: f"{row[column]}.0" for column in columns}


PATIENTS = [
    *(as_float(patient(number), "patient_id") for number in (20, 21)),
    patient(5, patient_id=f"000{patient_id(5)}"),
]
PAIR = [encounter("pair", paid_amount="7206"), encounter("pair", paid_amount="1")]
ENCOUNTERS = [
    as_float(encounter("floats", 1, 20), "npi", "patient_id", "cpt"),
    as_float(encounter("code", 2, 21), "cpt"),
    encounter("exact", npi=f"{npi(3)[0]}.{npi(3)[1:]}E+09"),
    encounter("lost", npi="2.46E+09"),
    encounter("sentinel", paid_amount="9" * 17),
    encounter("grouped", paid_amount="7.206,00"),
    encounter("blank inside", paid_amount="120 50"),
    encounter("groups of four", paid_amount="1,2345,678"),
    encounter("thousands", paid_amount="7.206"),
    encounter("shifted", paid_amount=patient_id(1)),
    encounter("unknown code", cpt="99999"),
    *PAIR,
]
REFERRALS = [
    referral(20, employer_id=""),
    referral(21, zip="601"),
    referral(22, zip="6011234"),
    referral(23, zip="21011234"),
    referral(24, zip="601-1234"),
]
NETWORKS = [{"employer_id": "91002", "in_network_npis": f"[{npi(1)},\n{npi(2)}\t,{npi(3)}]"}]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The home with what its folder came to, built once."""
    folder = tmp_path_factory.mktemp("failing")
    world = small_world()
    blank = provider(30, npi="")
    files = {
        "patients.csv": written(world["patients"] + PATIENTS),
        "providers.csv": written([*world["providers"], blank], ["provider name", " npi ", "ZIP"]),
        "encounters_details_2026-9.csv": written(world["encounters"] + ENCOUNTERS),
        "encounters_details_2026-10.csv": written([encounter(0, paid_amount="5555")]),
        "referrals.csv": written(world["referrals"] + REFERRALS),
        "employer_in_network.csv": written(world["employer_networks"] + NETWORKS),
        "adverse_events_2026-01.csv": b"encounter_id\n",
        "adverse_events_2026-02.csv": written([{"encounter_id": event} for event in EVENTS]),
    }
    settings = load_settings(home=folder / "home", gate_threshold=1.0)
    results = loads.ingest(settings, [put(folder / "in", files | LITTER)])
    run = runs.run_now(settings, verb="build", layers=LAYERS)
    fates = {result.file: result for result in results}
    return SimpleNamespace(settings=settings, files=files, fates=fates, run=run, folder=folder)


def verdict(told, entity: str, **cells: str) -> list[tuple]:
    """(row id, status, rules that hold it back) of rows with these mapped cells."""
    conditions = " and ".join(f"{column} = '{value}'" for column, value in cells.items())
    rows = query(
        told.settings.home,
        f"select _row_id, _status from row_verdicts_{entity} where {conditions} order by _row_id",
    )
    return [
        (
            row_id,
            status,
            [
                rule
                for (rule,) in query(
                    told.settings.home,
                    f"select rule_id from dq_{entity} where action = 'quarantine' and _row_id = '{row_id}'",
                )
            ],
        )
        for row_id, status in rows
    ]


def amount_of(told, name: object) -> list[tuple]:
    return query(
        told.settings.home,
        f"select paid_amount_usd from std_encounters where encounter_id = '{encounter_id(name)}'",
    )


def test_every_file_has_a_fate_and_litter_fails_nothing(told):
    loaded = {name for name, fate in told.fates.items() if fate.status == "loaded"}
    assert loaded == told.files.keys()
    left_out = {name: fate for name, fate in told.fates.items() if fate.status == "left_out"}
    assert left_out.keys() == LITTER.keys() and all(fate.reason for fate in left_out.values())
    assert told.run.status == "succeeded"


def test_names_with_blanks_over_quoted_cells_are_read_with_a_comma(told):
    fate = told.fates["providers.csv"]
    assert (fate.delimiter, fate.received, fate.rejected) == (",", 5, 0)
    names = query(told.settings.home, "select provider_name from std_providers order by npi")
    assert names == [(provider(number)["provider_name"],) for number in range(1, 5)]


def test_the_tenth_file_is_newer_than_the_ninth(told):
    assert amount_of(told, 0) == [(5555.0,)]


def test_a_header_alone_is_a_delivery_of_no_rows(told):
    fate = told.fates["adverse_events_2026-01.csv"]
    assert (fate.status, fate.received) == ("loaded", 0)
    assert "a delivery of no rows" in {finding.detail for finding in fate.findings}


def test_a_line_break_in_a_list_parts_its_entries(told):
    entries = query(
        told.settings.home, "select npi from std_employer_networks where employer_id = '91002'"
    )
    assert sorted(entries) == sorted((npi(number),) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("lost", "ENC-04"),
        ("sentinel", "ENC-17"),
        ("grouped", "ENC-11"),
        ("blank inside", "ENC-11"),
        ("groups of four", "ENC-11"),
        ("thousands", "ENC-18"),
        ("shifted", "ENC-19"),
        ("unknown code", "ENC-10"),
    ],
)
def test_a_value_that_cannot_be_read_waits_with_its_reason(told, name, rule):
    ((_, status, rules),) = verdict(told, "encounters", encounter_id=encounter_id(name))
    assert status == "quarantined" and rule in rules
    assert amount_of(told, name) == []


def test_a_referral_without_its_employer_waits_alone(told):
    waiting = verdict(told, "referrals", patient_id=referral(20)["patient_id"])
    assert [(status, rules) for _, status, rules in waiting] == [("quarantined", ["REF-11"])]
    assert query(told.settings.home, "select count(*) from std_referrals") == [(3,)]


def test_codes_that_passed_a_spreadsheet_are_restored_and_each_row_counts_once(told):
    for name, cpt in (("floats", "27130"), ("code", "27130"), ("exact", "27130")):
        row = encounter_id(name)
        ((_, status, _),) = verdict(told, "encounters", encounter_id=row, cpt=cpt)
        assert status == "promoted"
    counted = {
        rule.entity: rule.failing_rows for rule in told.run.rules if rule.rule_id == "ROW-07"
    }
    assert (counted["encounters"], counted["patients"], counted["providers"]) == (3, 2, 0)


def test_zips_that_lost_one_or_two_zeros_get_them_suggested(told):
    suggested = {
        each.old: each.new
        for each in decisions.suggestions(told.settings)
        if each.entity == "referrals"
    }
    assert suggested == {
        "601": "00601",
        "6011234": "006011234",
        "21011234": "021011234",
        "601-1234": "00601-1234",
    }


def test_identifiers_that_differ_in_zeros_alone_are_remarked_on(told):
    remarked = query(
        told.settings.home,
        "select patient_id from row_verdicts_patients where _row_id in "
        "(select _row_id from dq_patients where rule_id = 'PAT-11' and action = 'flag')",
    )
    assert sorted(remarked) == [(f"000{patient_id(5)}",), (patient_id(5),)]


def test_a_waiver_of_a_missing_key_is_refused(told):
    ((row_id,),) = query(
        told.settings.home, "select _row_id from row_verdicts_providers where npi is null"
    )
    with pytest.raises(InputRefused):
        decisions.waive(told.settings, "providers", [row_id], "please", "me", rule_id="PRV-01")


def again(told, number: int, **files: bytes) -> None:
    """Deliver files and build."""
    folder = put(told.folder / f"again_{number}", {f"{name}.csv": at for name, at in files.items()})
    run = runs.run_now(told.settings, verb="run", layers=LAYERS, paths=[folder])
    assert run.status == "succeeded"


def test_decisions_last_when_the_sender_delivers_again_and_a_new_version_wins(told):
    settings, withdrawn = told.settings, EVENTS[-1]
    wrong = query(
        settings.home,
        "select _row_id from row_verdicts_encounters where paid_amount_usd = '1' "
        f"and encounter_id = '{encounter_id('pair')}'",
    )[0][0]
    ((code, _, _),) = verdict(told, "encounters", encounter_id=encounter_id("unknown code"))
    ((event, status, _),) = verdict(told, "adverse_events", encounter_id=withdrawn)
    assert status == "promoted"
    decisions.reject(settings, "encounters", [wrong], "wrong amount", "steward")
    corrections.correct(
        settings, "encounters", [code], {"cpt": "29888"}, "typed wrongly", "steward"
    )
    decisions.reject(settings, "adverse_events", [event], "left out of the next file", "steward")
    extra = encounter("of the second file")
    unknown = encounter("unknown code", cpt="99999")
    events = [{"encounter_id": event} for event in (*EVENTS, encounter_id(1))]
    again(
        told,
        1,
        encounters_details=written([*PAIR, unknown, extra]),
        adverse_events=written(events),
    )
    silver = "select cpt, paid_amount_usd from std_encounters where encounter_id = '{}'"
    assert query(settings.home, silver.format(encounter_id("pair"))) == [("27130", 7206.0)]
    assert query(settings.home, silver.format(encounter_id("unknown code"))) == [("29888", 1200.0)]
    assert amount_of(told, "of the second file") == [(1200.0,)]
    standing = {
        event for (event,) in query(settings.home, "select encounter_id from std_adverse_events")
    }
    assert standing == {EVENTS[0], EVENTS[1], encounter_id(1)}

    newer = [encounter("pair", paid_amount="7300"), encounter("unknown code", cpt="24538")]
    again(told, 2, encounters_details=written(newer))
    assert query(settings.home, silver.format(encounter_id("pair"))) == [("27130", 7300.0)]
    assert query(settings.home, silver.format(encounter_id("unknown code"))) == [("24538", 1200.0)]
    unbalanced = query(
        settings.home,
        "select load_id from ledger where received <> promoted + quarantined + superseded "
        "+ duplicates + rejected",
    )
    assert unbalanced == []
