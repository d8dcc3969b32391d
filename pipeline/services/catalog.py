"""The catalogue: what every table and column means, where it comes from, how private it is, which rules guard it."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.contracts import SourceContract, load_contracts
from pipeline.dictionary import ModelEntry, lineage, load_dictionary

__all__ = ["Catalogue", "ModelEntry", "SourceContract", "catalogue", "downstream", "meanings",
           "search", "sources", "upstream"]


@dataclass(frozen=True)
class Catalogue:
    """Every described table by name, and the edges (parent, child) between them."""

    entries: dict[str, ModelEntry]
    edges: tuple[tuple[str, str], ...]


def catalogue(settings: Settings) -> Catalogue:
    """The dictionary and its lineage; dbt's own manifest is used when a build left one."""
    entries = dict(load_dictionary())
    edges = lineage(settings.dbt_dir / "target" / "manifest.json")
    for name in {name for edge in edges for name in edge} - entries.keys():
        entries[name] = ModelEntry(name, "", "", (), (), "")
    return Catalogue(entries, edges)


def meanings(table: str) -> dict[str, str]:
    """Column -> what it means, for one table; empty when nothing describes it."""
    entry = load_dictionary().get(table)
    return {column.name: column.description for column in entry.columns if column.description} if entry else {}


def search(seen: Catalogue, words: str) -> list[str]:
    """Tables whose name, description, columns or column descriptions hold every word; all of them without a word."""
    wanted = words.lower().split()
    return [name for name, entry in seen.entries.items() if all(word in _text(entry) for word in wanted)]


def _text(entry: ModelEntry) -> str:
    columns = " ".join(f"{column.name} {column.description}" for column in entry.columns)
    return f"{entry.name} {entry.description} {columns}".lower()


def sources() -> tuple[SourceContract, ...]:
    """The contracts of the six sources, parents before children."""
    return tuple(load_contracts().values())


def upstream(edges: tuple[tuple[str, str], ...], table: str) -> frozenset[str]:
    """Every table that `table` is made from, directly or not."""
    return _reach({child: {p for p, c in edges if c == child} for _, child in edges}, table)


def downstream(edges: tuple[tuple[str, str], ...], table: str) -> frozenset[str]:
    """Every table that is made from `table`, directly or not."""
    return _reach({parent: {c for p, c in edges if p == parent} for parent, _ in edges}, table)


def _reach(steps: dict[str, set[str]], start: str) -> frozenset[str]:
    seen, waiting = set(), [start]
    while waiting:
        for each in steps.get(waiting.pop(), ()):
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return frozenset(seen)
