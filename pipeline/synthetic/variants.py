"""What can be wrong with a whole file: variants of a written CSV file.

A variant is asked for as `<variant>:<entity>`, for example `bom:patients`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputRefused
from pipeline.synthetic.tables import TABLE_BY_ENTITY


@dataclass(frozen=True)
class Variant:
    """One way to change a file; `lossless` ones must not change what a pipeline makes of it."""

    name: str
    rule_id: str
    action: str
    lossless: bool
    change: Callable[[bytes], bytes]


def _lines(content: bytes) -> list[bytes]:
    return content.split(b"\n")


def _cells(content: bytes, change: Callable[[list[bytes], int], list[bytes]]) -> bytes:
    """Changes the cells of every line (number from 0), for files without quoted commas."""
    end = b"\r\n" if b"\r\n" in content else b"\n"
    lines = content.split(end)
    return end.join(
        line and b",".join(change(line.split(b","), at)) for at, line in enumerate(lines)
    )


def _accented(content: bytes) -> bytes:
    """A letter that cp1252 writes as one byte, for the first vowel of the first data line."""
    lines = _lines(content)
    lines[1] = re.sub(rb"[aeiou]", "é".encode("cp1252"), lines[1], count=1)
    return b"\n".join(lines)


def _ragged(content: bytes) -> bytes:
    lines = _lines(content)
    lines[2] = lines[2].rsplit(b",", 1)[0]
    return b"\n".join(lines)


def _unclosed(content: bytes) -> bytes:
    lines = _lines(content)
    lines[2] = b'"' + lines[2].replace(b'"', b"")
    return b"\n".join(lines)


def _each_id(content: bytes, spoil: Callable[[bytes], bytes]) -> bytes:
    """Spoils the npi or patient_id column (the first of them) of every row."""
    names = _lines(content)[0].strip().split(b",")
    at = next(
        names.index(name) for name in (b"npi", b"patient_id", b"employer_id") if name in names
    )
    return _cells(
        content, lambda c, line: c if line == 0 else [*c[:at], spoil(c[at]), *c[at + 1 :]]
    )


def _scientific(cell: bytes) -> bytes:
    return f"{float(cell):.5E}".encode() if cell.isdigit() else cell


def _renamed(content: bytes) -> bytes:
    head, _, rest = content.partition(b"\n")
    return (
        head.replace(b"npi", b"Provider NPI").replace(b"patient_id", b"Patient ID") + b"\n" + rest
    )


def _dollars(cell: bytes) -> bytes:
    return b'"$' + f"{int(cell):,}.00".encode() + b'"' if cell.isdigit() else cell


VARIANTS = (
    Variant("bom", "FIL-05", "F", True, lambda b: b"\xef\xbb\xbf" + b),
    Variant("cp1252", "FIL-05", "F", False, _accented),
    Variant(
        "crlf", "FIL-05", "F", True, lambda b: b.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    ),
    Variant("no_final_newline", "FIL-05", "F", True, lambda b: b.rstrip(b"\r\n")),
    Variant(
        "extra_column",
        "FIL-03",
        "W",
        True,
        lambda b: _cells(b, lambda c, at: [*c, b"x" if at else b"source_system"]),
    ),
    Variant("renamed_column", "FIL-04", "F", True, _renamed),
    Variant("missing_column", "FIL-02", "X", False, lambda b: _cells(b, lambda c, at: c[:-1])),
    Variant(
        "reordered_columns", "FIL-04", "F", True, lambda b: _cells(b, lambda c, at: [*c[1:], c[0]])
    ),
    Variant("ragged_row", "FIL-06", "Q", False, _ragged),
    Variant("unclosed_quote", "FIL-06", "Q", False, _unclosed),
    Variant("empty", "FIL-01", "X", False, lambda b: b""),
    Variant("header_only", "FIL-01", "X", False, lambda b: b.split(b"\n")[0] + b"\n"),
    Variant(
        "float_ids", "ROW-07", "F", True, lambda b: _each_id(b, lambda c: c + b".0" if c else c)
    ),
    Variant("scientific_ids", "ROW-07", "Q", False, lambda b: _each_id(b, _scientific)),
    Variant(
        "dollar_amounts",
        "ENC-11",
        "F",
        True,
        lambda b: _cells(b, lambda c, at: [*c[:-1], _dollars(c[-1])]),
    ),
    Variant(
        "lost_leading_zero",
        "PRV-06",
        "W",
        False,
        lambda b: _cells(b, lambda c, at: [*c[:-1], c[-1].lstrip(b"0")]),
    ),
)
VARIANT_BY_NAME = {variant.name: variant for variant in VARIANTS}
_SEVERAL_COLUMNS = ("patients", "encounters", "referrals")
UNQUOTED = ("patients", "encounters", "referrals", "adverse_events")
ANY_FILE = {
    "bom",
    "crlf",
    "no_final_newline",
    "empty",
    "header_only",
    "cp1252",
    "renamed_column",
    "lost_leading_zero",
}
_ONLY_FOR = {
    "reordered_columns": _SEVERAL_COLUMNS,
    "missing_column": _SEVERAL_COLUMNS,
    "ragged_row": _SEVERAL_COLUMNS,
    "dollar_amounts": ("encounters",),
    "lost_leading_zero": ("providers",),
    "cp1252": ("providers",),
    "renamed_column": ("providers", "patients", "encounters", "referrals"),
    "float_ids": _SEVERAL_COLUMNS,
    "scientific_ids": _SEVERAL_COLUMNS,
}


def parsed(variants: tuple[str, ...]) -> list[tuple[Variant, str]]:
    """The variants and entities of `<variant>:<entity>` texts.

    Raises InputRefused for a name that does not exist or a variant that a file cannot have.
    """
    pairs = []
    for text in variants:
        name, _, entity = text.partition(":")
        if (
            name not in VARIANT_BY_NAME
            or entity not in TABLE_BY_ENTITY
            or entity not in entities_for(name)
        ):
            raise InputRefused(
                f"there is no variant {text!r}",
                "generate",
                f"use <variant>:<entity> with {', '.join(VARIANT_BY_NAME)}",
            )
        pairs.append((VARIANT_BY_NAME[name], entity))
    return pairs


def entities_for(name: str) -> tuple[str, ...]:
    """The entities whose file can have this variant."""
    return _ONLY_FOR.get(name) or (tuple(TABLE_BY_ENTITY) if name in ANY_FILE else UNQUOTED)


def apply(variant: Variant, path: Path) -> None:
    """Changes the file in place; the whole file is read into memory."""
    path.write_bytes(variant.change(path.read_bytes()))
