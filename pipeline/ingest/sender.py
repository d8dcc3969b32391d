"""By what the next file of the same sender is told: its name without numbers, and what is inferred
of it untouched.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence

from pipeline.declared.sources import SourceContract
from pipeline.errors import InputRefused
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.header import compact, looks_like_data
from pipeline.ingest.identification import read_header
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.legacy_encodings import LEGACY

NUMBERS = re.compile(r"[\W\d_]+")


#: Encodings from before Unicode: which of them is inferred hangs on which letters happen to be in a
#: file.
LEGACY_KIND = frozenset(("cp1252", "latin-1", *LEGACY))


def sender_shapes(
    delivery: Delivery,
    contracts: Mapping[str, SourceContract],
    inspection: Inspection | None = None,
) -> tuple[str, str] | None:
    """Two short keys, for what was decided with and without an encoding; None for bytes that are no
    text at all.

    Both hold the words of the name (`people_2026-01.csv` and `people_2026-02.csv` share them), the
    inferred delimiter, and the words of the inferred header, or the width of a row of data; the
    first also holds the kind of encoding that is inferred. So what was decided for one sender never
    reaches a file of another, or one that is inferred differently.
    """
    try:
        table = read_header(delivery, contracts, inspection=inspection)
    except InputRefused:
        return None
    words = (
        [f"{len(table.header)} cells"]
        if looks_like_data(table.header)
        else [NUMBERS.sub("", compact(cell)) for cell in table.header]
    )
    # a line that no sign parts is no name: it would differ in each file
    is_even = any(each.field == "positions" and not each.choices for each in table.questions)
    told = [
        name_words(delivery.name),
        table.format,
        table.dialect.delimiter if table.dialect else "",
        *(["fixed width"] if is_even else words),
    ]
    encoding = "one byte" if table.encoding in LEGACY_KIND else table.encoding
    return _key([*told, encoding or ""]), _key(told)


def name_words(name: str) -> str:
    """What the names of one sender's files share: the words, without numbers and signs."""
    return NUMBERS.sub(" ", name.casefold()).strip()


def _key(words: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:16]
