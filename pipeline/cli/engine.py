"""engine: the same pipeline on another engine than SQLite."""

from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, Answer, Verbs, verb
from pipeline.config import Settings

DIFFERENT = 1
ENGINES = ("duckdb",)


@click.group("engine", cls=Verbs)
def engine() -> None:
    """The same pipeline on another engine than SQLite."""


@verb("copy", engine)
@click.argument("file", metavar="PATH", type=PATH)
@click.option(
    "--to",
    "name",
    required=True,
    type=click.Choice(ENGINES),
    help="The engine: duckdb.",
)
def copy(settings: Settings, file: str, name: str) -> Answer:
    """Copy raw rows, decisions and feature histories into a new file of an engine, build all layers
    there, and compare every relation row for row.

    Exit code 1 when one differs; the file is then not kept. The workbench goes on reading SQLite.
    """
    from pipeline.services.settings import engines as service

    made = service.copy_to(settings, name, file)
    different = [relation for relation in made.relations if not relation.is_equal]
    table = text.table(
        [
            (
                relation.relation,
                relation.sqlite_rows,
                relation.duckdb_rows,
                relation.only_sqlite,
                relation.only_duckdb,
                f"{relation.largest:.0e}",
                ", ".join(relation.columns) or "equal",
            )
            for relation in made.relations
        ],
        ("relation", "sqlite", name, "only sqlite", f"only {name}", "float", "differs in"),
    )
    verdict = (
        f"{len(different)} of {text.counted(len(made.relations), 'relation')} differ; nothing was kept"
        if different
        else f"{text.counted(len(made.relations), 'relation')} equal, "
        f"{text.counted(sum(made.copied.values()), 'row')} copied: {made.file}"
    )
    return Answer(
        {
            "engine": name,
            "file": None if different else str(made.file),
            "is_equal": made.is_equal,
            "copied": made.copied,
            "relations": [asdict(each) | {"is_equal": each.is_equal} for each in made.relations],
        },
        (table, verdict),
        exit_code=DIFFERENT if different else 0,
    )
