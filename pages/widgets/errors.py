"""How a page shows an error: what happened, where, and what to do next.

Streamlit runs a part that redraws itself (`watched`) without the router around it, so such a part
reports its own errors.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import streamlit as st

from pages.widgets import formats, session
from pipeline.errors import PipelineError, as_pipeline_error, of_the_machine
from pipeline.services.settings import upgrade

LOG = logging.getLogger(__name__)


class Defect(Exception):
    """A defect of the program: what kind and where, without the words of the exception, which can
    quote a patient's value.
    """

    def __init__(self, error: PipelineError, caught: Exception) -> None:
        steps = [
            f"{Path(frame.filename).name}:{frame.lineno}"
            for frame in traceback.extract_tb(caught.__traceback__)
        ]
        self.last_step = steps[-1] if steps else ""
        super().__init__(f"{error.what}; by way of {' > '.join(steps)}")


@contextmanager
def reporting(place: str = "page") -> Iterator[None]:
    """Show an error of the block where it happened: one that a person can act on in its own
    words, any other as a defect, whose place goes to the log of the server. With
    `client.showErrorDetails = full`, as in tests, a defect is raised.

    `place` makes the keys of two error messages on one page different.
    """
    try:
        yield
    except PipelineError as error:
        show(error, place)
    except Exception as caught:
        # a page that meets tables of another version says so, and so does one whose disk is full
        known = of_the_machine(caught) or upgrade.outdated(session.settings())
        if known is None:
            known = _defect(caught)
        show(known, place)


def _defect(caught: Exception) -> PipelineError:
    defect = Defect(as_pipeline_error(caught), caught)
    if st.get_option("client.showErrorDetails") in ("full", True):
        raise defect from None
    LOG.error("defect of the program: %s", defect)
    return PipelineError(
        f"a defect of the program stopped this part of the page ({type(caught).__name__} in "
        f"{defect.last_step})",
        hint="try again; if it stays, report it with the lines that the server printed just now",
    )


def watched(draw: Callable[..., None], run_every: float | None) -> Callable[..., None]:
    """`draw` as a part of the page that redraws itself every `run_every` seconds and reports its
    own errors.
    """

    @st.fragment(run_every=run_every)
    @wraps(draw)
    def drawn(*arguments: object) -> None:
        with reporting(draw.__name__):
            draw(*arguments)

    return drawn


def show(error: PipelineError, place: str = "page") -> None:
    """What happened, where, and what to do next."""
    where = f"**{formats.verbatim(error.where)}:** " if error.where else ""
    st.error(f"{where}{formats.verbatim(error.what)}", icon=":material/error:")
    if error.hint:
        st.markdown(f":material/lightbulb: **What to do:** {formats.verbatim(error.hint)}")
    if st.button("Try again", icon=":material/refresh:", key=f"try_again_{place}"):
        st.rerun()
