"""What a build that is stood in for comes to."""

from pipeline.orchestrate.outcome import BuildOutcome
from pipeline.orchestrate.results import LayerResult


def outcome(held=()) -> BuildOutcome:
    """One layer, one row in quarantine, one table."""
    return BuildOutcome(
        "b1",
        "2026-01-01",
        (LayerResult("landing_zone", "success", 0.1, 1),),
        (),
        {"patients": 1},
        {"patients": ["L00001-2"]},
        (),
        {"a": 3},
        tuple(held),
    )
