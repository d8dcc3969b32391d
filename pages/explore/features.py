"""Feature registry, distributions, correlation, values as known at a moment, export."""

import pandas as pd
import streamlit as st

from pages.components import charts, formats, linked, state
from pages.components.empty import nothing_here
from pages.components.tables import download, show_table
from pipeline.services import features

st.title("Features")
registry = {table.name: table for table in features.registry()}
if not registry:
    nothing_here("No feature table is declared", "Feature tables live in icon_dbt/models/feature_store.")
    st.stop()
name = linked.select("Feature table", list(registry), state.FEATURE_TABLE,
                     lambda each: f"{each} · {len(registry[each].features)} features")
table = registry[name]
st.caption(f"{table.description} Key: {', '.join(table.key)}.")
is_built = name in state.answer(features.built)

about, spread, together, known_at = st.tabs(["Registry", "Distribution", "Correlation", "As known at"])
with about:
    frame = pd.DataFrame([vars(feature) for feature in table.features]).drop(columns="table", errors="ignore")
    empty = [column for column in frame.columns if (frame[column] == "").all()]
    show_table(frame.drop(columns=empty), alt="Feature registry", height=460,
               headings={"name": "Feature", "dtype": "Type", "null_meaning": "Empty means", "classification": "Privacy"})
if not is_built:
    for tab in (spread, together, known_at):
        with tab:
            nothing_here("This table is not built yet", "Build the feature store; it needs the three layers before it.",
                         "pages/load/run_pipeline.py", "Go to the build")
    st.stop()

newest = state.answer(features.latest, name)
numeric = [each.name for each in table.features if each.name in newest and pd.api.types.is_numeric_dtype(newest[each.name])]
meanings = {each.name: each.definition for each in table.features}
with spread:
    feature = linked.select("Feature", [each.name for each in table.features], state.FEATURE)
    values = newest[feature]
    st.caption(meanings[feature])
    with st.container(horizontal=True):
        st.metric("Entities", formats.number(len(values)), border=True)
        st.metric("Missing", formats.share(values.isna().mean() if len(values) else None), border=True)
        st.metric("Distinct values", formats.number(values.nunique()), border=True)
        if feature in numeric:
            st.metric("Median", formats.number(float(values.median())), border=True)
    if feature in numeric:
        charts.show(charts.histogram(values.dropna(), feature), "feature_spread", f"Spread of {feature}")
    else:
        counts = values.value_counts().head(30).rename_axis("value").reset_index(name="entities")
        charts.show(charts.bars(counts, "value", "entities", "entities"), "feature_counts", f"Values of {feature}")
with together:
    varied = [column for column in numeric if newest[column].nunique() > 1]
    if len(varied) < 2 or len(newest) < 3:
        nothing_here("Too little to correlate", "At least two features that vary over three entities are needed.")
    else:
        matrix = newest[varied].corr(method="spearman")
        charts.show(charts.heatmap(matrix, "rank correlation", around_zero=True), "correlation",
                    "Rank correlation of every pair of numeric features")
        st.caption(f"Spearman rank correlation over {formats.counted(len(newest), 'entity', 'entities')}.")
with known_at:
    moments = state.answer(features.moments, name)
    st.caption("No source carries a date of service. A value counts from the moment at which it became known, so this is what a "
               "model could have seen then, neither less nor more.")
    moment = linked.select("As known at", moments[::-1], state.KNOWN_AT, formats.moment)
    rows = state.answer(features.known_for_screen, name, moment)
    shown = [*table.key, *(each.name for each in table.features if each.name in rows), "event_timestamp"]
    st.caption(f"{formats.counted(len(rows), 'entity', 'entities')} were known then")
    show_table(rows[shown], meanings, alt="Feature values as known then", height=420)
    with st.container(horizontal=True):
        download(rows[shown], f"{name}_as_known")
        st.download_button("Download as Parquet", features.parquet(state.settings(), name, moment), file_name=f"{name}.parquet",
                           icon=":material/download:", on_click="ignore", mime="application/vnd.apache.parquet")
