"""What the columns of one table tell, by their classes, and which small cells its rows are.

Classes follow the derivation of a column (`pipeline/declared/classes.py`); what has none is hidden.
Meta of a model whose columns tell an outcome, an amount or a count: `small_cells`, the columns that
name the cell a row is, `all rows` where no row is large enough, or `no cells` where figures are of
whole networks, whomever a row is about; `small_cells_count`, the column
that holds its number of encounters; `small_cells_where`, a flag that is 1 in the rows that tell an
outcome at all. A column with `small_cells` of its own belongs to other cells than its row;
`gives_away` names what of a patient it would lead back to.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.declared.classes import load_classes
from pipeline.declared.dictionary import ModelEntry, load_dictionary
from pipeline.declared.layers import Layer
from pipeline.privacy.treatments import is_emptied

ALL_ROWS = "all rows"
#: A declaration that no figure of a table is of the patient of its row, though rows are of persons.
NO_CELLS = "no cells"
UNDECLARED = "undeclared"
LATEST = "_latest"

#: Layers behind the gate, and reference lists.
GATED = (
    Layer.STANDARD_MODEL.label,
    Layer.ENTERPRISE_DATASETS.label,
    Layer.FEATURE_STORE.label,
    "seeds",
)
#: Classes of what the pipeline says of rows; no cell of a file is among them.
OF_THE_PIPELINE = ("technical", "line_reference", "public")

Cells = tuple[str, ...] | str | None


@dataclass(frozen=True)
class TableMeaning:
    """The classes of the columns of one table, and which small cells its rows are.

    `count` is the column that says how many encounters a row has, `own_cells` are columns that
    belong to other cells than their row; `gives_away` the patient's value that a column would lead
    back to, `versions_of` the key of which rows are versions.
    """

    classes: Mapping[str, str] = field(default_factory=dict)
    cells: Cells = None
    count: str | None = None
    only_where: str | None = None
    own_cells: Mapping[str, Cells] = field(default_factory=dict)
    gives_away: Mapping[str, str] = field(default_factory=dict)
    versions_of: tuple[str, ...] = ()

    def undeclared(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Those of `columns` that have no class."""
        return tuple(column for column in columns if column not in self.classes)

    def of_classes(self, *classes: str) -> tuple[str, ...]:
        """Columns of one of these classes, in the order of the table."""
        return tuple(column for column, told in self.classes.items() if told in classes)

    @property
    def is_of_persons(self) -> bool:
        """Whether rows are about one person each."""
        return bool(self.of_classes("direct_identifier"))

    def empties(self, reader: str) -> tuple[str, ...]:
        """Columns that a reader sees empty where their row is a small cell."""
        return tuple(
            column
            for column, told in self.classes.items()
            if is_emptied(told, reader, self.is_of_persons)
        )


def meaning(table: str) -> TableMeaning:
    """What the columns of a table tell; of a table that no build has made each column is hidden."""
    return _meaning(table, load_dictionary().get(table.removesuffix(LATEST)))


@lru_cache(maxsize=512)
def _meaning(table: str, entry: ModelEntry | None) -> TableMeaning:
    return table_meaning(load_classes().get(table, {}), entry)


def table_meaning(classes: Mapping[str, str], entry: ModelEntry | None) -> TableMeaning:
    """The same for classes and a declaration that are at hand."""
    meta = dict(entry.meta) if entry else {}
    columns = {column.name: dict(column.meta) for column in entry.columns} if entry else {}
    return TableMeaning(
        classes,
        _cells(meta.get("small_cells")),
        meta.get("small_cells_count"),
        meta.get("small_cells_where"),
        {
            name: _cells(of_column["small_cells"])
            for name, of_column in columns.items()
            if "small_cells" in of_column
        },
        {
            name: of_column["gives_away"]
            for name, of_column in columns.items()
            if "gives_away" in of_column
        },
        tuple(json.loads(meta.get("entity_key", "[]"))),
    )


def holds_gated_cells(table: str) -> bool:
    """Whether each cell of a table has passed the gate, is of a reference list, or is no cell of a
    delivered file at all. A table that no build has made holds anything.
    """
    classes, entry = meaning(table).classes, load_dictionary().get(table)
    if not classes or entry is None:
        return False
    return entry.layer in GATED or set(classes.values()) <= set(OF_THE_PIPELINE)


def missing_declarations(name: str, told: TableMeaning) -> list[str]:
    """What a model leaves undeclared of its small cells, in words; nothing where all is said."""
    gaps = []
    cells = {told.own_cells.get(column, told.cells) for column in told.of_classes("outcome")}
    if None in cells and not told.is_of_persons:  # a row of one person shows no outcome at all
        gaps.append(f"{name}: tells outcomes, and of which small cells is not said")
    gaps += [
        f"{name}: small_cells names {part}, which is no column of it"
        for cell in cells
        if isinstance(cell, tuple)
        for part in cell
        if part not in told.classes
    ]
    if told.count and told.count not in told.classes:
        gaps.append(f"{name}: small_cells_count names {told.count}, which is no column of it")
    return gaps


def _cells(text: str | None) -> Cells:
    if text is None or text in (ALL_ROWS, NO_CELLS):
        return text
    return tuple(json.loads(text))
