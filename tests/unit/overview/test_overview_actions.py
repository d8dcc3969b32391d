"""The next best action in every state of the house."""

import pytest

from pipeline.services.overview.held_back import HeldBack
from pipeline.services.overview.layer_states import LayerState
from pipeline.services.overview.next_action import next_action
from pipeline.services.why.absent_sources import AbsentSource
from pipeline.services.why.missing_files import Missing, MissingFile

FINE = tuple(
    LayerState(label, "", "up to date", "2026-01-01T00:00:00Z", 1, 1)
    for label in ("landing_zone", "standard_model", "enterprise_datasets", "feature_store")
)
LATE = (
    *FINE[:2],
    LayerState("enterprise_datasets", "gold", "out of date", "2026-01-01T00:00:00Z", 1, 1),
    FINE[3],
)
NONE, SOME = HeldBack(0, 0, 0, 0.0, None), HeldBack(71, 62, 5, 240_917.0, 0.042)
SUCCEEDED, FAILED = (
    {"status": "succeeded", "error": None},
    {"status": "failed", "error": "fct_encounter: no such column"},
)
MISSING = Missing((MissingFile("providers.csv", "1,000 encounters wait for 23 providers.", True),))
PARTLY = Missing((MissingFile("providers.csv", "62 encounters wait for 1 provider.", False),))
BOTH = Missing((MissingFile("patients.csv", "Two wait.", True), *MISSING.files, *PARTLY.files))
UNASKED = Missing(unasked=(AbsentSource("referrals", "never_delivered", ()),))
NOTHING = Missing()
RUN, REVIEW, UPLOAD = "run", "quarantine", "upload"


def action(
    delivered="2026-01-01",
    last_run=SUCCEEDED,
    waiting=0,
    held=0,
    changed=0,
    layers=FINE,
    held_back=NONE,
    suggested=0,
    missing=NOTHING,
):
    return next_action(
        delivered, last_run, waiting, held, changed, layers, held_back, suggested, missing
    )


@pytest.mark.parametrize(
    ("state", "title", "page", "builds"),
    [
        (dict(delivered=None, last_run=None), "Load the first delivery", UPLOAD, False),
        (dict(last_run=None, waiting=6), "Build the layers", RUN, True),
        (
            dict(last_run={"status": "running", "error": None}, waiting=6),
            "A build is running",
            RUN,
            False,
        ),
        (dict(held=1, held_back=SOME), "A load waits at the gate", UPLOAD, False),
        (dict(held=1, missing=MISSING), "Upload providers.csv", UPLOAD, False),
        (dict(held=1, missing=BOTH), "Upload patients.csv and providers.csv", UPLOAD, False),
        (dict(held_back=SOME, missing=UNASKED), "Review the quarantine", REVIEW, False),
        (dict(missing=UNASKED), "Upload referrals.csv", UPLOAD, False),
        (dict(held=1, missing=PARTLY), "A load waits at the gate", UPLOAD, False),
        (dict(held=1, missing=MISSING, waiting=1), "A load waits at the gate", UPLOAD, False),
        (dict(last_run=FAILED, waiting=1), "The last build failed", RUN, False),
        (
            dict(last_run={"status": "cancelled", "error": None}, changed=2),
            "Build the layers",
            RUN,
            True,
        ),
        (dict(layers=LATE, held_back=SOME), "Finish the build", RUN, True),
        (dict(held_back=SOME, suggested=2), "Decide on 2 suggested repairs", REVIEW, False),
        (dict(held_back=SOME), "Review the quarantine", REVIEW, False),
        (dict(), "Everything is up to date", "providers", False),
    ],
)
def test_the_next_action_is_the_one_that_moves_the_most(state, title, page, builds):
    next_action = action(**state)
    assert (next_action.title, next_action.page, next_action.builds) == (title, page, builds)


def test_the_action_says_what_it_is_about():
    assert "1 load and 2 decisions wait" in action(waiting=1, changed=2).why
    assert "1 decision waits" in action(changed=1).why
    assert "enterprise datasets" in action(layers=LATE).why
    assert "no such column" in action(last_run=FAILED).why
    died = {
        "status": "failed",
        "error": "the process died; the published tables are as they were before it",
    }
    assert all(
        action(last_run=run).why.count("published tables are as they were") == 1
        for run in (FAILED, died)
    )
    assert (
        "71 rows wait, among them 62 encounters worth $240,917."
        in action(held_back=SOME, suggested=1).why
    )
