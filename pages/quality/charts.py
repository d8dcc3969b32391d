"""Charts of rule results over runs."""

import pandas as pd
import plotly.graph_objects as go

from pages.widgets.charts import styled
from pages.widgets.palette import PATTERNS, SEVERITY_COLOURS


def rule_states(frame: pd.DataFrame) -> go.Figure:
    """One bar a run, cut into the states of its checks (columns run_id, status, rules), the calm
    ones below.
    """
    figure = go.Figure()
    for status in reversed(list(SEVERITY_COLOURS)):
        rows = frame[frame["status"] == status]
        if len(rows):
            figure.add_bar(
                x=rows["run_id"],
                y=rows["rules"],
                name=status,
                marker={
                    "color": SEVERITY_COLOURS[status],
                    "pattern": {"shape": PATTERNS[status]},
                },
                hovertemplate=f"%{{x}}: %{{y:,}} {status}<extra></extra>",
            )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(type="category", title=None)
    figure.update_yaxes(title="checks")
    return styled(figure)
