"""A reason keeps no identifier: every id, date and postal code of the shipped data is refused,
however it is written.
"""

import csv
from itertools import islice

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.privacy.id_shapes import identifier_in
from pipeline.quality import npi
from pipeline.services.quarantine import audit_text
from tests.conftest import SAMPLE_DIR

HARMLESS = (
    "The tenth digit is its check digit",
    "Looked up in the registry: NPI 2881158705",
    "See L00001-2 and D000001, as in run R000001",
    "CPT 29888 is right, $240,917 in 62 encounters",
    "Sender confirmed in May 2026; the ratio is 1.25",
    "The run of 14:05 took 00:12:33, three of 20 decided 2026 rows wait",
    "CPT-29888 and CPT 29806, ICD M17.11, rule ENC-09, batch2026 of 1,250 rows",
    "select cpt, count(*) from fct_encounter where cpt in (29888,29806) group by 1,2,3,4,5,6,7",
)


def values() -> list[str]:
    """Values of the columns that identify a patient, as the sources declare them."""
    found = []
    for contract in load_contracts().values():
        names = {
            column.delivered
            for column in contract.columns
            if column.delivered and column.classification in ("direct_identifier", "date", "place")
        }
        with open(SAMPLE_DIR / contract.file_name, newline="") as file:
            for row in islice(csv.DictReader(file), 40):
                found += [row[name] for name in names if row.get(name)]
    return sorted(value for value in set(found) if len(value) > 5)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_a_steward_writes_is_kept(text):
    assert audit_text.reason(text) == text


@given(
    value=st.sampled_from(values()),
    frame=st.sampled_from(["{}", "is {}.", "({})", "patient:{}", "a\n{}\tb", "“{}”, he said"]),
    digits=st.sampled_from(["0123456789", "０１２３４５６７８９"]),
)
def test_no_identifier_of_the_data_passes(value, frame, digits):
    text = frame.format(value.translate(str.maketrans("0123456789", digits)))
    assert identifier_in(text, npi.is_valid)
    with pytest.raises(InputRefused) as refused:
        audit_text.reason(text)
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        *("born 3/26/1943", "born 26.03.43", "1000 175", "123-45-6789", "a.b@c.org", "1000-175"),
        *(
            "born 26 March 1943",
            "Mar 26, 1943",
            "the 26th of March, 1943",
            "26-MAR-43",
            "26. März 1943",
        ),
        *("1943, March 26", "1943\n03\n26", "1943_03_26", "1943:03:26", "L00001-1943-03-26"),
        *("MRN A12345", "AB-123456-C", "1EG4-TE5-MK73", "1eg4te5mk73", "a1b2c3d4e5"),
        *("L0000112345678", "D1950010200", "R000001234567"),
    ],
)
def test_other_spellings_do_not_pass_either(text):
    assert identifier_in(text, npi.is_valid)


@pytest.mark.parametrize("dash", ["‐", "‑", "‒", "–", "—", "−", "－", "-\u200b", "\u00ad-"])
def test_no_other_dash_and_no_letter_that_nobody_sees_helps(dash):
    assert identifier_in(f"born 1943{dash}03{dash}26", npi.is_valid)
    assert identifier_in(f"123{dash}45{dash}6789", npi.is_valid)
    assert identifier_in("1234\u200b5678\u00ad9", npi.is_valid)
