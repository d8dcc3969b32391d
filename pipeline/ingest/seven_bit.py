"""Encodings that write foreign letters in ASCII: every byte of such a file is valid UTF-8, and what
comes of it is no name.
"""

import re

from pipeline.ingest.codecs_of_ours import KEEP_BYTES
from pipeline.ingest.evidence import Alternative, Evidence, certain
from pipeline.ingest.questions import Choice, Question
from pipeline.ingest.text_encoding import TextEncoding

#: Escape sequences that switch to letters of Japan and Korea (ISO 2022).
ESCAPES = ((re.compile(rb"\x1b\$[@B]"), "iso2022_jp"), (re.compile(rb"\x1b\$\)C"), "iso2022_kr"))
#: What stands between the two signs is letters, where it can be decoded. Runs have an end, lest a
#: hostile one costs the square of its length.
SHIFTED = (
    (re.compile(rb"~\{(?:[!-w][!-~]){1,200}~\}"), "hz", b"~{"),
    (re.compile(rb"\+(?=[0-9a-z+/]{0,64}[A-Z])[A-Za-z0-9+/]{3,200}-"), "utf-7", b"+"),
)
#: So much of what came before is kept, lest a sequence is cut in two.
OVERLAP = 512
#: No sequence is without one of them, and single signs are found at no cost.
FIRST_SIGNS = (b"\x1b", b"~", b"+")


class SevenBitScan:
    """Feed it every chunk, then ask for the `result`. Memory: one chunk."""

    def __init__(self) -> None:
        self._found: set[str] = set()
        self._last = b""

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        last = self._last
        self._last = (last + chunk[-OVERLAP:])[-OVERLAP:]
        if not any(sign in chunk or sign in last for sign in FIRST_SIGNS):
            return
        data = last + chunk
        if b"\x1b$" in data:
            self._found.update(codec for pattern, codec in ESCAPES if pattern.search(data))
        for pattern, codec, sign in SHIFTED:
            if codec in self._found or sign not in data:
                continue
            if any(_is_of_letters(found[0], codec) for found in pattern.finditer(data)):
                self._found.add(codec)

    def result(self, is_ascii: bool) -> TextEncoding | None:
        """The encoding that was found, None where there is none; `is_ascii` says whether all bytes
        were ASCII, as they are in the last two.
        """
        for _, codec in ESCAPES:
            if codec in self._found:
                why = certain("its escape sequences say so")
                return TextEncoding(codec, codec, KEEP_BYTES, evidence=why)
        shifted = [codec for _, codec, _ in SHIFTED if codec in self._found]
        if not shifted or not is_ascii:
            return None
        return TextEncoding(
            shifted[0],
            shifted[0],
            KEEP_BYTES,
            evidence=Evidence(
                0.5,
                ("some of its signs are letters, so read",),
                Alternative("utf-8", 0.5),
            ),
            question=Question(
                "encoding",
                "holds signs that may stand for letters",
                (
                    *(Choice(codec, "signs between marks are letters") for codec in shifted),
                    Choice("utf-8", "its signs as they are written"),
                ),
            ),
        )


def _is_of_letters(sequence: bytes, codec: str) -> bool:
    try:
        text = sequence.decode(codec)
    except UnicodeDecodeError:
        return False
    return bool(text) and all(letter > "\x7f" and letter.isalpha() for letter in text)
