"""The row-level defects that can be planted, as one table.

`how`: `cell` spoils a cell of a row, `repeat` delivers a row again, `rival` delivers it again with
one cell changed, `twin` delivers it again under another key, `stray` adds a row that has no place.
Actions: Q quarantine, W warning, F repaired on the way in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """One kind of defect; `spoil` turns the good text of `column` into the bad."""

    rule_id: str
    entity: str
    column: str
    spoil: Callable[[str], str]
    action: str = "Q"
    how: str = "cell"
    promotable: bool = False
    label: str = ""

    @property
    def name(self) -> str:
        """The rule id, with a label where a rule has several defects or several tables:
        `PAT-04.referrals`.
        """
        return f"{self.rule_id}.{self.label}" if self.label else self.rule_id


def blank(_good: str) -> str:
    """Nothing."""
    return ""


def always(text: str) -> Callable[[str], str]:
    """This text, whatever was there."""
    return lambda _good: text


def other_check_digit(npi: str) -> str:
    """The NPI with its check digit one off."""
    return npi[:9] + str((int(npi[9]) + 1) % 10)


def a_bit_more(amount: str) -> str:
    """A paid amount seven dollars higher."""
    return str(int(amount) + RAISED_USD)


def in_dollars(amount: str) -> str:
    """`1234` as `$1,234.00`."""
    return f"${int(amount):,}.00"


def another_gender(gender: str) -> str:
    """The other of the two genders that the generator draws."""
    return "male" if gender == "female" else "female"


RAISED_USD = 7
UNKNOWN_NPI = "2000000002"  # valid check digit; the generator never draws it

DEFECTS = (
    Defect("PRV-01", "providers", "npi", blank, promotable=True),
    Defect("PRV-02", "providers", "npi", lambda npi: "3" + npi[1:]),
    Defect("PRV-03", "providers", "npi", other_check_digit),
    Defect("PRV-04", "providers", "provider_name", lambda name: name + "son", how="rival"),
    Defect("PRV-05", "providers", "zip", blank, action="W"),
    Defect("PRV-06", "providers", "zip", lambda code: code[1:], action="W"),
    Defect("PRV-08", "providers", "provider_name", blank, action="W"),
    Defect("NET-01", "employer_networks", "employer_id", blank, how="stray"),
    Defect(
        "NET-02", "employer_networks", "employer_id", always("99999"), how="stray", promotable=True
    ),
    Defect("NET-03", "employer_networks", "in_network_npis", lambda npi: npi[:9]),
    Defect("NET-04", "employer_networks", "in_network_npis", other_check_digit),
    Defect("NET-06", "employer_networks", "in_network_npis", str, action="F", how="repeat"),
    Defect("NET-07", "employer_networks", "in_network_npis", blank),
    Defect("PAT-01", "patients", "patient_id", blank),
    Defect("PAT-02", "patients", "patient_id", lambda text: f"P{text}X"),
    Defect("PAT-03", "patients", "gender", another_gender, how="rival"),
    Defect("PAT-04", "patients", "gender", always("femlae")),
    Defect("PAT-05", "patients", "birth_date", blank),
    Defect("PAT-06", "patients", "birth_date", always("03/04/1950")),
    Defect("PAT-07", "patients", "birth_date", always("2199-01-31")),
    Defect("PAT-08", "patients", "birth_date", always("1850-05-17")),
    Defect("ROW-01", "patients", "gender", lambda text: f"  {text}\u00a0", action="F"),
    Defect("ENC-01", "encounters", "encounter_id", blank),
    Defect("ENC-02", "encounters", "encounter_id", lambda text: text[:25]),
    Defect("ENC-04", "encounters", "npi", lambda npi: npi[:9]),
    Defect("ENC-05", "encounters", "npi", other_check_digit),
    Defect("ENC-06", "encounters", "npi", always(UNKNOWN_NPI), promotable=True),
    Defect("ENC-07", "encounters", "patient_id", blank),
    Defect("ENC-08", "encounters", "patient_id", always("999999999"), promotable=True),
    Defect("ENC-09", "encounters", "cpt", lambda cpt: cpt[:4]),
    Defect("ENC-10", "encounters", "cpt", always("0000Z"), promotable=True),
    Defect("ENC-11", "encounters", "paid_amount", always("unknown")),
    Defect("ENC-11", "encounters", "paid_amount", in_dollars, action="F", label="dollars"),
    Defect("ENC-12", "encounters", "paid_amount", lambda amount: f"-{amount}"),
    Defect(
        "ENC-16", "encounters", "encounter_id", lambda text: text[24::-1] + "A======", "W", "twin"
    ),
    Defect("ROW-02", "encounters", "encounter_id", str, action="F", how="repeat"),
    Defect("ROW-03", "encounters", "paid_amount", a_bit_more, how="rival"),
    Defect("ROW-07", "encounters", "patient_id", lambda text: f"{text}.0", action="F"),
    Defect("ADV-01", "adverse_events", "encounter_id", lambda text: text[:26]),
    Defect("ADV-02", "adverse_events", "encounter_id", str, action="F", how="repeat"),
    Defect(
        "ADV-03",
        "adverse_events",
        "encounter_id",
        lambda text: text[24::-1] + "E======",
        how="stray",
        promotable=True,
    ),
    Defect("REF-01", "referrals", "patient_id", blank),
    Defect("PAT-04", "referrals", "gender", always("femlae"), label="referrals"),
    Defect("PAT-06", "referrals", "birth_date", always("03/04/1950"), label="referrals"),
    Defect("REF-04", "referrals", "procedure", always("hip")),
    Defect("REF-05", "referrals", "zip", blank),
    Defect("REF-06", "referrals", "employer_id", always("99999"), promotable=True),
    Defect("REF-07", "referrals", "patient_id", str, action="F", how="repeat"),
)
DEFECT_BY_NAME = {defect.name: defect for defect in DEFECTS}
REFERENCE_KINDS = ("PRV-01", "PRV-05", "NET-03")


def selected_defects(defects: bool | str | tuple[str, ...]) -> tuple[Defect, ...]:
    """True: the kinds of a real delivery; `all`: each row of the table; a tuple of names; False:
    none.

    Raises KeyError with the name that is not in the table.
    """
    if defects is True:
        defects = REFERENCE_KINDS
    names = tuple(DEFECT_BY_NAME) if defects == "all" else defects or ()
    return tuple(DEFECT_BY_NAME[name] for name in names)
