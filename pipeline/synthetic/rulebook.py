"""The quarantine rules once more, in plain Python, for the oracle alone."""

from __future__ import annotations

import math
import re
import statistics
from datetime import date

from pipeline.synthetic.distributions import CPTS
from pipeline.synthetic.identifiers import EMPLOYER_IDS, is_npi

CONTRACTED = {"54011", "69873", "80914", *EMPLOYER_IDS}
Values = dict[str, str]
Parents = dict[str, set[str]]


def quarantine_rules(entity: str, row: Values, parents: Parents, on: date) -> list[str]:
    """The ids of the rules that hold a row back; `parents` are promoted keys by entity."""
    checks = {
        "providers": lambda: _npi(row["npi"], "PRV-01", "PRV-02", "PRV-03"),
        "patients": lambda: _digits(row["patient_id"], "PAT-01", "PAT-02") + _person(row, on),
        "encounters": lambda: _encounter(row, parents),
        "referrals": lambda: _referral(row, on),
        "employer_networks": lambda: _token(row),
        "adverse_events": lambda: _adverse_event(row["encounter_id"], parents),
    }
    return checks[entity]()


def paid_outliers(paid_by_cpt: dict[str, list[float]]) -> int:
    """ENC-13: amounts whose robust z of ln(paid) within a CPT of 20 or more is above 3.5."""
    count = 0
    for amounts in paid_by_cpt.values():
        logs = [math.log(amount) for amount in amounts]
        middle = statistics.median(logs)
        deviations = [abs(value - middle) for value in logs]
        spread = statistics.median(deviations) / 0.6745 or 1.253314 * statistics.fmean(deviations)
        count += (
            sum(deviation / spread > 3.5 for deviation in deviations)
            if len(logs) >= 20 and spread
            else 0
        )
    return count


def _npi(npi: str, missing: str, shape: str, check: str) -> list[str]:
    if not npi:
        return [missing]
    if not re.fullmatch("[12][0-9]{9}", npi):
        return [shape]
    return [] if is_npi(npi) else [check]


def _digits(text: str, missing: str, shape: str) -> list[str]:
    if not text:
        return [missing]
    return [] if re.fullmatch("[0-9]{1,10}", text) else [shape]


def _person(row: Values, on: date) -> list[str]:
    rule_ids = [] if row["gender"] in ("male", "female", "other", "unknown") else ["PAT-04"]
    if not row["birth_date"]:
        return [*rule_ids, "PAT-05"]
    try:
        born = date.fromisoformat(row["birth_date"])
    except ValueError:
        return [*rule_ids, "PAT-06"]
    if born > on:
        return [*rule_ids, "PAT-07"]
    return [*rule_ids, "PAT-08"] if (on - born).days > 120.5 * 365.25 else rule_ids


def _encounter_id(text: str, missing: str, shape: str) -> list[str]:
    if not text:
        return [missing]
    return [] if re.fullmatch("[A-Z2-7]{25}[AEIMQUY4]======", text) else [shape]


def _encounter(row: Values, parents: Parents) -> list[str]:
    rule_ids = _encounter_id(row["encounter_id"], "ENC-01", "ENC-02")
    bad_npi = _npi(row["npi"], "ENC-04", "ENC-04", "ENC-05")
    rule_ids += bad_npi or ([] if row["npi"] in parents["providers"] else ["ENC-06"])
    bad_patient = [] if row["patient_id"] else ["ENC-07"]
    rule_ids += bad_patient or ([] if row["patient_id"] in parents["patients"] else ["ENC-08"])
    if not re.fullmatch("[0-9]{4}[0-9A-Z]", row["cpt"]):
        rule_ids.append("ENC-09")
    elif row["cpt"] not in CPTS:
        rule_ids.append("ENC-10")
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", row["paid_amount"]):
        return [*rule_ids, "ENC-11"]
    amount = float(row["paid_amount"])
    if amount <= 0:
        rule_ids.append("ENC-12")
    return [*rule_ids, "ENC-17"] if abs(amount) > 10_000_000 else rule_ids


def _referral(row: Values, on: date) -> list[str]:
    rule_ids = _digits(row["patient_id"], "REF-01", "REF-01") + _person(row, on)
    if not re.fullmatch("[0-9]{4}[0-9A-Z]", row["procedure"]) or row["procedure"] not in CPTS:
        rule_ids.append("REF-04")
    if not re.fullmatch("[0-9]{5}(-?[0-9]{4})?", row["zip"]):
        rule_ids.append("REF-05")
    if not row["employer_id"]:
        return [*rule_ids, "REF-11"]
    return rule_ids if row["employer_id"] in CONTRACTED else [*rule_ids, "REF-06"]


def _token(row: Values) -> list[str]:
    rule_ids = (
        [] if row["employer_id"] in CONTRACTED else ["NET-02" if row["employer_id"] else "NET-01"]
    )
    if not row["npi"]:
        return [*rule_ids, "NET-07"]
    if not re.fullmatch("[0-9]{10}", row["npi"]):
        return [*rule_ids, "NET-03"]
    return rule_ids if is_npi(row["npi"]) else [*rule_ids, "NET-04"]


def _adverse_event(encounter_id: str, parents: Parents) -> list[str]:
    bad = _encounter_id(encounter_id, "ADV-01", "ADV-01")
    return bad or ([] if encounter_id in parents["encounters"] else ["ADV-03"])
