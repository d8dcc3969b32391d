"""Parts of a run one after the other."""

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.widgets.charts import styled
from pages.widgets.palette import LAYER_COLOURS, LAYER_TITLES, NEUTRAL
from pipeline.services.run.parts import Part

#: What a part is made of -> its pattern; the words stand in the legend.
MADE_OF = {"models": "", "tests": "/", "rest": "."}
#: What people read for a part that is no layer.
WORDS = {"load": "load files", "conclude": "count what came"}
LEGEND = {"models": "models", "tests": "tests", "rest": "everything else"}


def waterfall(parts: Sequence[Part]) -> go.Figure:
    """One bar a part, each beginning where the one before ends."""
    drawn = go.Figure()
    titles = [title(part) for part in parts]
    begins = [part.begins for part in parts]
    for kind, pattern in MADE_OF.items():
        seconds = [getattr(part, kind) for part in parts]
        drawn.add_bar(
            x=seconds,
            y=titles,
            base=begins,
            orientation="h",
            name=LEGEND[kind],
            marker={
                "color": [LAYER_COLOURS.get(part.name, NEUTRAL) for part in parts],
                "pattern": {"shape": pattern},
            },
            hovertemplate="%{y}, " + LEGEND[kind] + ": %{customdata:.2f} s<extra></extra>",
            customdata=seconds,
        )
        begins = [begin + took for begin, took in zip(begins, seconds, strict=True)]
    drawn.update_layout(barmode="overlay", showlegend=True)
    drawn.update_yaxes(autorange="reversed", type="category")
    drawn.update_xaxes(title="seconds after the start")
    return styled(drawn, height=max(180, 26 * len(parts) + 90))


def title(part: Part) -> str:
    """What people read for a part: the name of its layer, or what happened."""
    return LAYER_TITLES.get(part.name) or WORDS.get(part.name, part.name)
