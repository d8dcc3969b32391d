"""Which column of a file could be which of a source by what its cells look like, where its name
says nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from pipeline.declared.sources import Column
from pipeline.ingest.header import compact

#: Shapes (9 a digit, a a letter) of cells by how the mapped name of the column ends, the most
#: telling first.
SHAPES: Mapping[str, str] = {
    "_date": r"9{4}[-/]9{2}[-/]9{2}.*|9{1,2}[./-]9{1,2}[./-]9{4}",
    "encounter_id": r"[9a]{26}=*",
    "npi": r"9{10}",
    "gender": r"a{1,7}",
    "_usd": r"[$€]? ?9[9,]*[.]9{2}",
    "cpt": r"9{4}[9a]",
    "zip": r"9{9}|9{5}(-9{4})?",
    "_id": r"9{1,10}",
}
#: So many of the first cells have to look so.
SHARE = 0.8


def guess(columns: Iterable[Column], cells: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Delivered column -> name in the file; `cells` holds the shapes of the first ones. Only where
    one column alone comes into question.

    Columns that a name in the file says already are left out, and so is what they take.
    """
    delivered = {column.delivered: column for column in columns if column.delivered}
    named = {
        compact(name): said
        for said, column in delivered.items()
        for name in (said, column.name, *column.aliases)
    }
    by_name = {cell: named[compact(cell)] for cell in cells if compact(cell) in named}
    guesses: dict[str, str] = {}
    for kind, shape in SHAPES.items():
        missing = [
            said
            for said, column in delivered.items()
            if column.name.endswith(kind) and said not in by_name.values()
        ]
        alike = [
            name
            for name, shapes in cells.items()
            if name not in by_name and name not in guesses.values() and _looks(shapes, shape)
        ]
        if len(missing) == len(alike) == 1:
            guesses[missing[0]] = alike[0]
    return guesses


def _looks(shapes: Sequence[str], shape: str) -> bool:
    present = [shape for shape in shapes if shape]
    return bool(present) and sum(
        bool(re.fullmatch(shape, value)) for value in present
    ) >= SHARE * len(present)
