"""Deliveries in which the identifier, name, date of birth and ZIP code of one person stand in every
column of every source, in turn.
"""

import csv
from pathlib import Path

from pipeline.config.project import PROJECT_DIR
from pipeline.declared.sources import Column, load_contracts

SAMPLE = PROJECT_DIR / "data" / "sample"
#: Kind -> value; none of them stands in the sample.
PERSON = {
    "identifier": "4815162",
    "name": "Zyxwvia Qwertzoff",
    "born": "1931-07-09",
    "address": "17 Elm Court",
    "encounter": "ZZYZXAAQWERTZUIOPASDFGHJK4======",
}


def deliver(folder: Path) -> dict[str, str]:
    """Write one file a source; place (`identifier under encounters.npi`) -> value.

    A name cannot be told from another name in a column of names, nor a date of birth from one in
    its own column: these are left out.
    """
    planted = {}
    for contract in load_contracts().values():
        with (SAMPLE / contract.file_name).open(encoding="utf-8-sig", newline="") as file:
            header, *lines = [row for row in csv.reader(file) if row][:60]
        delivered = {column.delivered: column for column in contract.columns if column.delivered}
        rows = []
        for place, name in enumerate(header):
            for kind, value in PERSON.items():
                if name not in delivered or belongs(delivered[name], kind):
                    continue
                own = f"{value}{len(planted):03d}" if kind == "name" else value
                row = list(lines[len(rows) % len(lines)])
                row[place] = own
                rows.append(row)
                planted[f"{kind} under {contract.entity}.{name}"] = own
        with (folder / contract.file_name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    return planted


def belongs(column: Column, kind: str) -> bool:
    """Whether a value of this kind is what the column is for."""
    is_name = column.cleaning == "text" and column.classification == "provider_key"
    return is_name and kind in ("name", "address")
