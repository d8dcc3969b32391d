"""The catalogue: what every table and column means, where it comes from, how private it is, which
rules guard it.
"""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.dictionary import (
    ColumnEntry,
    Exposure,
    ModelEntry,
    lineage,
    load_dictionary,
    load_exposures,
)
from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.privacy.masking import column_class

#: A decision, or a step of a run, leaves these answers as they are (an architecture test follows
#: the imports).
ANSWERS_FROM_WAREHOUSE_ALONE = True

__all__ = [
    "Catalogue",
    "ModelEntry",
    "SourceContract",
    "catalogue",
    "around",
    "classes",
    "meanings",
    "pages",
    "reach",
    "search",
    "sources",
]


@dataclass(frozen=True)
class Catalogue:
    """Every described table by name, and the edges (parent, child) between them."""

    entries: dict[str, ModelEntry]
    edges: tuple[tuple[str, str], ...]


def catalogue(settings: Settings) -> Catalogue:
    """The dictionary and its lineage; dbt's own manifest is used when a build left one."""
    entries = dict(load_dictionary())
    edges = lineage(settings.dbt_dir / "target" / "manifest.json")
    known_edges = tuple(edge for edge in edges if edge[0] in entries and edge[1] in entries)
    return Catalogue(entries, known_edges)


def meanings(table: str) -> dict[str, str]:
    """Column -> what it means, for one table; empty when nothing describes it."""
    entry = load_dictionary().get(table)
    return (
        {column.name: column.description for column in entry.columns if column.description}
        if entry
        else {}
    )


def search(contents: Catalogue, words: str) -> list[str]:
    """Tables whose name, description, columns or column descriptions hold every word; all of them
    without a word.
    """
    needed_words = words.lower().split()
    return [
        name
        for name, entry in contents.entries.items()
        if all(word in _text(entry) for word in needed_words)
    ]


def _text(entry: ModelEntry) -> str:
    columns = " ".join(f"{column.name} {column.description}" for column in entry.columns)
    return f"{entry.name} {entry.description} {columns}".lower()


def sources() -> tuple[SourceContract, ...]:
    """The contract of every source, parents before children."""
    return tuple(load_contracts().values())


def classes(entry: ModelEntry) -> dict[str, str]:
    """Column -> privacy class of a table, as screens and exports apply it: masked columns by the
    privacy rules, else as declared.
    """
    return {column.name: _class(entry, column) for column in entry.columns}


def _class(entry: ModelEntry, column: ColumnEntry) -> str:
    return column_class(entry.name, column.name)


def pages() -> tuple[Exposure, ...]:
    """The pages of the workbench that declare which tables they show."""
    return load_exposures()


def around(edges: tuple[tuple[str, str], ...], table: str, steps: int = 1) -> dict[str, int]:
    """Tables at most `steps` away -> signed distance: negative feeds `table`, 0 is `table`,
    positive is fed by it.
    """
    distances = {table: 0}
    for sign, (here, there) in ((-1, (1, 0)), (1, (0, 1))):
        front = {table}
        for distance in range(1, steps + 1):
            front = {edge[there] for edge in edges if edge[here] in front} - distances.keys()
            if not front:
                break
            distances |= dict.fromkeys(sorted(front), sign * distance)
    return distances


def reach(edges: tuple[tuple[str, str], ...], table: str) -> tuple[int, int]:
    """How many tables `table` is made from and how many it feeds, directly or not."""
    distances = around(edges, table, len(edges))
    return sum(distance < 0 for distance in distances.values()), sum(
        distance > 0 for distance in distances.values()
    )
