"""The privacy classes of columns, strictest first: what a value may give away of a person.

A delivered column has its class in the declaration of its source. A computed column has the
strictest class of what it is made of (`docs/making/column_lineage.py`), unless the YAML of its
model states another one with the reason. `column_classes.json`, written by
`python -m docs.make --classes`, holds the result; a column that is not in it has no class, and what
has no class is hidden.
"""

import json
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("column_classes.json")
UNCLASSIFIED = "unclassified"

#: Class -> what values of it are.
CLASSES = {
    "free_text": "text, or cells repeated in one text, in which anything may stand",
    "direct_identifier": "names one person, one visit, or one referral",
    "date": "a day in the life of a person, such as that of birth",
    "place": "where a person lives, or what is worked out from it",
    "age": "the age of one person, or a group of ages",
    "outcome": "whether harm was done, and figures made of it",
    "amount": "money paid for one person, and figures made of it",
    "share": "the part of persons or visits of which something is so",
    "count": "a number of persons or visits, and figures made of it",
    "demographic": "what is said of one person beside age and place, such as sex",
    "employer_key": "names one employer",
    "provider_key": "names one provider, or says where one is",
    "code": "a word of a fixed list, such as a procedure",
    "line_reference": "leads to one delivered line",
    "file_name": "the name of a delivered file",
    "technical": "bookkeeping of the pipeline",
    "public": "published by somebody else",
}
STRICTEST_FIRST = tuple(CLASSES)
#: Classes whose values nobody sees as they are: no screen, no address, no export that is
#: de-identified.
MASKED = ("direct_identifier", "free_text", "date", "place", "file_name", UNCLASSIFIED)


def strictest(classes: frozenset[str] | set[str]) -> str:
    """The strictest of these classes; `public` for what is made of nothing but constants."""
    if UNCLASSIFIED in classes:
        return UNCLASSIFIED
    return next((name for name in STRICTEST_FIRST if name in classes), "public")


@lru_cache(maxsize=2)
def load_classes(path: Path = FILE) -> dict[str, dict[str, str]]:
    """Relation -> column -> class."""
    return json.loads(path.read_text(encoding="utf-8"))


def class_of(relation: str, column: str) -> str | None:
    """The class of a column; None when it has none, so that it is hidden."""
    return load_classes().get(relation, {}).get(column)
