"""Texts one after another in one file whose letters have another number of bytes, as in UTF-8 and
UTF-16, or another order of them. No single encoding reads them all.
"""

import re

from pipeline.errors import InputRefused

#: Letters of ASCII in a row, which tell how wide they are. Pairs of ASCII bytes are letters of
#: Chinese as well, so it takes more of them, or digits.
NARROW = re.compile(rb"[\t\n\r -~]{48}|[\t\n\r,;0-9.-]{16}")
WIDE = re.compile(rb"(?:[\t\n\r -~]\0){12,}")
VERY_WIDE = re.compile(rb"(?:[\t\n\r -~]\0\0\0){12}")
#: So much of what came before is kept, lest a run of letters is cut in two.
OVERLAP = 64


class WidthScan:
    """Feed it every chunk, then ask whether to refuse the file. Memory: one chunk."""

    def __init__(self) -> None:
        #: (bytes of a letter, place among them of the one that says which) -> where it began
        self._begins: dict[tuple[int, int], int] = {}
        self._last = b""
        self._at = 0

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        data = self._last + chunk
        start = self._at - len(self._last)
        self._at += len(chunk)
        self._last = data[-OVERLAP:]
        if (1, 0) not in self._begins and (found := NARROW.search(data)):
            self._begins[1, 0] = start + found.start()
        if b"\0" not in data:
            return
        for width, pattern in ((4, VERY_WIDE), (2, WIDE)):
            for found in pattern.finditer(data):
                place = start + found.start()
                self._begins.setdefault((width, place % width), place)

    def refuse_several(self, name: str) -> None:
        """Raise InputRefused when letters of several widths were fed."""
        if len(self._begins) < 2:
            return
        _, second, *_ = sorted(self._begins.values())
        raise InputRefused(
            f"holds texts in different encodings, the second one at byte {second:,} or before it",
            name,
            "deliver each of the files that it was put together from, or all in one encoding",
        )
