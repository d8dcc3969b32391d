"""How somebody wants a file to be read where they know better than what would be inferred."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.errors import InputRefused
from pipeline.ingest.delivery import Inspection
from pipeline.ingest.encoding import TextEncoding

#: Encodings to choose from; bytes that one does not know become a replacement mark, never an error.
ENCODINGS = {
    "utf-8": TextEncoding("utf-8", "utf-8-sig", errors="one_byte_as_cp1252"),
    "cp1252": TextEncoding("cp1252", "cp1252", errors="replace"),
    "latin-1": TextEncoding("latin-1", "latin-1"),
    "cp850": TextEncoding("cp850", "cp850", errors="replace"),
    "mac-roman": TextEncoding("mac-roman", "mac-roman", errors="replace"),
    "utf-16-le": TextEncoding("utf-16-le", "utf-16-le", errors="replace"),
    "utf-16-be": TextEncoding("utf-16-be", "utf-16-be", errors="replace"),
}
#: Delimiters to choose from.
DELIMITERS = (",", ";", "\t", "|", "^", "~", ":", " ")


@dataclass(frozen=True)
class Reading:
    """What is decided by hand; None: as inferred.

    `header_line` is the physical line of the header; `entity` the source; `mapping` pairs a name in the file with a
    delivered column, None to leave it aside; `is_remembered` says that it was made for an earlier file with this header.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header_line: int | None = None
    entity: str | None = None
    mapping: tuple[tuple[str, str | None], ...] | None = None
    is_remembered: bool = False

    @classmethod
    def from_dict(cls, kept: Mapping) -> "Reading":
        """The reading that `asdict` wrote; lists of JSON become tuples again."""
        mapping = kept.get("mapping")
        return cls(**{**kept, "mapping": None if mapping is None else tuple((name, target) for name, target in mapping)})

    @property
    def columns(self) -> dict[str, str | None] | None:
        """The mapping as a dict."""
        return None if self.mapping is None else dict(self.mapping)

    @property
    def is_shape(self) -> bool:
        """Whether encoding, delimiter or header line are decided by hand."""
        return any(each is not None for each in (self.encoding, self.delimiter, self.header_line))

    def decoding(self, inspection: Inspection) -> Inspection:
        """The inspection with the chosen encoding; raises InputRefused for one that is not offered."""
        if self.encoding is None:
            return inspection
        if self.encoding not in ENCODINGS:
            raise InputRefused(f"{self.encoding!r} is no encoding to choose", "encoding", f"choose one of {', '.join(ENCODINGS)}")
        found = inspection.encoding
        return replace(inspection, encoding=replace(ENCODINGS[self.encoding], has_mark=found.has_mark, has_nulls=found.has_nulls
                                                    and not self.encoding.startswith("utf-16")))


AS_INFERRED = Reading()
