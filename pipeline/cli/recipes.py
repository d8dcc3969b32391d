"""quarantine recipes, recipe: repeated corrections, and the recipes of senders that read them."""

from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, verb
from pipeline.cli.quarantine import author_options, quarantine
from pipeline.config import Settings


@verb("recipes", quarantine)
def recipes(settings: Settings) -> Answer:
    """Corrections made again and again for one sender, and how many rows they would read."""
    from pipeline.services.upload import recipes as recipe_service

    offers = recipe_service.offered(settings)
    tested = [recipe_service.tried(settings, each.load_id, each.words) for each in offers]
    blocks = [
        f"{each.entity} {each.load_id}: {each.column} {each.word} -> {each.value}, "
        f"corrected in {text.counted(each.rows, 'row')}\n"
        + "".join(
            f"  - {file.load_id}: {file.otherwise:,} of {text.counted(file.received, 'row')} "
            f"would be read otherwise, {file.waiting:,} waiting\n"
            for file in files
        )
        + f"  icon-health quarantine recipe {each.load_id} '{each.text}'"
        for each, files in zip(offers, tested, strict=True)
    ]
    answer = [
        asdict(each) | {"tested": [asdict(file) for file in files]}
        for each, files in zip(offers, tested, strict=True)
    ]
    return Answer({"recipes": answer}, ("\n".join(blocks) or "nothing is offered",))


@verb("recipe", quarantine)
@click.argument("load_id", metavar="LOAD_ID")
@click.argument("words", metavar="COLUMN:WORD=VALUE", nargs=-1, required=True)
@click.option("--earlier-files", is_flag=True, help="Also the files that came.")
@author_options
def add_to_recipe(
    settings: Settings,
    load_id: str,
    words: tuple[str, ...],
    earlier_files: bool,
    reason: str,
    by: str | None,
) -> Answer:
    """Add words to the recipe by which the files of a load's sender are read from now on."""
    from pipeline.services.upload import recipes as recipe_service

    recipe = recipe_service.add(settings, load_id, words, reason, by, earlier_files)
    stated = [list(triple) for triple in recipe.values["words"]]
    return Answer(
        {"load_id": load_id, "version": recipe.version, "words": stated},
        (f"{load_id}: version {recipe.version} of the recipe of its sender is in force",),
    )
