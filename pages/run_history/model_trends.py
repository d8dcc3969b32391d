"""How long each model takes, run by run: those that got slower first, then the slowest."""

import streamlit as st

from pages.widgets import charts, formats, session
from pages.widgets.badges import layer_dot
from pages.widgets.data_table import show_table
from pipeline.services.run import results


def show() -> None:
    """A line a model with its newest and usual seconds and all its runs; one chosen model as a
    chart.
    """
    found = session.answer(results.model_trends)
    if found.empty:
        st.caption("No finished run has timings yet.")
        return
    slower = found[found["slower"]]
    if len(slower):
        names = ", ".join(slower["name"].head(5))
        st.warning(
            f"{formats.counted(len(slower), 'model')} took much longer in the newest run than usual: {names}.",
            icon=":material/trending_up:",
        )
    elif found["runs"].max() >= results.SLOWER_RUNS:
        st.caption("No model took much longer in its newest run than usual.")
    shown = found.assign(
        layer=found["layer"].map(layer_dot),
        slower=found["slower"].map({True: "⚠ slower", False: ""}),
    )
    seconds = {
        name: st.column_config.NumberColumn(title, format="%.2f s", help=told)
        for name, title, told in (
            ("seconds", "Newest", "Seconds in the newest run that built it"),
            ("usual", "Usual", "Median of the runs before"),
        )
    }
    lines = {"history": st.column_config.AreaChartColumn("Run by run", y_min=0, width="medium")}
    is_trend = found["runs"].max() > 1
    columns = seconds | lines | {"slower": st.column_config.TextColumn("Trend", width=95)}
    order = (
        ["name", "slower", "seconds", "usual", "history", "runs", "layer"]
        if is_trend
        else ["name", "seconds", "layer"]
    )
    picked = show_table(
        shown[order],
        key="model_trends",
        ids=found["name"].tolist(),
        height=380,
        headings={"name": "Model"},
        columns=columns,
        alt="Seconds by model, run by run",
    )
    if not is_trend:
        st.caption("One run so far; a trend begins with the next build.")
        return
    name = found["name"].iloc[picked[0]] if picked else found["name"].iloc[0]
    all_runs = session.answer(results.durations)
    st.markdown(f"**{name}**" + ("" if picked else " · select another line of the table"))
    charts.show(
        charts.lines(all_runs[all_runs["name"] == name], "run_id", "seconds", "name", "seconds"),
        f"over_time_{name}",
        f"Seconds of {name}, run by run",
    )
