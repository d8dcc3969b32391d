"""Feature registry with profiles, distributions, correlation, drift between snapshots, values as known at a moment, export."""

import streamlit as st

from pages.components import feature_times, feature_views, formats, linked, state
from pages.components.empty import nothing_here
from pipeline.services import feature_profile, features

FIRST = "feat_provider"
HOW = "Build the feature store; it needs the three layers before it."


def not_built() -> None:
    nothing_here("This table is not built yet", HOW, "pages/load/run_pipeline.py", "Go to the build")


st.title("Features")
registry = {table.name: table for table in features.registry()}
name = linked.select("Feature table", list(registry), state.FEATURE_TABLE,
                     lambda each: f"{each} · {formats.counted(len(registry[each].features), 'feature')}", FIRST, width=420)
table = registry[name]
is_built = name in state.answer(features.built)
seen = state.answer(feature_profile.profile, name) if is_built else None
st.caption(f"{table.description} Key: {', '.join(table.key)}. Owner: {table.owner or 'nobody'}.")
if seen is None:
    st.caption(f":material/photo_camera: no snapshot yet. {HOW}")
else:
    st.caption(f":material/photo_camera: newest snapshot {formats.moment(seen.moment)} · "
               f"{formats.counted(len(seen.moments), 'snapshot')} · {feature_views.looked_at(seen)}")

OF_VALUES = {"Distribution": lambda: feature_views.distribution(table, seen), "Correlation": lambda: feature_views.correlation(seen),
             "Drift": lambda: feature_times.drift(seen), "As known at": lambda: feature_times.known_at(table, seen)}
linked.views({"Registry": lambda: feature_views.registry(table, seen, name)}
             | (OF_VALUES if seen is not None else dict.fromkeys(OF_VALUES, not_built)), state.FEATURE_VIEW)
