"""Map the columns of a file by hand when its header alone does not do; remembered by the header once loaded."""

import streamlit as st

from pages.components import formats, state
from pipeline.services import catalog

LEAVE = "–"


def chosen(file_id: str) -> dict:
    """What was mapped by hand for an uploaded file, as arguments for the look and the load."""
    return st.session_state.get(state.MAPPINGS, {}).get(file_id, {})


def show(file_id: str, header_cells: tuple[str, ...]) -> None:
    """One choice a column of the contract; the file is looked at again when all required ones are chosen."""
    sources = {contract.entity: contract for contract in catalog.sources()}
    with st.expander("Map its columns by hand", icon=":material/swap_horiz:"):
        entity = st.selectbox("What does this file hold?", list(sources), format_func=formats.words, key=f"map_source_{file_id}",
                              index=_likeliest(sources, header_cells))
        picked = {}
        columns = [column for column in sources[entity].columns if column.delivered]
        for place, column in zip(st.columns(len(columns)), columns, strict=True):
            known = {column.delivered.lower(), column.name.lower(), *(alias.lower() for alias in column.aliases)}
            options = [LEAVE, *header_cells]
            guess = next((cell for cell in header_cells if formats.plain(cell) in {formats.plain(name) for name in known}), LEAVE)
            picked[column.delivered] = place.selectbox(f"{column.delivered}{' *' if column.required else ''}", options,
                                                       index=options.index(guess), help=column.description,
                                                       key=f"map_{file_id}_{entity}_{column.delivered}")
        missing = [column.delivered for column in columns if column.required and picked[column.delivered] == LEAVE]
        if missing:
            st.caption(f"Still to choose: {', '.join(missing)}.")
        if st.button("Look again with this mapping", key=f"map_apply_{file_id}", disabled=bool(missing)):
            mapping = dict.fromkeys(header_cells) | {cell: name for name, cell in picked.items() if cell != LEAVE}
            st.session_state.setdefault(state.MAPPINGS, {})[file_id] = {"entity": entity, "mapping": mapping}
            st.rerun()


def _likeliest(sources: dict, header_cells: tuple[str, ...]) -> int:
    """Position of the source that shares the most column names with the file."""
    cells = {formats.plain(cell) for cell in header_cells}
    shared = [len(cells & {formats.plain(name) for column in contract.columns if column.delivered
                           for name in (column.delivered, column.name, *column.aliases)}) for contract in sources.values()]
    return shared.index(max(shared))
