"""Which characters the bytes stand for, and whether they are text at all.

One streaming pass over all bytes decides: a byte order mark, the zero bytes of UTF-16 without one,
valid UTF-8, else the older encoding in which names look like names. What is close, and what would
put controls, replacement marks or twice encoded letters into names, is asked.
"""

import codecs
import re
from dataclasses import replace

from pipeline.errors import InputRefused
from pipeline.ingest import legacy_encodings as legacy
from pipeline.ingest.codecs_of_ours import KEEP_BYTES, TWICE, undo_second_encoding
from pipeline.ingest.evidence import Alternative, Evidence, certain
from pipeline.ingest.formats import EXPORT, is_ebcdic, refuse_other_formats
from pipeline.ingest.letters import doubtful, has_broken_word, plausibility
from pipeline.ingest.questions import Choice, Question
from pipeline.ingest.seven_bit import SevenBitScan
from pipeline.ingest.text_encoding import TextEncoding
from pipeline.ingest.width_scan import WidthScan

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE_CODECS = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
#: Control characters that text does carry: tab, line ends, form feed, end of file, escape,
#: separators.
TEXT_CONTROLS = bytes((1, 9, 10, 11, 12, 13, 20, 26, 27, 28, 29, 30, 31))
CONTROLS = bytes(code for code in range(1, 32) if code not in TEXT_CONTROLS) + b"\x7f"
MEANT = TEXT_CONTROLS.decode("ascii") + "\ufeff"
HEAD_BYTES = 64 * 1024
#: Lines with bytes beyond ASCII that are looked at, in all and of each line.
WIDE_BYTES, WIDE_LINE_BYTES = 96 * 1024, 2_000
MAX_CONTROL_SHARE = 0.02
FEW_CONTROLS = 8
#: Lines of zero bytes, which are blank: space that was set aside and never written.
NULL_LINES = re.compile(rb"(?m)^\0+(?=\r?$)")
#: So few different characters beyond ASCII may be valid UTF-8 by chance.
FEW_SIGNS = range(1, 3)
MAX_LINE_BYTES = 16 * 1024 * 1024
MIXED = "utf-8+cp1252"


class EncodingScan:
    """Feed it every chunk, then ask for the `result`. Memory: one chunk."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._head = b""
        self._size = 0
        self._nulls = 0
        self._since_line_end = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._seven_bit = SevenBitScan()
        self._width = WidthScan()
        self._is_ascii = True
        self._is_utf8 = True
        self._is_doubtful = False
        self._wide_lines: list[bytes] = []
        self._wide_size = 0
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes; raises InputRefused when a line would not fit into memory."""
        if len(self._head) < HEAD_BYTES:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
        self._size += len(chunk)
        self._nulls += chunk.count(0)
        self._watch_line_length(chunk)
        self._seven_bit.feed(chunk)
        self._width.feed(chunk)
        self._is_ascii = self._is_ascii and chunk.isascii()
        is_plain = chunk.isascii() and self._rest.isascii()
        if self._is_utf8:
            try:
                text = self._decoder.decode(chunk)
                self._is_doubtful = self._is_doubtful or (not is_plain and doubtful(text))
            except UnicodeDecodeError:
                self._is_utf8 = False
        self._take_wide_lines(chunk, is_plain)

    def _take_wide_lines(self, chunk: bytes, is_plain: bool) -> None:
        if is_plain or self._wide_size > WIDE_BYTES:
            self._rest = chunk[chunk.rfind(b"\n") + 1 :][-WIDE_LINE_BYTES:]
            return
        *lines, self._rest = (self._rest + chunk).splitlines() or [b""]
        self._rest = self._rest[:WIDE_LINE_BYTES]
        for line in lines:
            if not line.isascii() and self._wide_size <= WIDE_BYTES:
                self._wide_lines.append(line[:WIDE_LINE_BYTES])
                self._wide_size += min(len(line), WIDE_LINE_BYTES)

    def _watch_line_length(self, chunk: bytes) -> None:
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._since_line_end = len(chunk) - last if last >= 0 else self._since_line_end + len(chunk)
        if self._since_line_end > MAX_LINE_BYTES and self._head.lstrip()[:1] not in (b"[", b"{"):
            raise InputRefused(
                "has no line end in 16 MB, so it is no table of text",
                self._name,
                "write it with one row a line",
            )

    def result(self) -> TextEncoding:
        """The encoding of what was fed; raises InputRefused for bytes that are no text."""
        refuse_other_formats(self._head, self._name)
        self._width.refuse_several(self._name)
        for mark, codec in BYTE_ORDER_MARKS:
            if self._head.startswith(mark):
                return self._marked(mark, codec)
        wide = self._wide_without_mark() if self._nulls else None
        if wide:
            return TextEncoding(wide, wide, KEEP_BYTES, evidence=certain("its zero bytes say so"))
        if is_ebcdic(self._head):
            return self._ebcdic()
        seven = self._seven_bit.result(self._is_ascii)
        if seven is not None:
            return replace(seven, has_nulls=self._nulls > 0)
        self._refuse_binary()
        return replace(self._one_of_bytes(), has_nulls=self._nulls > 0)

    def _marked(self, mark: bytes, codec: str) -> TextEncoding:
        order = "le" if mark.startswith(b"\xff") else "be"
        is_utf8 = codec == "utf-8-sig"
        if is_utf8 and self._is_utf8 and self._is_doubtful:
            return replace(self._spoiled_utf8(), has_mark=True, has_nulls=self._nulls > 0)
        return TextEncoding(
            codec if is_utf8 else f"{codec}-{order}",
            codec,
            "one_byte_as_cp1252" if is_utf8 else KEEP_BYTES,
            has_mark=True,
            has_nulls=is_utf8 and self._nulls > 0,
            evidence=certain("its byte order mark says so"),
        )

    def _wide_without_mark(self) -> str | None:
        """UTF-16 or UTF-32 by its zero bytes: the order in which the head is text."""
        head = self._head[: len(self._head) // 4 * 4]
        for codec in WIDE_CODECS:
            is_four = "32" in codec
            zeros = head.count(0)
            if len(head) < 4 or zeros < (0.5 if is_four else 0.05) * len(head):
                continue
            text = head.decode(codec, "ignore")
            plain = sum(1 for letter in text if " " <= letter <= "~" or letter in "\t\r\n")
            usual = sum(1 for letter in text if letter.isprintable() or letter in MEANT)
            if plain >= 0.2 * len(text) > 0 and usual >= 0.99 * len(text):
                return codec
        return None

    def _ebcdic(self) -> TextEncoding:
        return TextEncoding(
            "cp037",
            "cp037",
            KEEP_BYTES,
            evidence=Evidence(0.5, ("read as EBCDIC it is a table",), Alternative("cp500", 0.5)),
            question=Question(
                "encoding",
                "is EBCDIC, the text of a mainframe, of which there are several kinds",
                (Choice("cp037", "United States"), Choice("cp500", "international")),
            ),
        )

    def _one_of_bytes(self) -> TextEncoding:
        """UTF-8, or one of the encodings before Unicode."""
        if self._is_utf8 and not self._decoder.getstate()[0]:
            if self._is_doubtful:
                return self._spoiled_utf8()
            return self._valid_utf8()
        lines = self._wide_lines + ([self._rest] if not self._rest.isascii() else [])
        good = [line for line in lines if _is_utf8(line)]
        if good and 2 * len(good) >= len(lines):
            return self._mixed(lines)
        return self._legacy(lines, bool(good))

    def _spoiled_utf8(self) -> TextEncoding:
        """Valid UTF-8 with letters that were decoded wrongly before it was written."""
        lines = [*self._wide_lines, self._rest]
        text = b"\n".join(lines).decode("utf-8", "replace")
        undone = undo_second_encoding(text)
        as_written = Choice("utf-8", "its letters as they are written")
        choices: tuple[Choice, ...] = (as_written,)
        if undone != text and not doubtful(undone):
            choices = (Choice(TWICE, "its letters were encoded twice"), as_written)
        first = choices[0].value
        return TextEncoding(
            str(first),
            str(first),
            "one_byte_as_cp1252" if first == "utf-8" else KEEP_BYTES,
            evidence=Evidence(
                1 / len(choices),
                ("every byte is valid UTF-8", "some letters are none that names have"),
                Alternative(str(choices[-1].value), 0.5) if len(choices) > 1 else None,
            ),
            question=Question(
                "encoding",
                "holds letters that no name has (controls, replacement marks or twice encoded "
                "letters such as Ã¼)",
                choices,
            ),
        )

    def _valid_utf8(self) -> TextEncoding:
        """UTF-8, unless so few characters prove it that another encoding may have made them."""
        read = TextEncoding(
            "utf-8",
            "utf-8",
            "one_byte_as_cp1252",
            evidence=certain("every byte is valid UTF-8"),
        )
        lines = [*self._wide_lines, self._rest]
        text = b"\n".join(lines).decode("utf-8", "replace")
        if len({sign for sign in text if sign > "\x7f"}) not in FEW_SIGNS:
            return read
        best = legacy.candidates(lines)[0]
        if not has_broken_word(text) or not legacy.is_sound(lines, best):
            return read
        return replace(
            read,
            evidence=Evidence(
                0.4,
                ("every byte is valid UTF-8", "a word has signs in it that no name has"),
                Alternative(best.codec, best.score),
            ),
            question=Question(
                "encoding",
                "is UTF-8 by a few bytes that another encoding may have made",
                (Choice("utf-8", "its letters as they are written"), _choice(best)),
            ),
        )

    def _mixed(self, lines: list[bytes]) -> TextEncoding:
        text = b"\n".join(line for line in lines if not _is_utf8(line)).decode(
            "utf-8", "one_byte_as_cp1252"
        )
        is_sound = plausibility(text, legacy.WESTERN)[0] >= legacy.SURE and not doubtful(text)
        ranked = legacy.candidates(lines)
        return TextEncoding(
            MIXED,
            "utf-8",
            "one_byte_as_cp1252",
            evidence=Evidence(
                0.9 if is_sound else 0.4,
                ("most lines are valid UTF-8, the others have single bytes of Windows-1252",),
                Alternative(ranked[0].codec, ranked[0].score),
            ),
            question=None
            if is_sound
            else Question(
                "encoding",
                "is UTF-8 in some lines and not in others",
                (Choice("utf-8", "single bytes as Windows-1252"), _choice(ranked[0])),
            ),
        )

    def _legacy(self, lines: list[bytes], has_utf8_lines: bool) -> TextEncoding:
        ranked = legacy.candidates(lines)
        is_clear = legacy.is_clear(lines, ranked) and not has_utf8_lines
        best = ranked[0]
        return TextEncoding(
            best.codec,
            best.codec,
            KEEP_BYTES,
            evidence=legacy.evidence(ranked, is_clear),
            question=None
            if is_clear
            else Question(
                "encoding",
                "can be read in several encodings, in which names differ",
                tuple(map(_choice, ranked[: legacy.OFFERED])),
            ),
        )

    def _refuse_binary(self) -> None:
        controls = len(self._head) - len(self._head.translate(None, CONTROLS))
        text = NULL_LINES.sub(b"", self._head).rstrip(b"\0")
        nulls = len(text) - len(text.replace(b"\0", b""))
        if controls + nulls > max(FEW_CONTROLS, MAX_CONTROL_SHARE * len(self._head)) or (
            self._head and not self._head.strip(b"\0")
        ):
            raise InputRefused("is binary, not text", self._name, EXPORT)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _choice(candidate: legacy.EncodingCandidate) -> Choice:
    return Choice(candidate.codec, f"{candidate.language or 'letters'}, {candidate.score:.2f}")
