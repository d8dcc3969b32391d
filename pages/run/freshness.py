"""Whether the layers are up to date, in one sentence."""

from collections.abc import Sequence

from pages.widgets.palette import LAYER_TITLES
from pipeline.services.overview.layer_states import LayerState


def sentence(layers: Sequence[LayerState]) -> str:
    """`All four layers are up to date.`, or `Out of date: Feature store.`"""
    never = [LAYER_TITLES[layer.label] for layer in layers if layer.state == "never built"]
    late = [LAYER_TITLES[layer.label] for layer in layers if layer.state == "out of date"]
    if len(never) == len(layers):
        return "No layer is built yet."
    sentences = [
        f"{what}: {', '.join(names)}."
        for names, what in ((late, "Out of date"), (never, "Not built yet"))
        if names
    ]
    return " ".join(sentences) or "All four layers are up to date."
