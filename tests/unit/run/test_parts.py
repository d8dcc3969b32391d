"""Parts of a run follow one another and sum to the whole, whatever ran side by side."""

import itertools
import random

import pandas as pd
import pytest

from pages.run import charts, waterfall
from pipeline.declared.layers import Layer
from pipeline.services.run import parts as run_parts
from pipeline.store.control.runs import Run

LABELS = [layer.label for layer in Layer]


def a_run(result: dict) -> Run:
    fields = dict.fromkeys(Run.__dataclass_fields__) | {"run_id": "R000001", "result": result}
    return Run(**fields)


def steps(seconds: float, rows: int, random_numbers: random.Random) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "layer": random_numbers.choice(LABELS),
                "kind": random_numbers.choice(["model", "test", "seed"]),
                "seconds": random_numbers.choice([None, seconds * random_numbers.random()]),
            }
            for _ in range(rows)
        ],
        columns=["layer", "kind", "seconds"],
    ).astype({"seconds": float})


@pytest.mark.parametrize("seed", range(20))
def test_the_parts_of_any_run_follow_one_another_and_sum_to_the_whole(seed):
    numbers = random.Random(seed)
    noted = {name: 10 * numbers.random() for name in ("load", "prepare", *LABELS, "publish")}
    result = {"seconds_by_part": noted}
    parts = run_parts.parts(a_run(result), steps(8.0, numbers.randrange(60), numbers))
    assert run_parts.whole(parts) == pytest.approx(sum(noted.values()))
    for before, after in itertools.pairwise(parts):
        assert after.begins == pytest.approx(before.begins + before.seconds)
    for part in parts:
        assert part.models + part.tests + part.rest == pytest.approx(part.seconds)
        assert min(part.models, part.tests, part.rest) >= 0
    drawn = sum(sum(trace.x) for trace in charts.waterfall(parts).data)
    assert drawn == pytest.approx(run_parts.whole(parts))


def test_a_run_without_parts_is_told_by_its_layers_and_what_is_left():
    result = {
        "duration_seconds": 31.0,
        "layers": [{"name": label, "duration_seconds": 3.25} for label in LABELS],
    }
    parts = run_parts.parts(a_run(result), steps(1.0, 0, random.Random(0)))
    assert run_parts.whole(parts) == 31.0
    assert waterfall.sentence(parts).startswith(f"31 s = {run_parts.ELSE} 18 s + Landing zone")
    assert run_parts.parts(a_run({}), steps(1.0, 0, random.Random(0))) == ()
