"""Columns as byte matrices, rows as CSV or JSON bytes.

A column is a uint8 matrix of shape (rows, width) in which 0 means "no character"; a block of rows
is written by putting columns and separators side by side and dropping the zeros.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.tables import Table

Columns = dict[str, np.ndarray]
FORMATS = {"csv": ".csv", "json": ".json", "jsonl": ".jsonl"}


def digits(values: np.ndarray, pad_to: int = 1) -> np.ndarray:
    """Non-negative integers as decimal text, zero-padded to at least `pad_to` digits."""
    width = max(pad_to, len(str(int(values.max())))) if len(values) else pad_to
    out = np.zeros((len(values), width), np.uint8)
    rest = values.astype(np.int64)
    for position in range(width - 1, -1, -1):
        visible = (rest > 0) | (width - position <= pad_to)
        out[:, position] = np.where(visible, rest % 10 + 48, 0)
        rest = rest // 10
    return out


def words(choice: np.ndarray, options: tuple[str, ...]) -> np.ndarray:
    """One of `options` a row, by its number."""
    table = np.array([option.encode() for option in options])
    return table.view(np.uint8).reshape(len(options), -1)[choice]


def dates(days: np.ndarray) -> np.ndarray:
    """Days since 1970-01-01 as ISO dates."""
    text = np.datetime_as_string(days.astype("datetime64[D]")).astype("S10")
    return text.view(np.uint8).reshape(len(days), 10)


def texts(columns: Columns, position: int) -> dict[str, str]:
    """One row of the matrices as plain text by column."""
    return {
        name: bytes(matrix[position][matrix[position] != 0]).decode()
        for name, matrix in columns.items()
    }


@dataclass(frozen=True)
class Layout:
    """How a table is written: format, line ending, quoting."""

    table: Table
    fmt: str = "csv"
    eol: str = "\n"

    @property
    def opening(self) -> bytes:
        """What comes before the first row's separator: the header line, or `[`."""
        return {"csv": ",".join(self.table.columns).encode(), "json": b"[", "jsonl": b""}[self.fmt]

    @property
    def separator(self) -> bytes:
        """What stands before every row (the first JSON row drops the part that joins two rows)."""
        return (("," if self.fmt == "json" else "") + self.eol).encode()

    @property
    def first_separator(self) -> bytes:
        """What stands before the very first row."""
        return b"" if self.fmt == "jsonl" else self.eol.encode()

    def closing(self, final_newline: bool) -> bytes:
        """What ends the file."""
        end = self.eol.encode() if final_newline else b""
        return self.eol.encode() + b"]" + end if self.fmt == "json" else end

    def block(self, columns: Columns, count: int) -> np.ndarray:
        """All rows side by side with their separators, shape (count, width); zeros are dropped by
        `pack`.
        """
        parts: list[np.ndarray] = []
        pending = self.separator + (b"" if self.fmt == "csv" else b"{")
        for position, name in enumerate(self.table.columns):
            quote = b'"' if self.fmt != "csv" and name not in self.table.numbers else b""
            if position:
                pending += b"," if self.fmt == "csv" else b", "
            if self.fmt != "csv":
                pending += json.dumps(name).encode() + b": "
            parts += [_literal(pending + quote, count), columns[name]]
            pending = quote
        if self.fmt != "csv":
            pending += b"}"
        return np.concatenate([*parts, _literal(pending, count)], axis=1)

    def row(self, values: dict[str, str]) -> bytes:
        """One row from text by column, its separator included; a missing JSON value is null."""
        if self.fmt == "csv":
            body = ",".join(_csv_cell(values[name]) for name in self.table.columns)
        else:
            body = json.dumps(
                {name: self._json_cell(name, values[name]) for name in self.table.columns}
            )
        return self.separator + body.encode()

    def _json_cell(self, name: str, text: str) -> str | int | None:
        if text == "":
            return None
        return int(text) if name in self.table.numbers and text.isdecimal() else text


def pack(block: np.ndarray) -> bytes:
    """The bytes of a block without its zeros."""
    return block[block != 0].tobytes()


def _literal(text: bytes, count: int) -> np.ndarray:
    return np.broadcast_to(np.frombuffer(text, np.uint8), (count, len(text)))


def _csv_cell(text: str) -> str:
    if any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
