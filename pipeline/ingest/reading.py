"""How somebody wants a file to be read where they know better than what would be inferred."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import InputRefused
from pipeline.ingest.codecs_of_ours import KEEP_BYTES, TWICE
from pipeline.ingest.formats import TEXT
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.legacy_encodings import LEGACY
from pipeline.ingest.text_encoding import TextEncoding
from pipeline.store.warehouse.value_words import Words

SEVEN_BIT = ("iso2022_jp", "iso2022_kr", "hz", "utf-7")
#: Encodings to choose from; bytes that one does not know are kept as escapes, never an error.
ENCODINGS = {
    "utf-8": TextEncoding("utf-8", "utf-8-sig", errors="one_byte_as_cp1252"),
    "latin-1": TextEncoding("latin-1", "latin-1"),
    TWICE: TextEncoding(TWICE, TWICE, errors=KEEP_BYTES),
    **{
        codec: TextEncoding(codec, codec, errors=KEEP_BYTES)
        for codec in (*LEGACY, "utf-16-le", "utf-16-be", *SEVEN_BIT, "cp037", "cp500")
    },
}
#: Delimiters to choose from.
DELIMITERS = (",", ";", "\t", "|", "^", "~", ":", " ")


#: Fields of a reading that say how a file becomes a table.
SHAPE = (
    *("encoding", "delimiter", "positions"),
    *("header_line", "header_rows", "date_order", "words", "sheet"),
)
#: No header has more lines above one another.
MAX_HEADER_ROWS = 4


@dataclass(frozen=True)
class Reading:
    """What is decided by hand; None: as inferred.

    `positions` are the first and last characters of the columns of a text of fixed width, as in
    `1-12,13-20,21-`. `header_line` is the physical line on which the header begins (0: there is
    none), `header_rows` the number of its rows that stand above one another; `date_order` MDY or
    DMY, as dates of two numbers and a year are written; `words` triples of a column, a word as
    delivered and the value that it means; `sheet` the sheet of a workbook; `entity`
    the source; `mapping` pairs a name in the file with a delivered column, None to leave it
    aside; `is_remembered` says that it was made for an earlier file with this header.
    `recalled` names which fields of the shape were decided for an earlier file of this sender,
    `recalled_from`, and remembered as `recalled_id`.
    """

    encoding: str | None = None
    delimiter: str | None = None
    positions: str | None = None
    header_line: int | None = None
    header_rows: int | None = None
    date_order: str | None = None
    words: Words | None = None
    sheet: str | None = None
    entity: str | None = None
    mapping: tuple[tuple[str, str | None], ...] | None = None
    is_remembered: bool = False
    recalled: tuple[str, ...] = ()
    recalled_from: str = ""
    recalled_id: int | None = None

    def __post_init__(self) -> None:
        """Lists of JSON become tuples again."""
        if self.words is not None:
            object.__setattr__(self, "words", tuple((*map(str, triple),) for triple in self.words))

    @classmethod
    def from_dict(cls, kept: Mapping) -> "Reading":
        """The reading that `asdict` wrote; lists of JSON become tuples again."""
        mapping = kept.get("mapping")
        return cls(
            **{
                **kept,
                "mapping": None
                if mapping is None
                else tuple((name, target) for name, target in mapping),
                "recalled": tuple(kept.get("recalled", ())),
            }
        )

    @property
    def columns(self) -> dict[str, str | None] | None:
        """The mapping as a dict."""
        return None if self.mapping is None else dict(self.mapping)

    @property
    def is_shape(self) -> bool:
        """Whether a field of the shape is decided by hand."""
        return bool(self.shape)

    @property
    def shape(self) -> dict[str, Any]:
        """Fields that say how a file becomes a table, as far as they are decided by hand."""
        return {name: value for name in SHAPE if (value := getattr(self, name)) is not None}

    def decoding(self, inspection: Inspection) -> Inspection:
        """The inspection with the chosen encoding; raises InputRefused for one that is not
        offered.
        """
        if self.encoding is None or inspection.kind != TEXT:
            return inspection
        if self.encoding not in ENCODINGS:
            raise InputRefused(
                f"{self.encoding!r} is no encoding to choose",
                "encoding",
                f"choose one of {', '.join(ENCODINGS)}",
            )
        found = inspection.encoding
        return replace(
            inspection,
            encoding=replace(
                ENCODINGS[self.encoding],
                has_mark=found.has_mark,
                has_nulls=found.has_nulls and not self.encoding.startswith("utf-16"),
            ),
        )


AS_INFERRED = Reading()
