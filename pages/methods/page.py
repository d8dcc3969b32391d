"""How each number is made: formulas with their sources and assumptions, what the benchmark measured
of them, the values in force here.
"""

import streamlit as st

from pages.widgets import address, formats, session
from pages.widgets.data_table import show_table
from pages.widgets.empty_state import no_data_yet
from pipeline.services.methods import methods

FOUND = methods.methods()


def draw_formulas() -> None:
    st.caption("O observed adverse events, E expected ones, n encounters that count.")
    for section in FOUND.sections:
        with st.expander(section.title, expanded=section is FOUND.sections[0]):
            st.markdown(section.text)


def draw_measured() -> None:
    st.caption(
        "Worlds of known truth, run through the statements of the build; the tables are written by the benchmark, none by hand."
    )
    st.code(FOUND.command, language=None)
    for table in FOUND.measured:
        st.markdown(f"**{table.title}**")
        if table.rows.empty:
            st.caption("Not measured yet: run the command.")
        else:
            show_table(table.rows, alt=f"Measured: {table.title}", as_stored=True)


def draw_in_force() -> None:
    st.subheader("Assumed", anchor=False)
    st.caption("Declared in `icon_dbt/dbt_project.yml`; a build takes them from there.")
    for assumption in FOUND.assumptions:
        st.markdown(f"{formats.code(assumption.name)} {formats.code(assumption.value)}")
        st.caption(formats.verbatim(assumption.meaning))
    st.subheader("Estimated from this data", anchor=False)
    estimated = session.cached(methods.estimated)
    if estimated is None:
        no_data_yet("model_parameter")
        return
    show_table(estimated, alt="Parameters of the model, as estimated by the last build")


st.title("Methods")
st.caption("What each number means, where its formula comes from, and how far it can be trusted.")
address.views(
    {"Formulas": draw_formulas, "Measured": draw_measured, "In force here": draw_in_force},
    session.METHODS_VIEW,
)
