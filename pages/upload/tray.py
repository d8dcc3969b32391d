"""The tray: one line a file, one button for all, and a card a file with what would come of it."""

from collections import Counter
from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.quarantine import what_if
from pages.upload import card, evidence
from pages.widgets import errors, formats, permission, placeholder, session
from pages.widgets.data_table import show_table
from pages.widgets.errors import watched
from pipeline.services.upload import full_preflight, joint_judgement, preflight, tray
from pipeline.services.upload.preflight import Preflight
from pipeline.services.upload.tray import Look, Waiting

WATCH_SECONDS = 0.5
#: So many refused files are opened by themselves; of more the closed card says why.
OPENED = 2
#: So many files that were left out are listed; more are one click away.
LEFT_OUT_SHOWN = 10
RULES_COME = "Nothing was built here yet: the rules are made ready, about half a minute, and then judge these files."


def keep(files: list) -> None:
    """Put dropped files into the tray, each once, and let their bytes leave the server's memory.

    The uploader stays what it is, its uploaded files out of sight: one that was emptied would lose
    what somebody drops, or is still sending, in the same moment.
    """
    kept = st.session_state.setdefault(session.KEPT_UPLOADS, [])
    new = [file for file in files if file.file_id not in kept]
    if not new:
        return
    left_out: list[str] = []
    with placeholder.place(), st.spinner(f"Taking in {formats.counted(len(new), 'file')}…"):
        for file in new:
            with errors.reporting(file.file_id):
                tray.keep(session.settings(), file.name, file, left_out.append)
                kept.append(file.file_id)
                _release(file)
    if st.session_state.pop(session.UPLOAD_RESULTS, None):
        st.session_state.pop(session.LEFT_OUT, None)
    known = st.session_state.get(session.LEFT_OUT, [])
    st.session_state[session.LEFT_OUT] = list(dict.fromkeys([*known, *left_out]))


def show_left_out() -> None:
    """The files of dropped archives that are no delivery, with why, until somebody hides them."""
    lines = [f"- {formats.verbatim(why)}" for why in st.session_state.get(session.LEFT_OUT, [])]
    if not lines:
        return
    shown, more = "\n".join(lines[:LEFT_OUT_SHOWN]), lines[LEFT_OUT_SHOWN:]
    st.info(f"Left out of what was dropped:\n\n{shown}", icon=":material/filter_alt:")
    with st.container(horizontal=True):
        if more:
            with st.popover(f"{len(more):,} more", icon=":material/filter_alt:"):
                st.markdown("\n".join(more))
        st.button(
            "Hide what was left out",
            icon=":material/close:",
            type="tertiary",
            key="hide_left_out",
            on_click=_hide_left_out,
        )


def _hide_left_out() -> None:
    st.session_state.pop(session.LEFT_OUT, None)


def _release(file) -> None:
    """Take an uploaded file out of the server's memory; its uploader then counts it as deleted."""
    context = get_script_run_ctx()
    manager = context.uploaded_file_mgr if context else None
    if context and isinstance(manager, MemoryUploadedFileManager):
        manager.remove_file(context.session_id, file.file_id)


def offer_to_take_out(files: tuple[Waiting, ...]) -> None:
    """The way out of the tray for all files or one, whatever they hold."""
    with st.popover("Take out", icon=":material/delete_sweep:"):
        if len(files) > 1 and permission.button(
            "All files", tray.take_out, key="take_all_out", width="stretch"
        ):
            tray.take_out(session.settings(), [file.tray_id for file in files])
            _hide_left_out()
            st.rerun()
        for file in files:
            if permission.button(
                formats.verbatim(file.name),
                tray.take_out,
                key=f"take_out_{file.tray_id}",
                width="stretch",
            ):
                tray.take_out(session.settings(), [file.tray_id])
                st.rerun()


def judged(files: tuple[Waiting, ...]) -> Preflight:
    """What the rules say: of all rows where somebody has asked for that, else of the first of each
    file.
    """
    whole = full_preflight.result(session.settings(), files)
    if whole is not None and not whole.broke_off:
        return whole
    if not preflight.can_judge(session.settings()):
        preflight.get_ready(session.settings())
        return Preflight({}, RULES_COME)
    with st.spinner("Judging by the rules…"):
        judgement = session.cached(preflight.check, files)
    return judgement if whole is None else replace(judgement, broke_off=whole.broke_off)


def numbered(looks: dict[str, tuple[Waiting, Look]]) -> dict[str, str]:
    """Tray id -> the file's name, with a number where several files came under one name."""
    names = [file.name for file, _ in looks.values()]
    counts: Counter = Counter()
    tab_names = {}
    for tray_id, (file, _) in looks.items():
        counts[file.name] += 1
        tab_names[tray_id] = (
            f"{file.name} ({counts[file.name]})" if names.count(file.name) > 1 else file.name
        )
    return tab_names


def show_overview(looks: dict[str, tuple[Waiting, Look]], judgement: Preflight) -> None:
    """One line a file: what it is, what would come of it, how it differs from what is known."""
    lines, names = [], numbered(looks)
    for tray_id, (_, look) in looks.items():
        report = judgement.reports.get(tray_id)
        fates = report.fates if report else {}
        difference = (report.difference if report else None) or {}
        lines.append(
            {
                "file": names[tray_id],
                "source": formats.words(look.entity) if look.entity else None,
                "state": card.state(look, report, tray_id in judgement.failed),
                "how sure": "asks"
                if look.question
                else evidence.least_words(look.readings) or None,
                "rows": report.rows if report else None,
                "pass": fates.get("promoted", 0) if report else None,
                "wait": fates.get("quarantined", 0) if report else None,
                **{kind: difference.get(kind) for kind in ("new", "changed", "unchanged")},
            }
        )
    show_table(
        pd.DataFrame(lines).dropna(axis="columns", how="all"),
        alt="Files in the tray",
        headings={"pass": "Would pass", "wait": "Would wait"},
    )


def show_releases(judgement: Preflight) -> None:
    """What the files would do to rows that wait already, before anybody loads them."""
    effect = judgement.releases
    parts = []
    if effect.released.rows:
        least = "at least " if effect.is_least else ""
        waiting = formats.counted(effect.released.rows, "waiting row")
        parts.append(
            f":material/move_up: **Releases {least}{waiting}:** {what_if.parts(effect.released)}"
            f"{what_if.gold_line(effect.gold)}"
        )
    if effect.replaced:
        verb = "is" if effect.replaced == 1 else "are"
        parts.append(
            f":material/published_with_changes: {formats.counted(effect.replaced, 'waiting row')} "
            f"{verb} replaced by a version in these files."
        )
    if parts:
        with st.container(border=True, key="releases"):
            st.markdown("  \n".join(parts))


def show_unjudged(judgement: Preflight) -> None:
    """Why nothing is judged; drawn again by itself when the rules are there."""
    if judgement.unjudged == RULES_COME:
        watched(_watch_rules, WATCH_SECONDS)()
    elif judgement.unjudged:
        st.info(judgement.unjudged, icon=":material/info:")


def _watch_rules() -> None:
    if preflight.can_judge(session.settings()):
        st.rerun()
    if preflight.is_getting_ready(session.settings()):
        st.info(RULES_COME, icon=":material/hourglass_top:")
    else:
        st.warning(
            "The rules could not be made ready; worker.log in the home says why. Files can be loaded, and the build judges them.",
            icon=":material/error:",
        )


def offer_whole(files: tuple[Waiting, ...], judgement: Preflight) -> None:
    """When only the first rows of a large file were judged: judge all, in the background, with
    progress and cancel.
    """
    parts = [
        report
        for report in judgement.reports.values()
        if not report.is_whole and report.rows >= joint_judgement.HEAD_ROWS_AT_LEAST
    ]
    checking = full_preflight.running(session.settings())
    if checking is not None:
        watched(_watch_whole, WATCH_SECONDS)()
    elif parts:
        if judgement.broke_off:
            st.error(
                f"Judging every row broke off: {formats.verbatim(judgement.broke_off)}.",
                icon=":material/error:",
            )
        with st.container(
            border=True,
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
        ):
            st.markdown(
                f":material/speed: {formats.counted(len(parts), 'large file')}: the first {max(part.rows for part in parts):,} "
                "rows are judged here. The build judges all of them; so can a check now.",
                width="content",
            )
            if permission.button(
                "Judge every row",
                full_preflight.start,
                icon=":material/fact_check:",
                key="judge_whole",
            ):
                full_preflight.start(session.settings(), files)
                st.rerun()


def _watch_whole() -> None:
    checking = full_preflight.running(session.settings())
    if checking is None:
        st.rerun()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        left = (
            f", about {formats.span(checking.seconds_left)} left"
            if checking.seconds_left is not None
            else ""
        )
        st.progress(checking.share, text=f"Judging every row: {checking.what}{left}")
        if permission.button(
            "Cancel", full_preflight.cancel, icon=":material/stop_circle:", key="cancel_whole"
        ):
            full_preflight.cancel(session.settings())
            st.rerun()
