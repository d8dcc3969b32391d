"""Small worlds: valid rows of each source, written as the files that a sender delivers."""

import base64
import csv
import hashlib
from pathlib import Path

from pipeline.declared.sources import load_contracts
from tests.example_rows import valid_rows

CPTS = ("20610", "24538", "27130", "29806", "29888")
EMPLOYER = "91001"


def npi(number: int) -> str:
    """A well-formed NPI that nobody has: 2, eight digits, Luhn check digit."""
    nine = f"2{number:08d}"
    total = 24
    for place, character in enumerate(nine, start=1):
        digit = int(character)
        total += digit if place % 2 == 0 else 2 * digit - 9 * (digit > 4)
    return nine + str(-total % 10)


def encounter_id(name: object) -> str:
    """An identifier of the delivered shape, the same for the same name."""
    return base64.b32encode(hashlib.sha256(str(name).encode()).digest()[:16]).decode()


def patient_id(number: int) -> str:
    """An identifier that no real sender uses."""
    return str(1_000_000 + number)


def patient(number: int, **cells: str) -> dict:
    """One valid patient row; `cells` replace its values."""
    born = f"19{40 + number % 40}-03-0{1 + number % 9}"
    return {
        "patient_id": patient_id(number),
        "gender": ("female", "male")[number % 2],
        "birth_date": born,
    } | cells


def provider(number: int, **cells: str) -> dict:
    """One valid provider row."""
    return {
        "provider_name": f"Provider{number}, Pat",
        "npi": npi(number),
        "zip": f"00212{1000 + number}",
    } | cells


def encounter(
    name: object, provider_number: int = 1, patient_number: int = 1, **cells: str
) -> dict:
    """One valid encounter row."""
    return {
        "encounter_id": encounter_id(name),
        "npi": npi(provider_number),
        "patient_id": patient_id(patient_number),
        "cpt": "27130",
        "paid_amount": "1200",
    } | cells


def referral(number: int, **cells: str) -> dict:
    """One valid referral row."""
    return {
        "patient_id": str(5_000_000 + number),
        "gender": "female",
        "birth_date": "1950-01-02",
        "procedure": "27130",
        "zip": "002123456",
        "employer_id": EMPLOYER,
    } | cells


def adverse_event(name: object, **cells: str) -> dict:
    """One valid adverse event row."""
    return {"encounter_id": encounter_id(name)} | cells


def network(*numbers: int, employer_id: str = EMPLOYER, extra: tuple[str, ...] = ()) -> dict:
    """One employer's list."""
    return {
        "employer_id": employer_id,
        "in_network_npis": ", ".join([npi(number) for number in numbers] + list(extra)),
    }


def write_delivery(folder: Path, **rows_by_entity: list[dict]) -> Path:
    """Write one CSV per source into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for entity, rows in rows_by_entity.items():
        contract = load_contracts()[entity]
        with open(folder / contract.file_name, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, contract.delivered, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def small_world() -> dict[str, list[dict]]:
    """Four providers, twelve patients, twenty-four encounters, two events, three referrals, one
    network, three rows of any further source: all valid.
    """
    world = {
        "patients": [patient(number) for number in range(1, 13)],
        "providers": [provider(number) for number in range(1, 5)],
        "encounters": [
            encounter(
                index,
                1 + index % 4,
                1 + index % 12,
                cpt=CPTS[index % 5],
                paid_amount=str(900 + 10 * index),
            )
            for index in range(24)
        ],
        "adverse_events": [adverse_event(3), adverse_event(7)],
        "referrals": [referral(number, procedure=CPTS[number % 5]) for number in range(1, 4)],
        "employer_networks": [network(1, 2, 3)],
    }
    for name, contract in load_contracts().items():
        if name not in world:
            world[name] = valid_rows(contract, range(1, 4), world)
    return world
