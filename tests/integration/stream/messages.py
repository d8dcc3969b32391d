"""Messages of patients, and what a home holds of them."""

import json

from pipeline.services.stream import streams
from tests.factories import patient
from tests.warehouse import query

SECRET = "Zebulon"


def as_json(row: object) -> bytes:
    return json.dumps(row).encode()


def rows_of(numbers) -> list[bytes]:
    return [as_json(patient(number)) for number in numbers]


def ids(settings) -> list[str]:
    return [row for (row,) in query(settings.home, "select patient_id from raw_patients")]


def expected(numbers) -> list[str]:
    return [patient(number)["patient_id"] for number in numbers]


def read(settings):
    return streams.run(settings, idle_seconds=20, is_once=True)
