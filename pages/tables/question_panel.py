"""Questions in SQL about what Tables shows: ask, read the plan, keep under a name, take along."""

import streamlit as st

from pages.tables import link_refusals
from pages.widgets import address, downloads, errors, formats, session
from pages.widgets.data_table import show_table
from pipeline.services.run import runs
from pipeline.services.tables import questions, saved_questions
from pipeline.services.tables.table_list import TableInfo

MIME = {".csv": "text/csv", ".json": "application/json"}
FIRST_COLUMNS = 6


def show(info: TableInfo) -> None:
    """The question, its answer, and what can be asked. A saved question stands in the address by
    its name, any other nowhere.
    """
    saved = {each.name: each for each in saved_questions.all_questions(session.settings())}
    may_ask = session.cached(questions.columns_to_ask)
    _choose(info, saved, may_ask)
    statement = st.text_area("Question in SQL", key=session.QUESTION_TEXT, height=130).strip()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Ask", type="primary", icon=":material/play_arrow:", key="question_ask", on_click=_ask
        )
        _keep(saved, statement)
        st.caption(
            "One SELECT over the rows that Tables shows; the filters above do not count here. "
            "Masked columns are no part of it, and the cells of small groups are empty: sums and "
            "counts of them leave these rows out.",
            width="content",
        )
    _what_can_be_asked(info, may_ask)
    asked = st.session_state.get(session.ASKED)
    if asked:
        with errors.reporting("question"):
            _answer(asked)


def _choose(info: TableInfo, saved: dict, may_ask: dict[str, tuple[str, ...]]) -> None:
    """The saved questions; the one that is chosen is asked at once."""
    in_link = st.query_params.get(session.QUESTION)
    if in_link and in_link not in saved and session.QUESTION not in st.session_state:
        link_refusals.note(info.name, [f"no question is called {formats.plain_value(in_link)}"])
        link_refusals.show(info.name)
    name = address.select(
        "Saved question",
        list(saved),
        session.QUESTION,
        optional=True,
        placeholder="Saved questions" if saved else "No question is saved yet",
        label_visibility="collapsed",
        disabled=not saved,
        width=420,
    )
    opened = st.session_state.get(session.OPENED_QUESTION)
    if name and name != opened:
        st.session_state[session.QUESTION_TEXT] = saved[name].statement
        st.session_state[session.ASKED] = saved[name].statement
    elif session.QUESTION_TEXT not in st.session_state:
        st.session_state[session.QUESTION_TEXT] = st.session_state.get(session.ASKED) or _first(
            info, may_ask
        )
    st.session_state[session.OPENED_QUESTION] = name


def _first(info: TableInfo, may_ask: dict[str, tuple[str, ...]]) -> str:
    """A question to begin with: some columns of the table that is open."""
    table = info.name if info.name in may_ask else next(iter(may_ask), "")
    columns = may_ask.get(table, ())[:FIRST_COLUMNS]
    return f"select {', '.join(columns)}\nfrom {table}\nlimit 100" if columns else ""


def _ask() -> None:
    st.session_state[session.ASKED] = st.session_state[session.QUESTION_TEXT].strip()


def _keep(saved: dict, statement: str) -> None:
    """Keep the question under a name, or take the chosen one away."""
    with st.popover("Save", icon=":material/bookmark_add:"):
        name = st.text_input(
            "Name", key="question_name", max_chars=60, placeholder="what it answers"
        )
        st.caption(
            "Everybody who may see Tables finds it, and the audit trail keeps it: write no number "
            "of a person into it."
        )
        if st.button("Save the question", key="question_save", disabled=not (name and statement)):
            saved_questions.save(session.settings(), name, statement, runs.person())
            session.flash(f"Saved as {name.strip()}")
            session.choose_next(session.QUESTION, name.strip())
    chosen = saved.get(st.session_state.get(session.QUESTION) or "")
    if (
        chosen
        and saved_questions.may_change(chosen)
        and st.button("Remove", icon=":material/bookmark_remove:", key="question_remove")
    ):
        saved_questions.remove(session.settings(), chosen.name)
        session.flash(f"{chosen.name} is removed")
        st.rerun()


def _answer(statement: str) -> None:
    """The rows, how they were found, and the files."""
    answer = session.cached(questions.ask, statement)
    more = f", the first {questions.MOST_ROWS:,} of more" if answer.is_cut else ""
    st.markdown(f"**{formats.counted(len(answer.rows), 'row')}**{more}")
    if len(answer.rows.columns) and len(answer.rows):
        show_table(answer.rows, alt="Answer to the question", as_stored=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        for ending, mime in MIME.items():
            downloads.made(
                _file(statement, ending),
                f"question{ending}",
                f"Download as {ending[1:].upper()}",
                questions.download,
                mime=mime,
                key=f"question_file{ending}",
                disabled=answer.no_file is not None,
            )
        st.caption(
            f"No file: {formats.verbatim(answer.no_file)}."
            if answer.no_file
            else "A file is asked again of what a Safe Harbor export holds: counts and amounts of "
            "hidden cells are empty, too.",
            width="content",
        )
    with st.expander("How the database finds it", icon=":material/account_tree:"):
        st.code("\n".join(answer.plan), language=None)


def _file(statement: str, ending: str):
    name = str(st.session_state.get(session.QUESTION) or "")
    return lambda author: questions.download(session.settings(), statement, ending, author, name)


def _what_can_be_asked(info: TableInfo, may_ask: dict[str, tuple[str, ...]]) -> None:
    with st.expander("What can be asked", icon=":material/list:"):
        if info.name in may_ask:
            st.markdown(f"`{info.name}`: {', '.join(f'`{name}`' for name in may_ask[info.name])}")
        others = [name for name in may_ask if name != info.name]
        st.caption(f"Other tables: {', '.join(formats.verbatim(name) for name in others)}.")
        st.caption(f"Functions: {', '.join(sorted(questions.FUNCTIONS))}.")
