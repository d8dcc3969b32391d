"""Rows that the tests of JSON deliver in many shapes."""

TWO = [
    {"patient_id": 7, "gender": "female", "birth_date": "1950-01-02"},
    {"patient_id": 8, "gender": None, "birth_date": "1960-01-02"},
]
ENCOUNTERS = [
    {"encounter_id": "A", "npi": 1, "patient_id": 7, "cpt": 27130, "paid_amount": 9.50},
    {"encounter_id": "B", "npi": 2, "patient_id": 8, "cpt": 27447, "paid_amount": 8},
]
