"""A refusal is a sentence that says what to do."""

import pytest

from pages.widgets import formats


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "p.csv: is empty (0 bytes) (deliver the file again)",
            "is empty (0 bytes). Deliver the file again.",
        ),
        (
            "p.csv, line 7: is cut off: a quote is never closed (deliver the whole file again)",
            "is cut off: a quote is never closed, line 7. Deliver the whole file again.",
        ),
        (
            "p.csv, header: lacks the required column npi of providers (add them, or map the file's columns on the upload page)",
            "lacks the required column npi of providers. Add them, or map the file's columns below.",
        ),
        ("the lock is taken (wait)", "the lock is taken. Wait."),
    ],
)
def test_a_refusal_reads_as_what_happened_and_what_to_do(message, sentence):
    assert formats.refusal("p.csv", message) == sentence
