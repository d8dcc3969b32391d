"""The matrix of coverage tells holes by colour and by words, whichever side is longer."""

import pandas as pd
import pytest

from pages.networks import charts

#: performing, with eleven or more, without an option -> colour, words.
CELLS = {
    (None, None, None): (None, "unknown"),
    (0, 0, 12): (0, "0<br>12 without"),
    (3, 0, 0): (1, "3<br>none 11+"),
    (3, 1, 0): (2, "3"),
}


@pytest.mark.parametrize("employers", [1, 4])
def test_a_cell_has_the_colour_and_the_words_of_its_hole(employers):
    names = {f"9100{place}": f"<b>Firm {place}" for place in range(employers)}
    procedures = {"20610": "Injection", "27130": "Hip <i>", "29806": "Shoulder"}
    kinds = list(CELLS)
    frame = pd.DataFrame(
        [
            (employer, cpt, *kinds[(row + column) % 4], 20, 15)
            for row, employer in enumerate(names)
            for column, cpt in enumerate(procedures)
        ],
        columns=[
            "employer_id", "cpt", "performing", "measurable_provider_count",
            "referrals_without_option", "listed", "referrals",
        ],
    )  # fmt: skip
    numbers = frame.columns[2:]
    frame[numbers] = frame[numbers].apply(pd.to_numeric)
    matrix, words = charts.coverage(frame.iloc[:-1], procedures, names).data
    texts = iter(words.text)
    for y, line in zip(matrix.y, matrix.z, strict=True):
        for x, hole in zip(matrix.x, line, strict=True):
            ends = {label.rpartition("<br>")[2] for label in (x, y)}
            row, column = (
                next(place for place, code in enumerate(codes) if code in ends)
                for codes in (names, procedures)
            )
            last = row == employers - 1 and column == 2
            expected = (None, "unknown") if last else CELLS[kinds[(row + column) % 4]]
            assert (hole, next(texts)) == expected
    assert not any("<b>" in each or "<i>" in each for each in [*matrix.x, *matrix.y])
    assert len(matrix.x) <= len(matrix.y) or employers == 1
