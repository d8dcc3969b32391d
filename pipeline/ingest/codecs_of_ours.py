"""Decoders that Python does not have: UTF-8 with single Windows-1252 bytes, UTF-8 encoded twice,
and any encoding with the bytes that it does not know kept visible.
"""

import codecs
import re
from typing import Any

TWICE = "utf-8-twice"
WIDE = re.compile("[^\x00-\x7f]+")
#: Handler of bytes that an encoding does not know: each becomes a character of its own, which
#: `escaped` writes as `\\x9f`.
KEEP_BYTES = "keep_bytes"
FIRST_KEPT = 0xDC00
KEPT = re.compile("[\udc00-\udcff]")
NOT_STORABLE = re.compile("[\0\udc00-\udcff]")


def _one_byte_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    return byte.decode("cp1252", errors="ignore") or byte.decode("latin-1"), error.start + 1


def _keep_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(
        chr(FIRST_KEPT + byte) for byte in error.object[error.start : error.end]
    ), error.end


def escaped(text: str, is_json: bool = False) -> str:
    """A text with its zero characters as `\\u0000` and its undecodable bytes as `\\x9f`; inside
    JSON so that a parser reads that.
    """
    return NOT_STORABLE.sub(_json_escape if is_json else _escape, text)


def _escape(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]) - FIRST_KEPT:02x}" if match[0] != "\0" else "\\u0000"


def _json_escape(match: re.Match[str]) -> str:
    return "\\u0000" if match[0] == "\0" else f"\\{_escape(match)}"


def undo_second_encoding(text: str) -> str:
    """A text whose UTF-8 bytes were taken for Windows-1252 and encoded again, as it was before."""
    return WIDE.sub(lambda run: _undone(run.group()), text)


def _undone(run: str) -> str:
    try:
        return b"".join(_byte(letter) for letter in run).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return run


def _byte(letter: str) -> bytes:
    """The Windows-1252 byte of a letter; of the five that it leaves undefined the control's."""
    return letter.encode("latin-1" if "\x80" <= letter <= "\x9f" else "cp1252")


class _TwiceDecoder(codecs.BufferedIncrementalDecoder):
    """Decodes whole lines, so that no sequence is cut."""

    def _buffer_decode(self, delivered: Any, errors: str, final: bool) -> tuple[str, int]:
        data = bytes(delivered)
        end = len(data) if final else data.rfind(b"\n") + 1
        return undo_second_encoding(data[:end].decode("utf-8", errors)), end


def _find(name: str) -> codecs.CodecInfo | None:
    if name.replace("_", "-") != TWICE:
        return None
    return codecs.CodecInfo(
        lambda text, errors="strict": (text.encode("utf-8").decode("cp1252").encode(), len(text)),
        lambda data, errors="strict": (
            undo_second_encoding(bytes(data).decode("utf-8", errors)),
            len(data),
        ),
        incrementalencoder=codecs.lookup("utf-8").incrementalencoder,
        incrementaldecoder=_TwiceDecoder,
        name=TWICE,
    )


codecs.register(_find)
codecs.register_error("one_byte_as_cp1252", _one_byte_as_cp1252)
codecs.register_error(KEEP_BYTES, _keep_bytes)
