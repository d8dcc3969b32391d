"""Rows of people of which no column may leave make no file of nothing."""

import pandas as pd
import pytest

from pipeline.errors import InputRefused
from pipeline.privacy.export_profiles import Profile
from pipeline.privacy.released_rows import ReleasedRows

TABLE = "std_encounter_flags"


def pieces(encounters: list[str], flags: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({"encounter_id": encounters, "rule_id": flags})
    rows = ReleasedRows(TABLE, Profile("safe_harbor", TABLE, None), [frame], {})
    return pd.concat(rows.pieces(), ignore_index=True)


def test_what_all_share_leaves_and_where_nothing_may_the_export_is_refused():
    people = [f"e{number}" for number in range(12)]
    assert set(pieces(people, ["ENC-13"] * 12)["rule_id"]) == {"ENC-13"}
    with pytest.raises(InputRefused, match="no column that may leave"):
        # each row on its own, and a code in two rows that would join them
        pieces(people * 2, ["ENC-13", "ENC-14"] * 12)
