"""Which characters the bytes stand for, and whether they are text at all.

One streaming pass over all bytes decides: a byte order mark, the zero bytes of UTF-16 without one,
valid UTF-8, else Windows-1252, else Latin-1. UTF-8 with a few stray Windows-1252 bytes keeps its
good characters.
"""

import codecs
from dataclasses import dataclass

from pipeline.errors import InputRefused

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MAGIC = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
)
#: A workbook is a ZIP archive of such parts.
ZIP, WORKBOOK_PARTS = b"PK\x03\x04", (b"[Content_Types].xml", b"xl/")
UNDEFINED_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
# Control characters that text does carry: tab, line ends, form feed, end of file, escape,
# separators.
TEXT_CONTROLS = bytes((1, 9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31))
CONTROLS = bytes(code for code in range(1, 32) if code not in TEXT_CONTROLS) + b"\x7f"
HEAD_BYTES = 64 * 1024
MAX_CONTROL_SHARE = 0.02
FEW_CONTROLS = 8
MAX_LINE_BYTES = 16 * 1024 * 1024
MIXED = "utf-8+cp1252"


@dataclass(frozen=True)
class TextEncoding:
    """How to decode: `label` for people, `codec` and `errors` for Python; whether a mark led and
    NULs are to drop.
    """

    label: str
    codec: str
    errors: str = "strict"
    has_mark: bool = False
    has_nulls: bool = False


def _one_byte_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    return byte.decode("cp1252", errors="ignore") or byte.decode("latin-1"), error.start + 1


codecs.register_error("one_byte_as_cp1252", _one_byte_as_cp1252)


class EncodingScan:
    """Feed it every chunk, then ask for the `result`. Memory: one chunk."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._head = b""
        self._size = 0
        self._nulls = 0
        self._since_line_end = 0
        self._has_undefined = False
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._has_wide = False

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes; raises InputRefused when a line would not fit into memory."""
        if len(self._head) < HEAD_BYTES:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
        self._size += len(chunk)
        self._nulls += chunk.count(0)
        self._watch_line_length(chunk)
        if self._is_utf8:
            try:
                self._has_wide = not self._decoder.decode(chunk).isascii() or self._has_wide
            except UnicodeDecodeError:
                self._is_utf8 = False
        if not self._is_utf8:
            self._has_undefined = self._has_undefined or any(
                byte in chunk for byte in UNDEFINED_IN_CP1252
            )

    def _watch_line_length(self, chunk: bytes) -> None:
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._since_line_end = len(chunk) - last if last >= 0 else self._since_line_end + len(chunk)
        if self._since_line_end > MAX_LINE_BYTES and self._head.lstrip()[:1] not in (b"[", b"{"):
            raise InputRefused(
                "has no line end in 16 MB, so it is no table of text",
                self._name,
                "deliver it as CSV or JSON with one row a line",
            )

    def result(self) -> TextEncoding:
        """The encoding of what was fed; raises InputRefused for nothing and for bytes that are no
        text.
        """
        if not self._size:
            raise InputRefused("is empty (0 bytes)", self._name, "deliver the file again")
        for magic, kind in MAGIC:
            if self._head.startswith(magic):
                is_workbook = magic == ZIP and any(part in self._head for part in WORKBOOK_PARTS)
                hint = (
                    "unpack it and deliver the files in it"
                    if magic == ZIP and not is_workbook
                    else "save it as CSV or JSON and deliver that"
                )
                raise InputRefused(
                    f"is binary: {'an Excel workbook' if is_workbook else kind}", self._name, hint
                )
        for mark, codec in BYTE_ORDER_MARKS:
            if self._head.startswith(mark):
                return self._marked(mark, codec)
        wide = self._utf16_without_mark()
        if wide:
            return TextEncoding(wide, wide, errors="replace")
        self._refuse_binary()
        has_nulls = self._nulls > 0
        if self._is_utf8:
            return TextEncoding("utf-8", "utf-8", errors="one_byte_as_cp1252", has_nulls=has_nulls)
        if self._has_wide or self._head_is_mostly_utf8():
            return TextEncoding(MIXED, "utf-8", errors="one_byte_as_cp1252", has_nulls=has_nulls)
        label = "latin-1" if self._has_undefined else "cp1252"
        return TextEncoding(label, label, has_nulls=has_nulls)

    def _marked(self, mark: bytes, codec: str) -> TextEncoding:
        order = "le" if mark.startswith(b"\xff") else "be"
        label = codec if codec == "utf-8-sig" else f"{codec}-{order}"
        errors = "one_byte_as_cp1252" if codec == "utf-8-sig" else "replace"
        return TextEncoding(
            label, codec, errors, has_mark=True, has_nulls=codec == "utf-8-sig" and self._nulls > 0
        )

    def _utf16_without_mark(self) -> str | None:
        even, odd = self._head[0::2].count(0), self._head[1::2].count(0)
        half = len(self._head) / 2
        if half >= 2 and odd > 0.4 * half and even < 0.1 * half:
            return "utf-16-le"
        if half >= 2 and even > 0.4 * half and odd < 0.1 * half:
            return "utf-16-be"
        return None

    def _refuse_binary(self) -> None:
        controls = len(self._head) - len(self._head.translate(None, CONTROLS))
        nulls = len(self._head.rstrip(b"\0")) - len(self._head.rstrip(b"\0").replace(b"\0", b""))
        if controls + nulls > max(
            FEW_CONTROLS, MAX_CONTROL_SHARE * len(self._head)
        ) or not self._head.strip(b"\0"):
            raise InputRefused(
                "is binary, not text", self._name, "save it as CSV or JSON and deliver that"
            )

    def _head_is_mostly_utf8(self) -> bool:
        text = self._head.decode("utf-8", errors="replace")
        good = sum(1 for letter in text if letter > "\x7f" and letter != "�")
        return good >= text.count("�")
