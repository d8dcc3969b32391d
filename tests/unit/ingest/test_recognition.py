from dataclasses import replace

import pytest

from pipeline.declared.sources import load_contracts
from pipeline.ingest.recognition import entity_of_name, recognise

CONTRACTS = load_contracts()


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())
def test_each_source_is_known_by_its_file_name_and_its_header(contract):
    assert entity_of_name(contract.file_name, CONTRACTS) == contract.entity
    assert recognise("export.csv", contract.delivered, CONTRACTS).contract.entity == contract.entity


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("encounters_details_2024-05-01.csv", "encounters"),
        ("2024-05-01 Encounters Details (2).CSV", "encounters"),
        ("encounters-details.v3.csv", "encounters"),
        ("20240501_providers_final.txt", "providers"),
        ("patients2024.jsonl", "patients"),
        ("adverse-events.csv.gz", "adverse_events"),
        ("Employer In-Network.json", "employer_networks"),
        ("orders.csv", None),
        ("patients_and_providers.csv", None),
    ],
)
def test_dates_versions_and_spelling_of_a_name_do_not_matter(name, entity):
    assert entity_of_name(name, CONTRACTS) == entity


def test_the_name_of_a_source_wins_over_an_alias_of_another():
    claims = replace(CONTRACTS["adverse_events"], entity="claims", file_name="paid_claims.csv")
    others = {name: contract for name, contract in CONTRACTS.items() if name != "claims"}
    assert entity_of_name("claims.csv", others) == "encounters"
    for name in ("claims.csv", "paid_claims.csv"):
        assert entity_of_name(name, {**CONTRACTS, "claims": claims}) == "claims"


def test_an_exact_header_wins_over_the_name():
    recognition = recognise("patients.csv", CONTRACTS["referrals"].delivered, CONTRACTS)
    assert (recognition.contract.entity, recognition.named_otherwise) == ("referrals", "patients")


def test_a_name_decides_when_the_header_has_extra_columns():
    recognition = recognise("patients.csv", [*CONTRACTS["patients"].delivered, "site"], CONTRACTS)
    assert (recognition.contract.entity, recognition.match.extra) == ("patients", {3: "site"})
