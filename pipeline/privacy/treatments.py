"""What every reader may see of a column, by its class: the only place that decides.

A reader is a screen, something that uses values (a filter, an order, a group, a sum, an address, a
chart), an export profile, the managed feature store, or a log. A class that stands nowhere is
hidden from all of them.
"""

from pipeline.declared.classes import STRICTEST_FIRST, UNCLASSIFIED

READERS = (
    "screen",
    "use",
    "safe_harbor",
    "limited_data_set",
    "internal",
    "feature_store",
    "log",
)
SHOWN, HIDDEN, CODE, LEFT_OUT = "shown", "hidden", "code", "left out"
KEPT, REFUSED, RANDOM_CODE = "kept", "refused", "random code"
YEARS, COARSE, CAPPED = "years", "coarse place", "90 and above as one"
FIVE_DIGITS = "five digits"
SMALL_EMPTY = "empty in small cells"
FILE_WORDS = "words of its source"

_PLAIN = (SHOWN, SHOWN, KEPT, KEPT, KEPT, KEPT, KEPT)
#: Class -> treatment by reader, in the order of READERS.
_TABLE = {
    "free_text": (HIDDEN, REFUSED, LEFT_OUT, LEFT_OUT, KEPT, LEFT_OUT, LEFT_OUT),
    "direct_identifier": (CODE, REFUSED, RANDOM_CODE, RANDOM_CODE, KEPT, LEFT_OUT, LEFT_OUT),
    "date": (YEARS, REFUSED, YEARS, KEPT, KEPT, LEFT_OUT, LEFT_OUT),
    "place": (COARSE, REFUSED, COARSE, FIVE_DIGITS, KEPT, LEFT_OUT, LEFT_OUT),
    "age": (CAPPED, SHOWN, CAPPED, CAPPED, KEPT, KEPT, LEFT_OUT),
    "outcome": (SMALL_EMPTY, SHOWN, SMALL_EMPTY, SMALL_EMPTY, KEPT, KEPT, LEFT_OUT),
    "amount": (SHOWN, SHOWN, SMALL_EMPTY, SMALL_EMPTY, KEPT, KEPT, LEFT_OUT),
    "share": (SHOWN, SHOWN, SMALL_EMPTY, SMALL_EMPTY, KEPT, KEPT, LEFT_OUT),
    "count": (SHOWN, SHOWN, SMALL_EMPTY, SMALL_EMPTY, KEPT, KEPT, LEFT_OUT),
    "demographic": (SHOWN, SHOWN, KEPT, KEPT, KEPT, KEPT, LEFT_OUT),
    "employer_key": (SHOWN, SHOWN, RANDOM_CODE, RANDOM_CODE, KEPT, KEPT, LEFT_OUT),
    "provider_key": _PLAIN,
    "code": _PLAIN,
    "line_reference": (SHOWN, SHOWN, LEFT_OUT, LEFT_OUT, KEPT, LEFT_OUT, KEPT),
    "file_name": (FILE_WORDS, REFUSED, LEFT_OUT, LEFT_OUT, KEPT, LEFT_OUT, LEFT_OUT),
    "technical": _PLAIN,
    "public": _PLAIN,
}
#: Reader -> classes that a row about one person loses, too, where it is in a small cell: what would
#: be the exact amount of one visit, or let its outcome be worked out from a total of its age and
#: sex. What leaves the house is in no cell that could be counted.
_OF_PERSONS = {
    "screen": ("amount", "age", "demographic"),
    "safe_harbor": ("age", "demographic", "provider_key"),
    "limited_data_set": ("age", "demographic", "provider_key"),
}
_NOBODY = (HIDDEN, REFUSED, LEFT_OUT, LEFT_OUT, LEFT_OUT, LEFT_OUT, LEFT_OUT)

#: (class, reader) -> treatment.
TREATMENTS = {
    (name, reader): treatment
    for name in (*STRICTEST_FIRST, UNCLASSIFIED)
    for reader, treatment in zip(READERS, _TABLE.get(name, _NOBODY), strict=True)
}


def treatment(classification: str | None, reader: str) -> str:
    """What a reader gets of a column of this class; an unknown class is no class."""
    return TREATMENTS.get(
        (classification or UNCLASSIFIED, reader), TREATMENTS[UNCLASSIFIED, reader]
    )


def is_emptied(classification: str | None, reader: str, of_person: bool) -> bool:
    """Whether a reader sees cells of the class empty in small cells; `of_person`: rows are about
    one person each.
    """
    if treatment(classification, reader) == SMALL_EMPTY:
        return True
    return of_person and classification in _OF_PERSONS.get(reader, ())


def is_usable(classification: str | None) -> bool:
    """Whether values of the class may be compared, counted, drawn and stand in an address."""
    return treatment(classification, "use") == SHOWN


def classes_with(reader: str, *treatments: str) -> tuple[str, ...]:
    """Classes of which a reader gets one of these."""
    return tuple(
        name
        for (name, each), treatment in TREATMENTS.items()
        if each == reader and treatment in treatments
    )
