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
    trends = session.cached(results.model_trends)
    if trends.empty:
        st.caption("No finished run has timings yet.")
        return
    slower = trends[trends["slower"]]
    if len(slower):
        names = ", ".join(slower["name"].head(5))
        st.warning(
            f"{formats.counted(len(slower), 'model')} took much longer in the newest run than usual: {names}.",
            icon=":material/trending_up:",
        )
    elif trends["runs"].max() >= results.SLOWER_RUNS:
        st.caption("No model took much longer in its newest run than usual.")
    labelled = trends.assign(
        layer=trends["layer"].map(layer_dot),
        slower=trends["slower"].map({True: "⚠ slower", False: ""}),
    )
    seconds = {
        name: st.column_config.NumberColumn(title, format="%.2f s", help=meaning)
        for name, title, meaning in (
            ("seconds", "Newest", "Seconds in the newest run that built it"),
            ("usual", "Usual", "Median of the runs before"),
        )
    }
    lines = {"history": st.column_config.AreaChartColumn("Run by run", y_min=0, width="medium")}
    is_trend = trends["runs"].max() > 1
    columns = seconds | lines | {"slower": st.column_config.TextColumn("Trend", width=95)}
    order = (
        ["name", "slower", "seconds", "usual", "history", "runs", "layer"]
        if is_trend
        else ["name", "seconds", "layer"]
    )
    picked = show_table(
        labelled[order],
        key="model_trends",
        ids=trends["name"].tolist(),
        height=380,
        headings={"name": "Model"},
        columns=columns,
        alt="Seconds by model, run by run",
    )
    if not is_trend:
        st.caption("One run so far; a trend begins with the next build.")
        return
    name = trends["name"].iloc[picked[0]] if picked else trends["name"].iloc[0]
    all_runs = session.cached(results.durations)
    st.markdown(f"**{name}**" + ("" if picked else " · select another line of the table"))
    charts.show(
        charts.lines(all_runs[all_runs["name"] == name], "run_id", "seconds", "name", "seconds"),
        f"over_time_{name}",
        f"Seconds of {name}, run by run",
    )
