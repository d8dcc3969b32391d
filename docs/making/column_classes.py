"""`pipeline/declared/column_classes.json`: the class of every column that stands after a build.

Classes are declared where columns are born: those of delivered columns in the YAML of their source,
those of bookkeeping in `raw.yml` and `sources.yml`, those of reference lists beside the seed. All
others are worked out (`column_lineage`). The YAML of a model may state another class for a column:
a stricter one as it is, a less strict one only with `reviewed`, the reason why. A relation whose
rows say of whom there was an outcome makes outcomes of what names its rows; `rows_reviewed` says
why that of a model does not. An age of one person stays an age there: it is the stricter class, and
no outcome is capped at ninety.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from docs.making.column_lineage import Lineage
from docs.making.select_classes import Relation
from pipeline.declared.classes import CLASSES, MASKED, STRICTEST_FIRST, UNCLASSIFIED, strictest
from pipeline.declared.dictionary import DBT_DIR
from pipeline.declared.source_tables import EARLIER_BUILD
from pipeline.declared.sources import load_contracts
from pipeline.declared.stages import MODEL_NAMES, STAGE_COLUMNS, model_name
from pipeline.declared.yaml_files import read_yaml

#: What the rows of a relation say does not change what these columns are.
ROWS_LEAVE = (*MASKED, "line_reference", "technical", "outcome")


@dataclass(frozen=True)
class Statement:
    """What the YAML of a model says of one column: another class, and why."""

    classification: str
    reason: str


def class_file(home: Path, folder: Path = DBT_DIR) -> str:
    """The text of the file for a home in which all layers were built from the project `folder`."""
    lineage, rows_reviewed = work_out(home, folder)
    made = {}
    for name, relation in sorted(lineage.known.items()):
        tells = "outcome" in relation.rows and name not in rows_reviewed
        made[name] = _with_rows(
            {column: strictest(classes) for column, classes in relation.columns.items()}, tells
        )
    return json.dumps(made, indent=1) + "\n"


def inputs_file(home: Path) -> str:
    """The text of `pipeline/declared/column_inputs.json` for a home in which all layers were built:
    what each model and each of its columns is made of.
    """
    lineage, _ = work_out(home)
    columns = lineage.direct_inputs()
    made = {
        name: {"reads": read, "columns": columns[name]}
        for name, read in sorted(lineage.reads().items())
    }
    return json.dumps(made, indent=1) + "\n"


@lru_cache(maxsize=2)
def work_out(home: Path, folder: Path = DBT_DIR) -> tuple[Lineage, frozenset[str]]:
    """The lineage of all columns, and the models whose rows were reviewed."""
    statements, rows_reviewed = reviews(folder)
    lineage = Lineage(
        births(folder),
        _compiled(home),
        _columns(home),
        mapped_columns(folder),
        {key: each.classification for key, each in statements.items()},
    )
    lineage.work_out()
    return lineage, rows_reviewed


def complaints(home: Path, folder: Path = DBT_DIR) -> list[str]:
    """What is wrong with the declarations, in words: columns without a class, and statements that
    make a class less strict without a reason, name no class or no column.
    """
    lineage, rows_reviewed = work_out(home, folder)
    sources = tuple(f"_{name}" for name in load_contracts())
    found = [
        f"{name}.{column} has no class"
        for name, relation in lineage.known.items()
        for column, classes in relation.columns.items()
        if strictest(classes) == UNCLASSIFIED
    ]
    for (name, column), statement in reviews(folder)[0].items():
        if statement.classification not in CLASSES:
            found.append(f"{name}.{column}: {statement.classification} is no class")
        elif name not in lineage.derived or column not in lineage.derived[name].columns:
            found.append(f"{name}.{column}: there is no such column")
        else:
            derived = strictest(lineage.derived[name].columns[column])
            loosened = _place(statement.classification) > _place(derived)
            if loosened and len(statement.reason.split()) < 4:
                found.append(f"{name}.{column}: is {derived}; say why it is less (`reviewed`)")
            if statement.classification == derived and not name.endswith(sources):
                found.append(f"{name}.{column}: is {derived} by what it is made of")
    found += [
        f"{name}: there is no such model, or its rows tell nothing"
        for name in rows_reviewed
        if name not in lineage.derived or "outcome" not in lineage.derived[name].rows
    ]
    return found


def births(folder: Path = DBT_DIR) -> dict[str, Relation]:
    """Relations that no model makes, by what is declared of them."""
    born: dict[str, Relation] = {}
    told = rows_that_tell(folder)
    for kind, section in (("seeds", "seeds"), ("models", "sources")):
        for path in sorted((folder / kind).rglob("*.yml")):
            for node in (read_yaml(path) or {}).get(section) or ():
                if node["name"] == EARLIER_BUILD:
                    continue
                for table in node.get("tables", [node]):
                    born[table["name"]] = Relation(
                        {
                            column["name"]: frozenset((_class(column),))
                            for column in table.get("columns") or ()
                        },
                        told.get(table["name"].removeprefix("raw_"), frozenset()),
                    )
    return born


def mapped_columns(folder: Path = DBT_DIR) -> dict[str, Relation]:
    """The relations of each source up to silver, with the declared classes of its columns."""
    told, made = rows_that_tell(folder), {}
    for name, contract in load_contracts().items():
        columns = {column.name: frozenset((column.classification,)) for column in contract.columns}
        rows = told.get(name, frozenset())
        for stage in MODEL_NAMES:
            made[model_name(stage, name)] = Relation({} if stage == "dq" else columns, rows)
        made[f"std_{name}"] = Relation(columns, rows)
    return made


def rows_that_tell(folder: Path = DBT_DIR) -> dict[str, frozenset[str]]:
    """Source -> what its rows say by being there, as its declaration states (`rows_tell`)."""
    told = {}
    for name in load_contracts():
        path = folder / "models" / "landing_zone" / name / f"{name}.yml"
        meta = read_yaml(path)["models"][0]["config"]["meta"]["source"]
        if "rows_tell" in meta:
            told[name] = frozenset((meta["rows_tell"],))
    return told


def reviews(
    folder: Path = DBT_DIR,
) -> tuple[dict[tuple[str, str], Statement], frozenset[str]]:
    """(model, column) -> what its YAML states; models whose rows were reviewed."""
    delivered = {f"stg_{name}" for name in load_contracts()}
    rows: set[str] = set()
    statements = {
        (model_name(stage, name), column): Statement(*stated)
        for stage, columns in STAGE_COLUMNS.items()
        for name in load_contracts()
        for column, stated in columns.items()
    }
    for node in _models(folder):
        if "rows_reviewed" in _meta(node):
            rows.add(node["name"])
        for column in node.get("columns") or ():
            meta = _meta(column)
            if "classification" in meta and node["name"] not in delivered:
                statements[node["name"], column["name"]] = Statement(
                    meta["classification"], str(meta.get("reviewed", ""))
                )
    return statements, frozenset(rows)


def _models(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted((folder / "models").rglob("*.yml")):
        yield from (read_yaml(path) or {}).get("models") or ()


def _meta(node: Mapping[str, Any]) -> dict[str, Any]:
    return node.get("config", {}).get("meta", {}) | node.get("meta", {})


def _class(column: Mapping[str, Any]) -> str:
    classification = _meta(column).get("classification", UNCLASSIFIED)
    return classification if classification in CLASSES else UNCLASSIFIED


def _with_rows(classes: Mapping[str, str], tells: bool) -> dict[str, str]:
    """The classes of a relation, by what its rows say (`tells`: of an outcome)."""
    leave = {*ROWS_LEAVE, *(("age",) if "direct_identifier" in classes.values() else ())}
    return {
        column: "outcome" if tells and classification not in leave else classification
        for column, classification in classes.items()
    }


def _place(classification: str) -> int:
    return STRICTEST_FIRST.index(classification) if classification in STRICTEST_FIRST else -1


def _compiled(home: Path) -> dict[str, str]:
    """Model -> its select, as dbt has compiled it for the build of a home."""
    (project,) = (home / "dbt" / "target" / "compiled").iterdir()
    return {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted((project / "models").rglob("*.sql"))
        if not any(part.suffix == ".yml" for part in path.parents)
    }


def _columns(home: Path) -> dict[str, dict[str, str]]:
    """Relation -> its columns with their types, as they stand in the warehouse of a home."""
    with closing(
        sqlite3.connect(f"file:{home / 'icon_health.db'}?mode=ro", uri=True)
    ) as connection:
        names = connection.execute(
            "select name from sqlite_master where type in ('table', 'view')"
        ).fetchall()
        return {
            name: {
                row[1]: row[2] or "text"
                for row in connection.execute("select * from pragma_table_info(?)", (name,))
            }
            for (name,) in names
        }
