"""Which column of the contract each cell of a header names: case, spaces, punctuation, order and
aliases aside.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.declared.sources import SourceContract
from pipeline.errors import InputRefused

HEADER_ROWS = 120
#: Punctuation of a name; signs that separate cells are none: `,npi` is no way to write `npi`.
NOT_IN_A_NAME = re.compile(r"(?:[^\w,;|\t^~]|_)+")
RULER = re.compile(r"\s*:?[-=_]{2,}:?\s*")
DATA_CELL = re.compile(r"\s*([$€£+-]?\d[\d.,:/%-]*|[A-Z2-7]{16,}=*|\d{4}-\d{2}-\d{2}.*)\s*")


@dataclass(frozen=True)
class HeaderMatch:
    """A header held against one contract.

    `positions`: delivered column -> index in the file. `extra`: index -> name of a column that the
    contract does not know. `renamed`: name in the file -> delivered column. `missing`: required
    columns that no cell names. `ambiguous`: delivered columns that more than one cell names.
    """

    entity: str
    positions: dict[str, int]
    extra: dict[int, str]
    renamed: dict[str, str]
    missing: tuple[str, ...]
    ambiguous: tuple[str, ...]
    reordered: bool

    @property
    def is_complete(self) -> bool:
        """Whether every required column was found, each once."""
        return not self.missing and not self.ambiguous

    @property
    def is_exact(self) -> bool:
        """Whether it is complete and names nothing else."""
        return self.is_complete and not self.extra

    def as_dict(self) -> dict:
        """The four lists that a load reports."""
        return {
            "matched": list(self.positions),
            "missing": list(self.missing),
            "extra": list(self.extra.values()),
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


def known_names(contracts: Mapping[str, SourceContract]) -> frozenset[str]:
    """Every column name and alias of every contract, compact."""
    return frozenset(
        compact(name)
        for contract in contracts.values()
        for column in contract.columns
        if column.delivered
        for name in (column.delivered, column.name, *column.aliases)
    )


def shape(header: Sequence[str]) -> str:
    """A short key for this header, the same however it is cased or spaced; for remembered
    mappings.
    """
    return hashlib.sha256("\x1f".join(compact(name) for name in header).encode()).hexdigest()[:16]


def match(
    header: Sequence[str], contract: SourceContract, mapping: Mapping[str, str | None] | None = None
) -> HeaderMatch:
    """Hold a header against a contract; `mapping` (name in the file -> delivered column, None:
    leave aside) goes first.

    Raises InputRefused when the mapping names a column that the contract or the file does not have.
    """
    targets = _checked_mapping(header, contract, mapping or {})
    positions: dict[str, int] = {}
    ambiguous = []
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
            for name, at in positions.items()
            if header[at].strip("\ufeff") != name
        },
        missing=tuple(name for name in required if name not in positions),
        ambiguous=tuple(ambiguous),
        reordered=indexes != sorted(indexes),
    )


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
