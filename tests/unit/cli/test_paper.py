"""A summary fits on a line of a thousand characters whatever the document holds."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.paper import LONGEST_LINE, Paper, summary

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=900),
    lambda parts: st.lists(parts, max_size=40) | st.dictionaries(st.text(), parts, max_size=20),
    max_leaves=60,
)


@given(st.dictionaries(st.text(max_size=300), VALUES, max_size=30))
def test_a_summary_is_one_short_line_and_says_what_it_leaves_out(document):
    line = Paper(is_asked=True, is_line=True).of(document)
    assert len(line) <= LONGEST_LINE and "\n" not in line
    read = json.loads(line)
    missing = set(document) - set(read)
    assert (
        missing <= set(read.get("left_out", ())) or len(json.dumps([*missing])) > LONGEST_LINE / 2
    )


def test_numbers_and_short_texts_stay_and_lists_become_their_length():
    assert summary({"run_id": "R1", "loads": [{}] * 6, "held": ["L1"], "rows": {"a": 3}}) == {
        "run_id": "R1",
        "loads": 6,
        "held": ["L1"],
        "rows": {"a": 3},
    }
