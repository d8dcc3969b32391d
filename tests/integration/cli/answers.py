"""What a run answers, and the words of a decision."""

from pipeline.orchestrate.results import LayerResult, RunResult

RESULT = RunResult(
    "R000001",
    "succeeded",
    1.0,
    "2026-01-01",
    "b1",
    (),
    (LayerResult("landing_zone", "success", 0.5, 3),),
    (),
    {"patients": 2},
    (),
    {},
    (),
)
DECIDED = ["--entity", "patients", "--row", "L00001-2", "--reason", "why"]
