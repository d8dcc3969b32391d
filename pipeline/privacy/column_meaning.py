"""What the YAML beside a model of gold or features says that each column tells. A column of which
it says nothing is hidden: on screens it is empty, in exports it is left out.

Meta of a column: `classification` (its privacy class) and `tells`, a word of `TELLS`. Meta of a
model whose columns tell an outcome or a count: `small_cells`, the columns that name the cell a row
is, or `all rows` where no row is large enough; `small_cells_where`, a flag that is 1 in the rows
that tell an outcome at all. A column with `small_cells` of its own belongs to other cells.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.declared.dictionary import ColumnEntry, ModelEntry, load_dictionary
from pipeline.declared.layers import Layer
from pipeline.declared.sources import load_contracts, source_names

ALL_ROWS = "all rows"
#: What a column may tell -> what is done with it where its row is a small cell.
TELLS = {
    "key": "which row it is; always shown",
    "label": "a word or mark about the row; always shown",
    "detail": "a value of one person's record; masked by its class alone",
    "technical": "bookkeeping of the build; always shown",
    "count": "how many encounters the cell has; empty in exports of a small cell",
    "measure": "another figure of the cell; empty in exports of a small cell",
    "outcome": "adverse events; empty on screens and in exports of a small cell",
}
IN_EXPORTS = ("count", "measure", "outcome")
#: Privacy classes, strictest first; the last one stands for a missing class.
CLASSES = ("phi", "identifier", "quasi-identifier", "public")
UNDECLARED = "undeclared"
#: Layers whose columns must say what they tell.
GOVERNED = (Layer.ENTERPRISE_DATASETS.label, Layer.FEATURE_STORE.label)
#: Tables that dbt does not make, or whose columns the contract of their source judges.
ELSEWHERE = ("raw_", "ops_")
LATEST = "_latest"

Cells = tuple[str, ...] | str | None


@dataclass(frozen=True)
class TableMeaning:
    """What the declared columns of one table tell, and which small cells its rows are.

    `own_cells` are columns that belong to other cells than their row; `classes` holds the privacy
    class by column; `gives_away` the patient's value that a column would lead back to.
    """

    tells: Mapping[str, str]
    cells: Cells = None
    only_where: str | None = None
    own_cells: Mapping[str, Cells] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    gives_away: Mapping[str, str] = field(default_factory=dict)

    def undeclared(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Those of `columns` of which nothing is declared."""
        return tuple(column for column in columns if column not in self.tells)

    def that_tell(self, *words: str) -> tuple[str, ...]:
        """Columns that tell one of these, in the order of the declaration."""
        return tuple(column for column, told in self.tells.items() if told in words)


def meaning(table: str) -> TableMeaning | None:
    """What the columns of a table tell; None for tables of the landing zone and reference lists,
    whose columns are judged by the contract of their source.

    A table that nothing declares tells nothing: every column of it is hidden.
    """
    return _meaning(table, load_dictionary)


@lru_cache(maxsize=256)
def _meaning(table: str, dictionary: Callable[[], dict[str, ModelEntry]]) -> TableMeaning | None:
    entries = dictionary()
    entry = entries.get(table)
    if entry is None:
        return None if table.startswith(ELSEWHERE) else TableMeaning({})
    if not entry.columns and table.endswith(LATEST):
        entry = entries[table.removesuffix(LATEST)]
    if entry.layer == Layer.STANDARD_MODEL.label:
        source = next((name for name in source_names() if entry.name == f"std_{name}"), None)
        return _of_silver(entry, source) if source else table_meaning(entry)
    return table_meaning(entry) if entry.layer in GOVERNED else None


def table_meaning(entry: ModelEntry) -> TableMeaning:
    """What the columns of a model of gold or features tell, as its YAML says; a column whose class
    or word is missing or unknown is not declared.
    """
    metas = {column.name: dict(column.meta) for column in entry.columns}
    meta = dict(entry.meta)
    return TableMeaning(
        {column.name: metas[column.name]["tells"] for column in entry.columns if _says(column)},
        _cells(meta.get("small_cells")),
        meta.get("small_cells_where"),
        {
            name: _cells(of_column["small_cells"])
            for name, of_column in metas.items()
            if "small_cells" in of_column
        },
        {column.name: column.classification for column in entry.columns if _says(column)},
        {
            name: of_column["gives_away"]
            for name, of_column in metas.items()
            if "gives_away" in of_column
        },
    )


def missing_declarations(entry: ModelEntry) -> list[str]:
    """What a model of gold or features leaves undeclared, in words; nothing where all is said."""
    told = table_meaning(entry)
    gaps = [
        f"{entry.name}.{column}: says neither its class nor what it tells, or an unknown word"
        for column in told.undeclared(column.name for column in entry.columns)
    ]
    cells = {cell for name in told.that_tell("outcome", "count") for cell in [_of(told, name)]}
    if None in cells:
        gaps.append(f"{entry.name}: tells outcomes or counts, and of which small cells is not said")
    gaps += [
        f"{entry.name}: small_cells names {part}, which is no column of it"
        for cell in cells
        if isinstance(cell, tuple)
        for part in cell
        if part not in told.tells
    ]
    if len(told.that_tell("count")) > 1:
        gaps.append(f"{entry.name}: more than one column is the count of its cells")
    return gaps


def _of(told: TableMeaning, column: str) -> Cells:
    return told.own_cells.get(column, told.cells)


def _says(column: ColumnEntry) -> bool:
    return column.classification in CLASSES and dict(column.meta).get("tells") in TELLS


def _cells(text: str | None) -> Cells:
    if text is None or text == ALL_ROWS:
        return text
    return tuple(json.loads(text))


def _of_silver(entry: ModelEntry, source: str) -> TableMeaning:
    """Columns of silver are those of the source's contract, with its classes, and the bookkeeping
    that the YAML of the model describes.
    """
    columns = load_contracts()[source].columns
    told = {column.name: "detail" for column in columns}
    told |= {column.name: "technical" for column in entry.columns if column.name.startswith("_")}
    classes = {
        name: column.classification
        for column in columns
        for name in (column.name, column.delivered)
        if name
    }
    return TableMeaning(told, classes=classes)
