"""The steps of the pipeline and what each waits for, written once: runner, scheduler and docs read
it from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.declared.layers import Layer
from pipeline.errors import InputRefused

#: Verbs that build; the others only touch loads or decisions.
BUILDING_VERBS = ("run", "build")


@dataclass(frozen=True)
class Step:
    """One step: its name, the steps before it, and the command line that does it (`{paths}` is
    filled in).
    """

    name: str
    after: tuple[str, ...]
    arguments: tuple[str, ...]
    description: str


def _layer_steps() -> tuple[Step, ...]:
    previous, steps = "ingest", []
    for layer in Layer:
        steps.append(
            Step(
                layer.label,
                (previous,),
                ("build", layer.label),
                f"Build and test the {layer.medallion} layer.",
            )
        )
        previous = layer.label
    return tuple(steps)


STEPS = (
    Step(
        "ingest",
        (),
        ("ingest", "{paths}"),
        "Load what is new in the inbox, one transaction a file.",
    ),
    *_layer_steps(),
)


def layers_named(labels: Iterable[str] | None) -> list[Layer]:
    """The layers of these labels in the order of the flow; all of them for None or nothing.

    Raises InputRefused for a label that is none.
    """
    names = list(labels or ())
    known_labels = {layer.label for layer in Layer}
    for label in names:
        if label not in known_labels:
            raise InputRefused(
                "unknown layer", label, f"layers: {', '.join(layer.label for layer in Layer)}"
            )
    return [layer for layer in Layer if not names or layer.label in names]
