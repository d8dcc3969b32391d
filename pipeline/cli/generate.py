"""generate: synthetic deliveries."""

from pathlib import Path

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, Answer, one_of, verb
from pipeline.config import Settings


@verb("generate")
@click.option(
    "--rows", type=int, required=True, metavar="N", help="Encounters in all deliveries together."
)
@click.option("--seed", type=int, required=True, metavar="S", help="The same seed, the same rows.")
@click.option("--out", required=True, metavar="DIR", type=PATH, help="Folder to write to.")
@click.option("--deliveries", type=int, default=1, metavar="N", help="How many deliveries.")
@click.option(
    "--world",
    default="null",
    type=click.Choice(("null", "signal")),
    help="Whether providers truly differ.",
)
@click.option("--clean", is_flag=True, help="Plant no defects.")
@click.option(
    "--format",
    "fmt",
    default="csv",
    metavar="FMT",
    shell_complete=one_of(lambda: ("csv", "json")),
    help="csv or json.",
)
def generate(
    settings: Settings,
    rows: int,
    seed: int,
    out: str,
    deliveries: int,
    world: str,
    clean: bool,
    fmt: str,
) -> Answer:
    """Write synthetic deliveries with a manifest of the truth."""
    from pipeline.synthetic import generate as write

    result = write(
        rows, seed, Path(out), deliveries=deliveries, world=world, defects=not clean, fmt=fmt
    )
    files = [
        {"file": name, "rows": count, "sha256": result.sha256[name]}
        for name, count in result.rows.items()
    ]
    return Answer(
        {
            "out": str(result.out),
            "files": files,
            "manifest": str(result.manifest),
            "seconds": result.seconds,
        },
        (text.table(result.rows.items(), ("file", "rows"), note=f"truth: {result.manifest}"),),
    )
