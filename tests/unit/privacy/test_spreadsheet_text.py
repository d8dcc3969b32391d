"""No cell of a CSV is run as a formula, whatever stands in front of its sign or however wide it
is.
"""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.privacy.spreadsheet_text import runs_as_formula, safe_for_spreadsheets

IN_FRONT = [
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\ufeff",
    "\u200b",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u00ad",
    "\u202e",
]
SIGNS = [
    "=",
    "+",
    "-",
    "@",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
    "\ufe62",
    "\ufe63",
    "\ufe66",
    "\ufe6b",
    "\u2212",
]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("front", IN_FRONT)
def test_a_sign_is_found_behind_whatever_does_not_count(front, sign):
    assert runs_as_formula(f"{front}{front}{sign}cmd|' /C calc'!A0")


@given(
    st.lists(st.sampled_from(IN_FRONT), max_size=5).map("".join), st.sampled_from(SIGNS), st.text()
)
def test_whatever_is_written_begins_with_an_apostrophe(front, sign, rest):
    safe = safe_for_spreadsheets(pd.DataFrame({f"{front}{sign}": [f"{front}{sign}{rest}", "fine"]}))
    assert safe.iloc[0, 0].startswith("'") and safe.iloc[1, 0] == "fine"
    assert safe.columns[0].startswith("'")


def test_numbers_stay_numbers_and_plain_text_stays():
    frame = pd.DataFrame({"paid": [-1.0, 2.0], "name": ["Belwick, Pelis", "a=b"]})
    pd.testing.assert_frame_equal(safe_for_spreadsheets(frame), frame.astype({"name": object}))
