"""Nothing that is delivered or decided can fail a build: hostile cells in every column of every
source, as CSV and as JSON, then decisions on the rows that hold them.
"""

import json
from collections import defaultdict

import pytest

from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.reading import Reading
from pipeline.services.quarantine import decisions
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.factories import (
    encounter,
    npi,
    patient,
    provider,
    referral,
    small_world,
    write_delivery,
)
from tests.warehouse import open_quarantine, query

CONTROLS = [chr(code) for code in (*range(0x01, 0x20), *range(0x7F, 0xA0))]
#: Cells that somebody has delivered or may; each stands in every column of every source.
POISON = [
    *(f"12{control}34" for control in CONTROLS),
    "12\x0034",
    "12\ud80034",
    "12\r\n34",
    f"{npi(1)}\n{npi(2)}",
    f"{npi(1)},,\t,{npi(2)}",
    '"',
    "'",
    "''';--",
    "\\",
    "\\u0000",
    "{",
    "}]",
    '{"a": [1,',
    "1|2",
    "#",
    "%_*?[^a]",
    "\u202e12",
    "\ufeff12",
    "\u00a0",
    "\u0661\u0662\u0663",
    "\uff11\uff12",
    "1234\u200b5678",
    "\U0001f9b4",
    "9" * 17,
    "9" * 40,
    "-" + "9" * 40,
    "0." + "1" * 40,
    "1e400",
    "1E5",
    "NaN",
    "Infinity",
    "-0",
    "-",
    ".",
    "..",
    "1.2.3",
    "7.206,00",
    "1,2345,678",
    "120 50",
    "(12",
    "()",
    "$",
    "",
    " ",
    "N/A",
    "NULL",
    "9999-99-99",
    "0000-00-00",
    "1950-02-30",
    "02/29/1950",
    "20300230",
    npi(1),
    patient(1)["patient_id"],
    "27130",
    "27130.0",
    "2.46E+09",
    "x" * 1_000_000,
]
#: Cells that JSON alone can hold: lists, an object, and numbers as they are written.
JSON_POISON = [
    [1, 200],
    [27130],
    [],
    {"a": [1, None]},
    True,
    7206.5,
    10**40,
]


def world_with_poison() -> dict[str, list[dict]]:
    """The small world, and below its rows each poisoned cell in a row of its own."""
    world = small_world()
    return {
        entity: rows
        + [
            rows[0] | {column: cell}
            for column in contract.delivered
            for cell in (*POISON, *JSON_POISON)
        ]
        for entity, contract in load_contracts().items()
        for rows in (world[entity],)
    }


def deliver(folder, rows: dict[str, list[dict]], as_json: bool) -> None:
    """Files in which every cell is quoted, so that it arrives as it is written here."""
    folder.mkdir()
    for entity, contract in load_contracts().items():
        path = folder / contract.file_name
        if as_json:
            lines = [json.dumps(row) for row in rows[entity]]
            path.with_suffix(".jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
            continue
        lines = [",".join(rows[entity][0])]
        for row in rows[entity]:
            cells = (str(cell).replace('"', '""') for cell in row.values())
            lines.append(",".join(f'"{cell}"' for cell in cells))
        # half a character has no bytes in UTF-8: these are no text in any encoding
        path.write_bytes(("\n".join(lines) + "\n").encode("utf-8", "surrogatepass"))


@pytest.fixture(scope="module", params=["csv", "json"])
def poisoned_home(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"poison_{request.param}")
    deliver(folder / "delivery", world_with_poison(), request.param == "json")
    settings = load_settings(home=folder / "home", gate_threshold=1.0, reject_threshold=1.0)
    # a file with letters that no name has asks for its encoding: somebody says which it is
    reading = Reading(encoding="utf-8")
    loaded = loads.ingest(settings, [folder / "delivery"], reading=reading)
    assert {result.status for result in loaded} == {"loaded"}
    assert runs.run_now(settings, verb="build").status == "succeeded"
    return settings


def assert_balanced(settings) -> None:
    """Every delivered row has one fate, and every ledger adds up."""
    unbalanced = query(
        settings.home,
        "select load_id from ledger where received <> promoted + quarantined + superseded "
        "+ duplicates + rejected",
    )
    assert unbalanced == []


def assert_silver_keeps_its_promises(settings, may_be_empty: bool = False) -> None:
    """No promoted row lacks its key or holds an amount that cannot be added up."""
    for entity, contract in load_contracts().items():
        missing = " or ".join(f"{column} is null" for column in contract.key)
        assert query(settings.home, f"select 1 from promoted_{entity} where {missing}") == []
    amounts = query(settings.home, "select paid_amount_usd from promoted_encounters")
    assert amounts or may_be_empty
    assert all(0 <= abs(float(amount)) <= 10_000_000 for (amount,) in amounts)


def test_every_source_is_loaded_and_every_row_has_one_fate(poisoned_home):
    loaded = {entity for (entity,) in query(poisoned_home.home, "select entity from ops_loads")}
    assert loaded == load_contracts().keys()
    assert_balanced(poisoned_home)
    assert_silver_keeps_its_promises(poisoned_home)


def test_no_waiver_breaks_what_silver_promises(poisoned_home):
    """Every open row waived: what may pass does, the rest is refused. Rows that fail the same rules
    are waived together; of those that are refused so, the first ones alone, too.
    """
    refused, accepted = 0, 0
    for entity in load_contracts():
        alike = defaultdict(list)
        for row_id, failed in query(
            poisoned_home.home, f"select _row_id, failed_rules from quarantine_{entity}"
        ):
            alike[failed].append(row_id)
        waiting = list(alike.values())
        for rows in waiting:
            try:
                decisions.waive(poisoned_home, entity, rows, "let it pass", "tester")
                accepted += len(rows)
            except InputRefused:
                refused += len(rows)
                waiting += [[row] for row in rows[:3]] if len(rows) > 1 else []
    assert refused and accepted
    assert runs.run_now(poisoned_home, verb="build").status == "succeeded"
    assert_balanced(poisoned_home)
    assert_silver_keeps_its_promises(poisoned_home)


def test_what_was_undone_is_out_of_reach_of_every_model(poisoned_home):
    standing = "select load_id from ops_loads where status = 'loaded'"
    for (load_id,) in query(poisoned_home.home, standing):
        loads.undo(poisoned_home, load_id)
    assert runs.run_now(poisoned_home, verb="build").status == "succeeded"
    for entity in load_contracts():
        for relation in ("stg", "row_verdicts", "dq"):
            assert query(poisoned_home.home, f"select 1 from {relation}_{entity}") == []


def test_a_waiver_that_stands_lets_no_later_row_break_silver(tmp_path):
    """Whole rules are waived while no row needs it; then rows arrive that silver cannot hold."""
    settings = load_settings(home=tmp_path / "home", gate_threshold=1.0)
    runs.run_now(settings, verb="run", paths=[write_delivery(tmp_path / "1", **small_world())])
    for source, rule in (
        ("providers", "PRV-01"),
        ("encounters", "ENC-01"),
        ("encounters", "ENC-11"),
        ("encounters", "ENC-17"),
        ("referrals", "REF-11"),
    ):
        decisions.waive(settings, source, [], "all may pass", "tester", rule_id=rule)
    late = {
        "providers": [provider(70, npi="")],
        "encounters": [
            encounter("prefix", paid_amount="7.206,00"),
            encounter("sentinel", paid_amount="9" * 18),
            encounter("nameless", encounter_id=""),
        ],
        "referrals": [referral(80, employer_id="")],
    }
    runs.run_now(settings, verb="run", paths=[write_delivery(tmp_path / "2", **late)])
    assert open_quarantine(settings.home) == {source: len(rows) for source, rows in late.items()}
    assert_silver_keeps_its_promises(settings)
