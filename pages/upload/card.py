"""The card of one file of the tray: its fate in one sentence, how it is read and how sure that is,
where its lines belong; then what the rules say, and every choice.
"""

import streamlit as st

from pages.upload import column_mapping, date_order, evidence, question, value_words
from pages.upload import reading as reading_form
from pages.upload import report as report_view
from pages.widgets import errors, formats, permission, session
from pipeline.services.upload import line_account, tray
from pipeline.services.upload.file_report import FileReport
from pipeline.services.upload.line_account import LineAccount
from pipeline.services.upload.tray import Look, Waiting

#: State of a file -> its icon and how the overview names it.
STATES = {
    "failed": (":material/block:", "✗ cannot be judged"),
    "asks": (":material/help:", "? asks how to read it"),
    "refused": (":material/block:", "✗ refused"),
    "already_loaded": (":material/content_copy:", "– already loaded"),
    "held": (":material/front_hand:", "⚠ would be held"),
    "waits": (":material/warning:", "✓ ready"),
    "ready": (":material/check_circle:", "✓ ready"),
}


def state(look: Look, report: FileReport | None, has_failed: bool) -> str:
    """How the overview names the state of a file."""
    _, words = STATES[_state(look, report, has_failed)]
    return f"{words} as {look.already_loaded}" if look.already_loaded else words


def show(
    file: Waiting,
    look: Look,
    lines: LineAccount | None,
    report: FileReport | None,
    name: str,
    expanded: bool,
    failure: str = "",
) -> None:
    """One file in full; `lines` is the account of it, or of its first rows; `name` tells it from
    others of the same name, `failure` why it could not be judged.
    """
    opened = st.session_state.setdefault(session.OPENED_CARDS, [])
    if expanded and file.tray_id not in opened:
        opened.append(file.tray_id)
    expanded = file.tray_id in opened
    icon, _ = STATES[_state(look, report, bool(failure))]
    title = f"**{formats.verbatim(name)}**"
    why = formats.verbatim(formats.refusal(file.name, look.refused)) if look.refused else ""
    with st.expander(
        f"{title} {_fate(look, report, failure, '' if expanded else why)}",
        icon=icon,
        expanded=expanded,
        # once opened by itself it is a new one: the browser would leave the old one closed
        key=f"card_{file.tray_id}_{'opened' if expanded else 'closed'}",
    ):
        with errors.reporting(file.tray_id):
            shown_here = f"{title} {why}" if expanded and why else ""
            _body(file, look, _account(look, lines, report), report, shown_here, failure)
        if permission.button(
            "Take out of the tray",
            tray.take_out,
            icon=":material/delete:",
            key=f"take_out_card_{file.tray_id}",
        ):
            tray.take_out(session.settings(), [file.tray_id])
            st.rerun()


def _body(
    file: Waiting,
    look: Look,
    lines: LineAccount | None,
    report: FileReport | None,
    refusal: str,
    failure: str,
) -> None:
    """`refusal`: why it is refused, where its title does not say so."""
    if refusal and not look.question:
        st.error(refusal, icon=":material/block:")
    elif failure:
        st.error(
            f"It cannot be loaded: {failure}. Take it out and ask its sender, or have it read "
            "otherwise.",
            icon=":material/block:",
        )
    evidence.show_summary(look.readings, lines, look.question)
    if look.question:
        question.show(file, look.question)
        with st.expander(question.READ_OTHERWISE, icon=":material/tune:"):
            reading_form.show(file, look)
    elif look.refused:
        if look.header_cells or file.reading.is_shape:
            reading_form.show(file, look)
        if look.header_cells and not look.names_are_data:
            column_mapping.show(file, look, expanded=True)
    elif not look.already_loaded:
        date_order.show(file, look)
        value_words.show(file, look)
        _tabs(file, look, report)


def _state(look: Look, report: FileReport | None, has_failed: bool) -> str:
    if look.refused:
        return "asks" if look.question else "refused"
    if has_failed:
        return "failed"
    if look.already_loaded:
        return "already_loaded"
    if report and report.held:
        return "held"
    return "waits" if report and report.fates.get("quarantined") else "ready"


def _fate(look: Look, report: FileReport | None, failure: str, why: str) -> str:
    """What becomes of the file, to stand after its name."""
    if look.question:
        return f"asks: it {formats.verbatim(look.question.what)}"
    if look.refused:
        return f"is refused: it {why}" if why else "is refused"
    if failure:
        return "cannot be judged, so it is not loaded"
    if look.already_loaded:
        return f"is already loaded as {look.already_loaded}: the same bytes, nothing would change"
    source = formats.words(look.entity or "").lower()
    told = f": {report_view.sentence(report)}" if report else ""
    return f"will load as **{source}**{told}"


def _account(
    look: Look, lines: LineAccount | None, report: FileReport | None
) -> LineAccount | None:
    """Where its lines belong: of a large file as far as it was judged."""
    if report and report.is_whole and not (lines and lines.is_whole):
        unit = line_account.unit_of(look.readings)
        return line_account.account(report.lines, report.line_total, unit=unit)
    return lines


def _tabs(file: Waiting, look: Look, report: FileReport | None) -> None:
    unit = line_account.unit_of(look.readings)
    if report is None:
        reading, columns = st.tabs(["How it is read", "Columns"])
    else:
        rules, differs, columns, reading = st.tabs(
            ["Check", "Against what is known", "Columns", "How it is read"]
        )
        with rules:
            report_view.show_rules(report, unit)
        with differs:
            report_view.show_differences(report, unit)
    with columns:
        column_mapping.show_match(look)
        if report is not None:
            report_view.show_columns(report)
        column_mapping.show(file, look, expanded=False)
    with reading:
        reading_form.show(file, look)
