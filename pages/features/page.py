"""Feature registry with profiles, distributions, correlation, drift between snapshots, values as
known at a moment, export.
"""

import streamlit as st

from pages.features import over_time
from pages.features import profile as feature_views
from pages.widgets import address, formats, session
from pages.widgets.empty_state import nothing_here
from pipeline.services.features import profile as feature_profile
from pipeline.services.features import retrieval

FIRST = "feat_provider"
HOW = "Build the feature store; it needs the three layers before it."


def not_built() -> None:
    nothing_here("This table is not built yet", HOW, "run", "Go to the build")


st.title("Features")
registry = {table.name: table for table in retrieval.registry()}
name = address.select(
    "Feature table",
    list(registry),
    session.FEATURE_TABLE,
    lambda each: f"{each} · {formats.counted(len(registry[each].features), 'feature')}",
    FIRST,
    width=420,
)
table = registry[name]
is_built = name in session.answer(retrieval.built)
seen = session.answer(feature_profile.profile, name) if is_built else None
st.caption(f"{table.description} Key: {', '.join(table.key)}. Owner: {table.owner or 'nobody'}.")
if seen is None:
    st.caption(f":material/photo_camera: no snapshot yet. {HOW}")
else:
    st.caption(
        f":material/photo_camera: newest snapshot {formats.moment(seen.moment)} · "
        f"{formats.counted(len(seen.moments), 'snapshot')} · {feature_views.looked_at(seen)}"
    )

OF_VALUES = {
    "Distribution": lambda: feature_views.distribution(table, seen),
    "Correlation": lambda: feature_views.correlation(seen),
    "Drift": lambda: over_time.drift(seen),
    "As known at": lambda: over_time.known_at(table, seen),
}
address.views(
    {"Registry": lambda: feature_views.registry(table, seen, name)}
    | (OF_VALUES if seen is not None else dict.fromkeys(OF_VALUES, not_built)),
    session.FEATURE_VIEW,
)
