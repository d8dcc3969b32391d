"""What Airflow did with the DAG lately, and a button to have it run once more.

Draws itself again on its own: what Airflow answers comes beside the page, which never waits for it.
"""

import pandas as pd
import streamlit as st

from pages.widgets import formats, permission, placeholder, session
from pages.widgets.data_table import show_table
from pages.widgets.errors import watched
from pipeline.services.run import airflow

WATCH_SECONDS = 5.0
#: So long the first drawing waits for an answer; a later one finds it.
FIRST_WAIT = 0.3


def show() -> None:
    """The last runs of the DAG; nothing where no Airflow is configured."""
    if session.settings().airflow_url:
        watched(_draw, WATCH_SECONDS)()


def _draw() -> None:
    look = airflow.newest(session.settings(), FIRST_WAIT)
    st.subheader("Airflow", anchor=False)
    with placeholder.place():
        if look is None:
            st.caption("Asking Airflow.")
        elif look.error:
            where = f"**{formats.verbatim(look.error.where)}:** "
            hint = f"  \n{formats.verbatim(look.error.hint)}." if look.error.hint else ""
            st.warning(
                f"{where}{formats.verbatim(look.error.what)}.{hint}",
                icon=":material/cloud_off:",
            )
        elif look.is_paused:
            st.info(
                f"The DAG {airflow.DAG} is paused: a run waits until somebody unpauses it in Airflow.",
                icon=":material/pause_circle:",
            )
    if permission.button(
        "Run it in Airflow",
        airflow.trigger,
        icon=":material/cloud_upload:",
        key="trigger_dag",
        disabled=look is None or look.error is not None,
        help=f"Triggers {airflow.DAG}: it waits for a new file in its inbox, loads it, and builds everything.",
    ):
        dag_run_id = airflow.trigger(session.settings())
        session.flash(f"Airflow has {dag_run_id} in its queue.")
        st.rerun()
    if look is None or look.error:
        return
    if look.dag_runs:
        _table(look.dag_runs)
    else:
        st.caption(f"{airflow.DAG} has not run yet.")


def _table(dag_runs: tuple[airflow.DagRun, ...]) -> None:
    settings = session.settings()
    here = airflow.runs_here(settings, dag_runs)
    show_table(
        pd.DataFrame(
            {
                "run in Airflow": each.dag_run_id,
                "state": each.state,
                "began": formats.moment(each.started_at),
                "took": formats.span(each.seconds),
                "run here": here.get(each.dag_run_id, formats.NO_VALUE),
                "open": airflow.address_of(settings, each),
            }
            for each in dag_runs
        ),
        key="dag_runs",
        alt=f"The newest runs of {airflow.DAG} in Airflow, newest first",
        columns={"open": st.column_config.LinkColumn("Open", display_text="in Airflow")},
    )
