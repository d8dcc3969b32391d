"""The six files a delivery may hold: entity, file name, delivered columns, key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One delivered table; `numbers` are written without quotes in JSON."""

    entity: str
    stem: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    numbers: tuple[str, ...] = ()


TABLES = (
    Table("providers", "providers", ("provider_name", "npi", "zip"), ("npi",)),
    Table("patients", "patients", ("patient_id", "gender", "birth_date"), ("patient_id",)),
    Table(
        "encounters",
        "encounters_details",
        ("encounter_id", "npi", "patient_id", "cpt", "paid_amount"),
        ("encounter_id",),
        ("paid_amount",),
    ),
    Table(
        "referrals",
        "referrals",
        ("patient_id", "gender", "birth_date", "procedure", "zip", "employer_id"),
        ("patient_id", "procedure", "employer_id"),
    ),
    Table(
        "employer_networks",
        "employer_in_network",
        ("employer_id", "in_network_npis"),
        ("employer_id",),
    ),
    Table("adverse_events", "adverse_events", ("encounter_id",), ("encounter_id",)),
)
TABLE_BY_ENTITY = {table.entity: table for table in TABLES}
