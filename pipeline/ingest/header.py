"""Which column of the contract each cell of a header names: case, spaces, punctuation, order and
aliases aside.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.declared.sources import Column, SourceContract
from pipeline.errors import InputRefused

HEADER_ROWS = 120
#: Punctuation of a name; signs that separate cells are none: `,npi` is no way to write `npi`.
NOT_IN_A_NAME = re.compile(r"(?:[^\w,;|\t^~]|_)+")
RULER = re.compile(r"\s*:?[-=_]{2,}:?\s*")
DATA_CELL = re.compile(r"\s*([$€£+-]?\d[\d.,:/%-]*|[A-Z2-7]{16,}=*|\d{4}-\d{2}-\d{2}.*)\s*")

#: Columns by their source and their name there; and by a name (compact) that files give them.
Columns = frozenset[tuple[str, str]]
KnownNames = Mapping[str, Columns]


@dataclass(frozen=True)
class HeaderMatch:
    """A header held against one contract.

    `positions`: delivered column -> index in the file. `extra`: index -> name of a column that the
    contract does not know. `renamed`: name in the file -> delivered column. `missing`: required
    columns that no cell names. `ambiguous`: delivered columns that more than one cell names.
    `stand_ins`: index of a further name of a column -> index of its first one, where each row has
    names of its own and none has both.
    """

    entity: str
    positions: dict[str, int]
    extra: dict[int, str]
    renamed: dict[str, str]
    missing: tuple[str, ...]
    ambiguous: tuple[str, ...]
    reordered: bool
    stand_ins: dict[int, int] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether every required column was found, each once."""
        return not self.missing and not self.ambiguous

    @property
    def is_exact(self) -> bool:
        """Whether it is complete and names nothing else."""
        return self.is_complete and not self.unknown

    @property
    def unknown(self) -> dict[int, str]:
        """The extra names that are none of a column of the contract."""
        return {at: name for at, name in self.extra.items() if at not in self.stand_ins}

    def as_dict(self) -> dict:
        """The four lists that a load reports."""
        return {
            "matched": list(self.positions),
            "missing": list(self.missing),
            "extra": list(self.unknown.values()),
            "renamed": dict(self.renamed),
        }


def compact(name: str) -> str:
    """A name without case, width, blanks, punctuation and byte order mark: `Paid Amount`,
    `paid_amount`, `ＰＡＩＤ　amount` -> `paidamount`.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    return NOT_IN_A_NAME.sub("", name.strip().casefold())


def is_ruler(row: Sequence[str]) -> bool:
    """Whether a row only underlines the header, as sqlcmd and Markdown do (`---,---`)."""
    texts = [cell for cell in row if cell.strip()]
    return bool(texts) and all(RULER.fullmatch(cell) for cell in texts)


def known_names(contracts: Mapping[str, SourceContract]) -> KnownNames:
    """Every column name and alias of every contract, compact, and which columns they name."""
    names: dict[str, set[tuple[str, str]]] = {}
    for contract in contracts.values():
        for column in contract.columns:
            if column.delivered:
                for name in (column.delivered, column.name, *column.aliases):
                    names.setdefault(compact(name), set()).add((contract.entity, column.delivered))
    return {name: frozenset(columns) for name, columns in names.items()}


def name_the_same(names: Sequence[str], others: Sequence[str], known: KnownNames) -> bool:
    """Whether two lines of compact names are one header: place by place the same name, or two
    names that some one source has for a column.
    """
    if len(names) != len(others):
        return False
    nowhere: Columns = frozenset()
    shared = [
        {entity for entity, _ in known.get(name, nowhere) & known.get(other, nowhere)}
        for name, other in zip(names, others, strict=True)
        if name != other
    ]
    return not shared or bool(set.intersection(*shared))


def shape(header: Sequence[str]) -> str:
    """A short key for this header, the same however it is cased or spaced; for remembered
    mappings.
    """
    return hashlib.sha256("\x1f".join(compact(name) for name in header).encode()).hexdigest()[:16]


def match(
    header: Sequence[str],
    contract: SourceContract,
    mapping: Mapping[str, str | None] | None = None,
    are_apart: Callable[..., bool] | None = None,
) -> HeaderMatch:
    """Hold a header against a contract; `mapping` (name in the file -> delivered column, None:
    leave aside) goes first. `are_apart` says of names that no row has two of them, where each row
    has its own.

    Raises InputRefused when the mapping names a column that the contract or the file does not have.
    """
    targets = _checked_mapping(header, contract, mapping or {})
    positions: dict[str, int] = {}
    ambiguous = []
    stand_ins: dict[int, int] = {}
    by_hand = {
        at: targets[compact(cell)] for at, cell in enumerate(header) if compact(cell) in targets
    }
    places_in_use = set(by_hand)
    for column in contract.columns:
        if column.delivered is None:
            continue
        places = [at for at, target in by_hand.items() if target == column.delivered]
        for names in ((column.delivered,), (column.name,), column.aliases):
            if not places:
                keys = {compact(name) for name in names}
                places = [
                    at
                    for at, cell in enumerate(header)
                    if compact(cell) in keys and at not in places_in_use
                ]
        if places:
            positions[column.delivered] = places[0]
            places_in_use.add(places[0])
            if are_apart:
                further = _further_places(header, column, places[0], places_in_use, are_apart)
                stand_ins |= dict.fromkeys(further, places[0])
                places = [at for at in places if at not in further]
        if len(places) > 1:
            ambiguous.append(column.delivered)
    required = [
        column.delivered for column in contract.columns if column.delivered and column.required
    ]
    indexes = list(positions.values())
    return HeaderMatch(
        entity=contract.entity,
        positions=positions,
        extra=_extra_names(header, set(indexes)),
        renamed={
            header[at].strip("\ufeff"): name
            for name, place in positions.items()
            for at in (place, *(each for each, of in stand_ins.items() if of == place))
            if header[at].strip("\ufeff") != name
        },
        missing=tuple(name for name in required if name not in positions),
        ambiguous=tuple(ambiguous),
        reordered=indexes != sorted(indexes),
        stand_ins=stand_ins,
    )


def _further_places(
    header: Sequence[str],
    column: Column,
    first: int,
    in_use: set[int],
    are_apart: Callable[..., bool],
) -> list[int]:
    """Places of further names of a column that no row has beside another of them."""
    keys = {compact(name) for name in (column.delivered or "", column.name, *column.aliases)}
    further = [at for at, name in enumerate(header) if compact(name) in keys and at not in in_use]
    is_sure = bool(further) and are_apart(*(header[at] for at in (first, *further)))
    return further if is_sure else []


def locate(rows: Sequence[tuple[int, list[str]]], is_known) -> int | None:
    """Index in `rows` of the row that names the most known columns (at least half of its cells), or
    None.
    """
    best, best_hits = None, 0
    for index, (_, row) in enumerate(rows[:HEADER_ROWS]):
        names = [cell for cell in row if cell.strip()]
        hits = sum(1 for cell in names if is_known(cell))
        if hits > best_hits and 2 * hits >= len(names):
            best, best_hits = index, hits
    return best


def looks_like_data(row: Sequence[str]) -> bool:
    """Whether half of a row's cells or more are numbers, dates or encoded identifiers, as in no
    header.
    """
    texts = [cell for cell in row if cell.strip()]
    return bool(texts) and 2 * sum(1 for c in texts if DATA_CELL.fullmatch(c)) >= len(texts)


def _checked_mapping(
    header: Sequence[str], contract: SourceContract, mapping: Mapping[str, str | None]
) -> dict:
    present = {compact(name) for name in header}
    for name, target in mapping.items():
        if compact(name) not in present:
            raise InputRefused(
                f"the mapping names a column {name!r} that the file does not have",
                "mapping",
                "map the names of the file's header",
            )
        if target is not None and target not in contract.delivered:
            raise InputRefused(
                f"the mapping wants a column {target!r} that {contract.entity} does not have",
                "mapping",
                f"choose one of {', '.join(contract.delivered)}",
            )
    return {compact(name): target for name, target in mapping.items()}


def _extra_names(header: Sequence[str], indexes: set[int]) -> dict[int, str]:
    extra: dict[int, str] = {}
    for index, name in enumerate(header):
        if index not in indexes:
            label = name.strip("\ufeff \t") or f"column_{index + 1}"
            extra[index] = label if label not in extra.values() else f"{label}_{index + 1}"
    return extra
