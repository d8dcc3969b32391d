"""What surrounds every page: logo, margins, and the build that is running in the sidebar."""

import streamlit as st

from pages.shell import search, tour
from pages.widgets import charts, formats, menu, session
from pages.widgets.errors import watched
from pages.widgets.palette import LAYER_COLOURS
from pipeline.services.run import published, run_steps, runs

SIDEBAR_SECONDS = 3
SIDEBAR_WIDTH = 232
BARS = "".join(
    f'<rect x="2" y="{4 + 7.2 * place:.1f}" width="26" height="5.5" rx="2" fill="{colour}"/>'
    for place, colour in enumerate(LAYER_COLOURS.values())
)
# Drawn here: a named icon or an emoji would be fetched from another host.
ICON = f'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="68" viewBox="0 0 30 34">{BARS}</svg>'
LOGO = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="210" height="34" viewBox="0 0 210 34">{BARS}<text x="38" y="23.5" '
    'font-family="system-ui, sans-serif" font-size="17" font-weight="700" fill="#3D87A6">Icon Health</text></svg>'
)
# What stands in for a chart until it is drawn is as tall as the chart: its container tells how many
# steps that is.
PLACES = "".join(
    f'[class*="st-key-tall{tall}_"] [data-testid="stSkeleton"] {{height: {tall * charts.STEP}px;}}'
    for tall in range(1, 31)
)
# Streamlit's own margins are made for essays; a workbench shows tables.
STYLE = (
    """<style>
[data-testid="stMainBlockContainer"] {padding: 2.6rem 2.4rem 3rem;}
[data-testid="stMetric"] {min-width: 9rem;}
/* what is pointed at keeps the colour of text: the accent has 4.2 : 1 on the dark ground */
[data-testid="stMain"] :is([data-testid="stExpander"] summary, [data-testid="stPopoverButton"], button[kind="tertiary"]):hover,
[data-testid="stMain"] :is([data-testid="stExpander"] summary, [data-testid="stPopoverButton"], button[kind="tertiary"]):hover * {
  color: inherit !important;}
[data-testid="stMain"] :is([data-testid="stExpander"] summary, [data-testid="stPopoverButton"], button[kind="tertiary"]):hover p {
  text-decoration: underline;}
[data-testid="stSliderThumbValue"], [data-testid="stSliderThumbValue"] * {color: inherit !important;}
[data-testid="stMain"] kbd {color: inherit !important; opacity: 1;} /* the keys on a button have 2.6 : 1 otherwise */
.st-key-headline p {font-size: 1.12rem; line-height: 1.45;}
/* cards and filters in a row keep a width that can be read, and go below each other in pairs on a telephone */
:is(.st-key-layers, .st-key-rule_filters) > div {min-width: 10.2rem; flex: 1 1 10.2rem;}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] * {color: inherit;} /* its grey has 4.2 : 1 on white */
[data-testid="stCaptionContainer"] {opacity: .78;}
/* plotly's grey has 3.7 : 1; text beside a chart takes the colour of the theme, also when that changes */
[data-testid="stPlotlyChart"] :is(.annotation-text, .xtick text, .ytick text, .legendtext, .xtitle, .ytitle,
  .bartext-outside, .textpoint text, .colorbar text) {
  fill: currentColor !important;}
[data-testid="stMain"] [role="tab"][aria-selected="true"], [data-testid="stMain"] [role="tab"][aria-selected="true"] *,
[data-testid="stMain"] [kind="segmented_controlActive"] * {color: inherit !important;}
[data-testid="stMain"] [role="tablist"], [data-testid="stMain"] [data-testid="stButtonGroup"] button {color: inherit !important;}
/* an uploaded file lies in the tray; one that is on its way or too large stays in sight */
[data-testid="stFileChips"] div:has(> [data-testid="stFileChip"] [aria-label^="Remove"]):not(:has([data-testid="stFileChipIconError"])) {
  display: none;}
[data-testid="stFileChips"] button[aria-label="Add files"] {white-space: nowrap; width: auto; color: inherit;}
[data-testid="stFileChips"] button[aria-label="Add files"]::after {content: "Add files"; padding-left: .4rem;}
.st-key-table_heading {padding-top: .6rem;} /* a title beside other things has less room of its own above it */
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] {padding: 3.2rem 1rem 2rem;}
  .st-key-table_heading {padding-top: 1.2rem;}
  .st-key-table_choice > div {flex: 1 1 100% !important;}
  .st-key-table_toolbar > div {flex: 1 1 10rem !important; min-width: 0 !important;}
}
"""
    + PLACES
    + "</style>"
)


def sidebar_state() -> int:
    """Width of the menu in pixels; it folds by itself on a narrow screen."""
    return SIDEBAR_WIDTH


def show_frame() -> None:
    """Logo and margins."""
    st.logo(LOGO, size="large")
    st.html(STYLE)


def show_sidebar() -> None:
    """Search, the run and day of what is shown, and a build that is running, on every page."""
    with st.sidebar:
        search.button()
        tour.line()
        seen = session.cached(published.published)
        if seen:
            if seen.as_of:
                st.caption(f"Figures as of {formats.moment(seen.as_of)}")
            menu.link(
                "run_history",
                label=f"Run {seen.run_id}",
                icon=":material/history:",
                query_params={session.RUN: seen.run_id},
            )
        watched(_runs, SIDEBAR_SECONDS)(seen.run_id if seen else "")


def _runs(drawn: str) -> None:
    """Looks every few seconds on its own, so that a build started in another tab or shell shows
    here too; the page was drawn with the figures of run `drawn`.
    """
    _newer_figures(drawn)
    _running_build()


def _newer_figures(drawn: str) -> None:
    """Say that a run was published since the page was drawn, which showed those of run `drawn`."""
    newest = session.cached(published.published)
    if newest and newest.run_id != drawn:
        st.caption(f":material/update: Run {newest.run_id} was published since.")
        if st.button("Show its figures", key="show_newer_figures", width="stretch"):
            st.rerun()


def _running_build() -> None:
    run = runs.active(session.settings())
    if run is None:
        return
    if run.verb == "ingest":
        st.caption(f"Files are loaded: {run.run_id}")
        menu.link("upload", label="Watch the load", icon=":material/visibility:")
        return
    progress = run_steps.progress(session.settings(), run.run_id)
    share = progress.done / progress.total if progress.total else 0.0
    steps = f"{progress.done:,} of {progress.total:,} steps" if progress.total else "starting"
    st.progress(min(share, 1.0), text=f"Build {run.run_id}: {steps}")
    if progress.seconds_left is not None:
        st.caption(f"about {formats.span(progress.seconds_left)} left")
    menu.link("run", label="Watch the build", icon=":material/visibility:")
