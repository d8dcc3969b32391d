"""Which column of a file is which of the contract, and a mapping by hand; remembered by the header
once loaded.
"""

import pandas as pd
import streamlit as st

from pages.widgets import formats, permission, session
from pages.widgets.data_table import show_table
from pipeline.services.catalogue import catalogue
from pipeline.services.upload import column_guess, tray
from pipeline.services.upload.tray import Look, Waiting

LEAVE = "–"


def show_match(look: Look) -> None:
    """The header against the contract."""
    header = look.header
    renamed = {name: cell for cell, name in dict(header["renamed"]).items()}
    rows = [
        {
            "in the file": renamed.get(name, name),
            "contract": name,
            "match": "by another name" if name in renamed else "exact",
        }
        for name in header["matched"]
    ]
    rows += [
        {"in the file": "", "contract": name, "match": "missing"} for name in header["missing"]
    ]
    rows += [
        {"in the file": name, "contract": "", "match": "extra: kept aside"}
        for name in header["extra"]
    ]
    show_table(
        pd.DataFrame(rows),
        alt="Header of the file against the contract",
        headings={
            "in the file": "Column in the file",
            "contract": "Column of the contract",
            "match": "Match",
        },
    )


def show(file: Waiting, look: Look, expanded: bool) -> None:
    """One choice a column of the contract; the file is looked at again when all required ones are
    chosen.
    """
    sources = {contract.entity: contract for contract in catalogue.sources()}
    with st.expander("Map its columns by hand", icon=":material/swap_horiz:", expanded=expanded):
        entity = st.selectbox(
            "What does this file hold?",
            list(sources),
            format_func=formats.words,
            key=f"map_source_{file.tray_id}",
            index=list(sources).index(look.entity) if look.entity else _likeliest(sources, look),
            placeholder="Choose its source",
        )
        if entity is None:
            return
        picked = {}
        columns = {
            column.delivered: column for column in sources[entity].columns if column.delivered
        }
        cells = (
            {name: cell for cell, name in (file.reading.mapping or ()) if name}
            if file.reading.entity in (None, entity)
            else {}
        )
        by_values = {} if cells else column_guess.guess(columns.values(), _shapes(look))
        if by_values:
            st.caption(
                ":material/lightbulb: Proposed by what the cells look like: "
                + ", ".join(
                    f"{name} from {formats.verbatim(cell)}" for name, cell in by_values.items()
                )
                + "."
            )
        with st.container(horizontal=True):
            for delivered, column in columns.items():
                known_names = {
                    formats.plain(name) for name in (delivered, column.name, *column.aliases)
                }
                options = [LEAVE, *dict.fromkeys(look.header_cells)]
                guess = (
                    cells.get(delivered)
                    or next(
                        (cell for cell in look.header_cells if formats.plain(cell) in known_names),
                        None,
                    )
                    or by_values.get(delivered, LEAVE)
                )
                picked[delivered] = st.selectbox(
                    f"{delivered}{' *' if column.required else ''}",
                    options,
                    help=column.description,
                    width=190,
                    index=options.index(guess) if guess in options else 0,
                    key=f"map_{file.tray_id}_{entity}_{delivered}",
                )
        missing = [
            delivered
            for delivered, column in columns.items()
            if column.required and picked[delivered] == LEAVE
        ]
        if missing:
            st.caption(f"Still to choose: {', '.join(missing)}.")
        if permission.button(
            "Read it with this mapping",
            tray.read_as,
            key=f"map_apply_{file.tray_id}",
            disabled=bool(missing),
            type="primary",
        ):
            mapping = dict.fromkeys(look.header_cells) | {
                cell: name for name, cell in picked.items() if cell != LEAVE
            }
            tray.read_as(
                session.settings(),
                file.tray_id,
                entity=entity,
                mapping=tuple(mapping.items()),
                is_remembered=False,
            )
            st.rerun()


def _likeliest(sources: dict, look: Look) -> int | None:
    """Position of the source that shares the most column names with the file, or that its name
    names; None when there is neither.
    """
    cells = {formats.plain(cell) for cell in look.header_cells}
    shared = [
        len(
            cells
            & {
                formats.plain(name)
                for column in contract.columns
                if column.delivered
                for name in (column.delivered, column.name, *column.aliases)
            }
        )
        for contract in sources.values()
    ]
    if any(shared):
        return shared.index(max(shared))
    return list(sources).index(look.named) if look.named in sources else None


def _shapes(look: Look) -> dict[str, list]:
    """Name in the file -> the shapes of its first cells; nothing once the source is known, for then
    cells are shown.
    """
    if look.entity is not None:
        return {}
    return {
        name: list(look.rows[name]) for name in look.rows.columns[1:] if name in look.header_cells
    }
