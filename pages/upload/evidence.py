"""How a file is or was read, how sure that is and what came second, and where each of its lines
belongs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from pages.widgets import formats
from pages.widgets.data_table import show_table
from pipeline.services.upload import line_account, sureness
from pipeline.services.upload import value_words as value_words_service
from pipeline.services.upload.line_account import LineAccount
from pipeline.services.upload.tray import Question

#: Part of a file -> one line of it, several.
PARTS = {
    "preamble": ("above the header", "above the header"),
    "header": ("header", "header"),
    "rows": ("row", "rows"),
    "rejects": ("no row", "no rows"),
    "blank": ("blank", "blank"),
}
NAMES = {
    "header_line": "Header",
    "entity": "Source",
    "format": "Format",
    "positions": "Columns",
}


def confidence_words(confidence: float | None) -> str:
    """`0.97` -> `certain (97 %)`; nothing where nothing was weighed."""
    if confidence is None:
        return ""
    return f"{sureness.words(confidence)} ({formats.share(confidence, 0)})"


def name(what: str) -> str:
    """`header_line` -> `Header`; a field that has no name of its own by its words."""
    return NAMES.get(what, formats.words(what))


def value_words(what: str, value: object, unit: str = "line") -> str:
    """A value of a reading as people say it: `;` -> `semicolon`, header line `0` -> `no header`.
    `unit` is what the file's header stands on: a line of text, a row of a sheet.
    """
    text = str(value)
    if what == "delimiter":
        return formats.delimiter_name(text)
    if what == "positions":
        return f"columns {text}"
    if what == "words" and not isinstance(value, str):
        return value_words_service.in_short(value)  # type: ignore[arg-type]
    if what == "header_line":
        return "no header" if text == "0" else f"{unit} {text}"
    return formats.words(text) if what == "entity" else text


def place_column(unit: str) -> ColumnConfig:
    """The first column of a table of cells: where in the file they stand."""
    return st.column_config.NumberColumn(
        unit.capitalize(),
        format="%d",
        width="small",
        pinned=True,
        help=f"Place in the file; its first {unit} is 1.",
    )


def lines_sentence(account: LineAccount) -> str:
    """`231 lines: 1 header + 200 rows + 30 no rows`; of a large file how far it was counted."""
    if not account.total:
        return f"0 {account.unit}s: the file is empty"
    whole = formats.counted(account.total if account.is_whole else account.accounted, account.unit)
    if account.unit == "row" and [part for part, _ in account.parts] == ["rows"]:
        return whole if account.is_whole else f"First {whole}"
    parts = " + ".join(
        f"{count:,} {PARTS.get(part, (part, part))[count != 1]}" for part, count in account.parts
    )
    return f"{whole if account.is_whole else f'First {whole}'}: {parts}"


def sentence(step: Mapping[str, Any], unit: str = "line") -> str:
    """Why a step is read so, how sure that is and what came second, as text for markdown."""
    sure = confidence_words(step["confidence"])
    next_best = (
        step["runner_up"] and f"next best {value_words(step['what'], step['runner_up'], unit)}"
    )
    parts = [step["why"], ", ".join(part for part in (sure, next_best) if part)]
    told = [f"{part[:1].upper()}{part[1:]}." for part in parts if part]
    return formats.verbatim(" ".join(told))


def least_words(readings: Iterable[Mapping[str, Any]]) -> str:
    """How sure a file is read, in words: as sure as its least sure step."""
    step = sureness.least_sure(readings)
    return sureness.words(step["confidence"]) if step else ""


def summary(readings: Sequence[Mapping[str, Any]], question: Question | None = None) -> str:
    """`Read as CSV, utf-8, comma, header on line 1; certain (100 %).`, as text for markdown."""
    unit = line_account.unit_of(readings)
    read_as = ", ".join(_read_as(step, unit) for step in readings if step["what"] != "entity")
    doubt = f"; {name(question.field).lower()} unsure" if question else _doubt(readings, unit)
    return f"Read as {read_as}{doubt}." if read_as else ""


def _read_as(step: Mapping[str, Any], unit: str) -> str:
    words = formats.verbatim(value_words(step["what"], step["value"], unit))
    if step["what"] == "sheet":
        return f"{'list' if unit == 'element' else 'sheet'} {words}"
    is_placed = step["what"] == "header_line" and step["value"] != "0"
    return f"header {'in' if unit == 'row' else 'on'} {words}" if is_placed else words


def show_summary(
    readings: Sequence[Mapping[str, Any]],
    account: LineAccount | None,
    question: Question | None = None,
) -> None:
    """Two lines: how the file is read and how sure that is, and where its lines belong."""
    if told := summary(readings, question):
        st.caption(f":material/visibility: {told}")
    if account is None:
        return
    if account.is_balanced:
        st.caption(f":material/format_list_numbered: {lines_sentence(account)}.")
    else:
        st.error(
            f"{lines_sentence(account)}, but only {account.accounted:,} of {account.total:,} found a "
            "place: a defect of the program, please report it. The file is refused.",
            icon=":material/error:",
        )


def show_readings(readings: Sequence[Mapping[str, Any]]) -> None:
    """One line a step: as what it is read, how sure that is, why, and what came second."""
    if not readings:
        return
    unit = line_account.unit_of(readings)
    show_table(
        pd.DataFrame(
            [
                {
                    "what": name(step["what"]),
                    "read as": value_words(step["what"], step["value"], unit),
                    "how sure": confidence_words(step["confidence"]),
                    "why": step["why"],
                    "next best": value_words(step["what"], step["runner_up"], unit)
                    if step["runner_up"]
                    else "",
                }
                for step in readings
            ]
        ),
        alt="How the file is read",
    )


def _doubt(readings: Sequence[Mapping[str, Any]], unit: str) -> str:
    step = sureness.least_sure(readings)
    if step is None:
        return ""
    if sureness.is_certain(step["confidence"]):
        return f"; {confidence_words(step['confidence'])}"
    next_best = (
        f", next best {formats.verbatim(value_words(step['what'], step['runner_up'], unit))}"
        if step["runner_up"]
        else ""
    )
    return f"; {name(step['what']).lower()} {confidence_words(step['confidence'])}{next_best}"
