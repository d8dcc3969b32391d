"""What a run spent its time on: parts that follow one another and sum to the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.declared.layers import Layer
from pipeline.store.control.runs import Run

if TYPE_CHECKING:
    import pandas as pd

#: Of a run that noted no parts: whatever no layer took.
ELSE = "load, start and publish"
MODELS, TESTS = ("model", "seed", "snapshot"), ("test",)


@dataclass(frozen=True)
class Part:
    """One part of a run from `begins` on (seconds after its start); of a layer `models` and
    `tests` say what their statements took, `rest` is what lies between them.
    """

    name: str
    begins: float
    seconds: float
    models: float = 0.0
    tests: float = 0.0

    @property
    def rest(self) -> float:
        """Seconds that neither models nor tests took."""
        return max(0.0, self.seconds - self.models - self.tests)


def parts(run: Run, nodes: pd.DataFrame) -> tuple[Part, ...]:
    """The parts of a run that has ended, `nodes` being its steps; none where it noted none."""
    made: list[Part] = []
    for part in _noted(run.result):
        begins = made[-1].begins + made[-1].seconds if made else 0.0
        own = nodes[nodes["layer"] == part["name"]]
        models, tests = (
            float(own.loc[own["kind"].isin(kinds), "seconds"].fillna(0).sum())
            for kinds in (MODELS, TESTS)
        )
        seconds = float(part["seconds"])
        # statements that ran side by side add up to more than the part: each keeps its share
        scale = min(1.0, seconds / (models + tests)) if models + tests else 1.0
        made.append(Part(part["name"], begins, seconds, models * scale, tests * scale))
    return tuple(made)


def whole(of: Iterable[Part]) -> float:
    """What all parts take together."""
    return sum(part.seconds for part in of)


def _noted(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if noted := result.get("seconds_by_part"):
        return [{"name": name, "seconds": seconds} for name, seconds in noted.items()]
    labels = {layer.label for layer in Layer}
    layers = [
        {"name": each["name"], "seconds": each["duration_seconds"]}
        for each in result.get("layers", ())
        if each["name"] in labels
    ]
    if not layers:
        return []
    rest = result["duration_seconds"] - sum(each["seconds"] for each in layers)
    return [{"name": ELSE, "seconds": max(0.0, rest)}, *layers]
