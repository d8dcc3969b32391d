"""engine: the same pipeline on another engine than SQLite."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, Answer, Verbs, verb
from pipeline.config import Settings

if TYPE_CHECKING:
    from pipeline.services.settings.engines import EngineCopy

DIFFERENT = 1
ENGINES = ("duckdb",)


@click.group("engine", cls=Verbs)
def engine() -> None:
    """The same pipeline on another engine than SQLite."""


def _of_engine(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """The file of a copy, and the engine that reads it."""
    options = (
        click.argument("file", metavar="PATH", type=PATH),
        click.option(
            "--to",
            "name",
            required=True,
            type=click.Choice(ENGINES),
            help="The engine: duckdb.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@verb("copy", engine)
@_of_engine
def copy(settings: Settings, file: str, name: str) -> Answer:
    """Copy raw rows, decisions and feature histories into a new file of an engine, build all layers
    there, and compare every relation row for row.

    Exit code 1 when one differs; the file is then not kept. The workbench goes on reading SQLite.
    """
    from pipeline.services.settings import engines as service

    return _answer(name, service.copy_to(settings, name, file), "nothing was kept")


@verb("update", engine)
@_of_engine
@click.option("--full-refresh", is_flag=True, help="Make the file anew from all rows.")
def update(settings: Settings, file: str, name: str, full_refresh: bool) -> Answer:
    """Bring a copy up to date: copy what came since, build what follows from it, and compare every
    relation row for row.

    Exit code 1 when one differs; the file then stays as it was. Readers find the old file or the
    new one, whole.
    """
    from pipeline.services.settings import engines as service

    made = service.update(settings, name, file, full_refresh)
    return _answer(name, made, "the file is as it was")


def _answer(name: str, made: "EngineCopy", otherwise: str) -> Answer:
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
        f"{len(different)} of {text.counted(len(made.relations), 'relation')} differ; {otherwise}"
        if different
        else f"{text.counted(len(made.relations), 'relation')} equal, "
        f"{text.counted(sum(made.copied.values()), 'row')} copied, "
        f"built {'anew' if made.is_anew else 'from what changed'}: {made.file}"
    )
    return Answer(
        {
            "engine": name,
            "file": None if different else str(made.file),
            "is_equal": made.is_equal,
            "is_anew": made.is_anew,
            "copied": made.copied,
            "relations": [asdict(each) | {"is_equal": each.is_equal} for each in made.relations],
        },
        (table, verdict),
        exit_code=DIFFERENT if different else 0,
    )
