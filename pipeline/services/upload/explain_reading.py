"""Why a file is read as it is, in words: decided now, decided for an earlier file of the sender, or
inferred, and from what.
"""

from collections.abc import Mapping

from pipeline.ingest.reading import Reading
from pipeline.ingest.results import Preview

BY_HAND = "chosen by hand"


def why(reading: Reading, preview: Preview) -> dict[str, str]:
    """Inferred or chosen, and from what, for each thing that can be decided otherwise."""
    reasons: dict[str, str] = {}
    if preview.entity:
        matched = len(preview.header["matched"])
        reasons["entity"] = (
            "columns mapped as in the last file with this header"
            if reading.is_remembered
            else f"its name and {matched} of its column names say so"
            if reading.entity is None
            else BY_HAND
        )
    reasons["encoding"] = _decided(reading, "encoding") or _why_encoding(preview.encoding)
    if preview.format != "json" and preview.delimiter:
        width = (
            f"{len(preview.header_cells)} {'cell' if len(preview.header_cells) == 1 else 'cells'}"
        )
        reasons["delimiter"] = (
            _decided(reading, "delimiter") or f"with it the first lines have {width} each"
        )
        reasons["header_line"] = _decided(reading, "header_line") or (
            f"{preview.skipped} lines above it are no header"
            if preview.skipped
            else "the first line that names columns"
        )
    return reasons


def _why_encoding(label: str | None) -> str:
    explanations: Mapping[str, str] = {
        "utf-8": "every byte is valid UTF-8",
        "utf-8-sig": "it begins with the UTF-8 byte order mark",
        "utf-8+cp1252": "UTF-8 with single bytes of Windows-1252",
        "cp1252": "the bytes are no UTF-8 and all of them are Windows-1252",
        "latin-1": "the bytes are neither UTF-8 nor Windows-1252",
    }
    if label and label.startswith(("utf-16", "utf-32")):
        return "its byte order mark or its zero bytes say so"
    return explanations.get(label or "", "")


def _decided(reading: Reading, name: str) -> str | None:
    """That a field of the reading is decided, and when; None when it is inferred."""
    if getattr(reading, name) is None:
        return None
    return f"as decided for {reading.recalled_from}" if name in reading.recalled else BY_HAND
