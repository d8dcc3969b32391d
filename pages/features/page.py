"""Feature registry with profiles, training sets, distributions, correlation, drift between
snapshots, values as known at a moment, export.
"""

import streamlit as st

from pages.features import basket, over_time, profile, training_set
from pages.features import registry as feature_registry
from pages.widgets import address, formats, session
from pages.widgets.empty_state import no_data_yet
from pipeline.services.features import profile as feature_profile
from pipeline.services.features import retrieval
from pipeline.services.why import emptiness

FIRST = "feat_provider"
OF_VALUES = ("Distribution", "Correlation", "Drift", "As known at")
HOW = "Build the feature store; it needs the three layers before it."


def not_built() -> None:
    no_data_yet(name)


session.take_next()
st.title("Features")
session.show_flash()
registry = {table.name: table for table in retrieval.registry()}
built = session.cached(retrieval.built)
name = address.select(
    "Feature table",
    list(registry),
    session.FEATURE_TABLE,
    lambda table_name: (
        f"{table_name} · {formats.counted(len(registry[table_name].features), 'feature')}"
    ),
    FIRST,
    width=420,
)
table = registry[name]
newest = session.cached(feature_profile.profile, name) if name in built else None
st.caption(f"{table.description} Key: {', '.join(table.key)}. Owner: {table.owner or 'nobody'}.")
if newest is None:
    cause = session.cached(emptiness.of_tables, name)
    st.caption(
        f":material/photo_camera: no snapshot yet. {formats.verbatim(f'{cause.what}. {cause.why}') if cause else HOW}"
    )
    of_values = dict.fromkeys(OF_VALUES, not_built)
else:
    table_profile = newest
    st.caption(
        f":material/photo_camera: newest snapshot {formats.moment(table_profile.moment)} · "
        f"{formats.counted(len(table_profile.moments), 'snapshot')} · {profile.sample_size_text(table_profile)}"
    )
    views = (
        lambda: profile.distribution(table, table_profile),
        lambda: profile.correlation(table_profile),
        lambda: over_time.drift(table_profile),
        lambda: over_time.known_at(table, table_profile),
    )
    of_values = dict(zip(OF_VALUES, views, strict=True))
held = basket.show()
address.views(
    {
        "Registry": lambda: feature_registry.show(registry, name, built),
        "Training set": lambda: training_set.show(held),
    }
    | of_values,
    session.FEATURE_VIEW,
)
