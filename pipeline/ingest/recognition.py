"""Which of the sources a file is: by its name (dates and versions aside) and by its header; an
exact header wins.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from pipeline.declared.sources import SourceContract
from pipeline.errors import InputRefused
from pipeline.ingest.header import HeaderMatch, compact, looks_like_data, match
from pipeline.ingest.json_names import KeyNames

SUFFIXES = {".csv", ".tsv", ".tab", ".txt", ".psv", ".dat", ".json", ".jsonl", ".ndjson", ".gz"}
NO_HEADER = "has no header: its first row holds data"
UNKNOWN = "is none of the sources"
NOT_IN_A_STEM = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Recognised:
    """The contract a file belongs to, how its header fits, and whether its name said something
    else.
    """

    contract: SourceContract
    match: HeaderMatch
    named_otherwise: str | None = None


def is_table_name(name: str) -> bool:
    """Whether a file of this name may be one of the sources (by its ending)."""
    return PurePath(name).suffix.lower() in SUFFIXES


def entity_of_name(name: str, contracts: Mapping[str, SourceContract]) -> str | None:
    """The one entity whose file name or alias the file's stem spells, with dates, numbers and words
    around it.

    None when it spells none, or two in different places (`patients_and_providers`). A word that is
    an alias of one source and the name of another means the latter.
    """
    names = {
        entity: {compact(PurePath(contract.file_name).stem), compact(entity)}
        for entity, contract in contracts.items()
    }
    taken = {name: entity for entity, own in names.items() for name in own}
    path = PurePath(name.replace("\\", "/"))
    while path.suffix.lower() in SUFFIXES:
        path = path.with_suffix("")
    words = [word for word in NOT_IN_A_STEM.split(path.name.casefold()) if word]
    spans = {
        (*span, entity)
        for entity, contract in contracts.items()
        for word in names[entity] | {compact(alias) for alias in contract.aliases}
        if taken.get(word, entity) == entity
        for span in _spans(words, word)
    }
    widest = {
        entity
        for first, last, entity in spans
        if not any(a <= first and last <= b and (a, b) != (first, last) for a, b, _ in spans)
    }
    return widest.pop() if len(widest) == 1 else None


def recognise(
    name: str,
    header: Sequence[str],
    contracts: Mapping[str, SourceContract],
    mapping: Mapping[str, str | None] | None = None,
    entity: str | None = None,
    keys: KeyNames | None = None,
) -> Recognised:
    """The source that a file is; `entity` forces one, `keys` are those of JSON. Raises InputRefused
    with what is missing when there is none.
    """
    are_apart = keys.are_apart if keys else None
    if entity is not None:
        if entity not in contracts:
            raise InputRefused(
                f"there is no source {entity!r}", name, f"choose one of {', '.join(contracts)}"
            )
        return Recognised(
            contracts[entity], _complete(name, match(header, contracts[entity], mapping, are_apart))
        )
    named = entity_of_name(name, contracts)
    if mapping and named:
        return Recognised(
            contracts[named], _complete(name, match(header, contracts[named], mapping, are_apart))
        )
    matches = {
        each: match(header, contract, None, are_apart) for each, contract in contracts.items()
    }
    exact = [each for each, found in matches.items() if found.is_exact]
    if named in exact:
        return Recognised(contracts[named], matches[named])
    if len(exact) == 1:
        return Recognised(contracts[exact[0]], matches[exact[0]], named_otherwise=named)
    if looks_like_data(header) and not (named and matches[named].is_complete):
        raise InputRefused(
            NO_HEADER,
            f"{name}, first row",
            "put the column names in the first row",
        )
    if named:
        return Recognised(contracts[named], _complete(name, matches[named]))
    raise _unknown(name, matches)


def without_rows(
    name: str, contracts: Mapping[str, SourceContract], entity: str | None = None
) -> Recognised:
    """The source of a file that holds no object and so names no column: by its name alone."""
    entity = entity or entity_of_name(name, contracts)
    if entity is None or entity not in contracts:
        raise InputRefused(
            "has no rows, and its name does not say which source it is",
            name,
            "name the file after its source",
        )
    return Recognised(contracts[entity], HeaderMatch(entity, {}, {}, {}, (), (), False))


def _spans(words: Sequence[str], alias: str) -> Iterator[tuple[int, int]]:
    """(first word, last word) of each run of whole words that spells `alias`, digits stuck to its
    end aside.
    """
    for first in range(len(words)):
        spelled = ""
        for last, word in enumerate(words[first:], start=first):
            spelled += word
            if alias in (spelled, spelled.rstrip("0123456789")):
                yield first, last


def _complete(name: str, found: HeaderMatch) -> HeaderMatch:
    if found.missing:
        columns = ", ".join(found.missing)
        noun = "column" if len(found.missing) == 1 else "columns"
        raise InputRefused(
            f"lacks the required {noun} {columns} of {found.entity}",
            f"{name}, header",
            "add them, or map the file's columns on the upload page",
        )
    if found.ambiguous:
        raise InputRefused(
            f"names {', '.join(found.ambiguous)} more than once",
            f"{name}, header",
            "leave one column of each name, or map the columns on the upload page",
        )
    return found


def _unknown(name: str, matches: Mapping[str, HeaderMatch]) -> InputRefused:
    closest = max(
        matches.values(),
        key=lambda found: (len(found.positions) - len(found.missing), -len(found.extra)),
    )
    if closest.positions:
        lacking = f", which also needs {', '.join(closest.missing)}" if closest.missing else ""
        hint = f"closest is {closest.entity}{lacking}; name the file after its source"
    else:
        hint = f"expected one of {', '.join(matches)}"
    return InputRefused(UNKNOWN, name, hint)
