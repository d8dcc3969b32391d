"""Write the marked blocks of README and docs: `python -m docs.make [--outputs] [--chance]
[--baseline] [--classes] [--disclosure] [--pollock ARCHIVE]`.

Without an option: what the project declares (rules, tables, settings, verbs, pages, the data
contracts of `docs/contracts`, and the screens in the contracts of `pyproject.toml`), in a second.
With `--outputs` also the console output in the README, by running the commands on a home of their
own, in about a minute. With `--chance` also the tables of the benchmark of honesty about chance,
with `--disclosure` that of the attacks, in a few minutes; with `--baseline` the figures of the
baseline model, in a few minutes; with `--classes` the privacy class of every column and what it
is made of, from a build of the sample, in a minute; with `--pollock` those of the CSV benchmark,
from a copy of its corpus.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.making import contracts, declared, measured, outputs, screen_contracts, surfaces
from docs.making.marked import block, filled
from pipeline.config.project import PROJECT_DIR
from pipeline.declared import model_files
from pipeline.declared.classes import FILE as CLASS_FILE
from pipeline.declared.column_inputs import FILE as INPUT_FILE

DOCS_DIR = PROJECT_DIR / "docs"
DBT_DIR = PROJECT_DIR / "icon_dbt"
DECLARED: dict[str, Callable[[], str]] = {
    "settings": declared.settings,
    "variables": declared.variables,
    "sources": declared.sources,
    "rule-counts": declared.rule_counts,
    "rules": declared.rules,
    "data-dictionary": declared.data_dictionary,
    "renamed-columns": declared.renamed_columns,
    "pages": surfaces.pages,
    "command-line": surfaces.command_line,
    "roles": surfaces.roles,
    "answers": surfaces.answers,
    "exit-codes": surfaces.exit_codes,
}


def written_pages() -> list[Path]:
    """Every page that may hold marked blocks."""
    return [
        PROJECT_DIR / "README.md",
        PROJECT_DIR / "CONTRIBUTING.md",
        *sorted(DOCS_DIR.glob("*.md")),
    ]


def stale(makers: Mapping[str, Callable[[], str]] = DECLARED) -> dict[Path, str]:
    """Pages whose blocks differ from what the makers write, with the text that they should have."""
    texts = {path: path.read_text(encoding="utf-8") for path in written_pages()}
    return {path: new for path, text in texts.items() if (new := filled(text, makers)) != text}


def stale_files() -> dict[Path, str]:
    """Files that are written as a whole and differ from what they should hold, with that text."""
    texts = {DOCS_DIR / path: text for path, text in contracts.files().items()}
    texts |= {DBT_DIR / path: text for path, text in model_files.files().items()}
    return {
        path: text
        for path, text in texts.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def unless_only_times_differ(name: str, maker: Callable[[], str]) -> Callable[[], str]:
    """A maker of a block of the README that leaves it alone when nothing but times and days would
    change.
    """

    def make() -> str:
        present, made = block(PROJECT_DIR / "README.md", name), maker()
        return present if outputs.without_times(present) == outputs.without_times(made) else made

    return make


def _write_classes(home: Path) -> None:
    """Build the sample in a home of its own and write the classes of the columns that stand, and
    what they are made of.
    """
    from docs.making.column_classes import class_file, inputs_file
    from pipeline.config import load_settings
    from pipeline.services.run import runs

    runs.run_now(load_settings(home=home), verb="run", paths=[PROJECT_DIR / "data" / "sample"])
    for path, text in ((CLASS_FILE, class_file(home)), (INPUT_FILE, inputs_file(home))):
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(PROJECT_DIR)}")


def main() -> None:
    """Write what is stale and name it."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.make", description="Write the marked blocks of README and docs."
    )
    parser.add_argument(
        "--outputs", action="store_true", help="run the commands whose output the README shows"
    )
    parser.add_argument(
        "--chance", action="store_true", help="measure scorecards on worlds of known truth"
    )
    parser.add_argument(
        "--pollock",
        type=Path,
        metavar="ARCHIVE",
        help="measure the CSV reader on this copy of the corpus",
    )
    parser.add_argument(
        "--baseline", action="store_true", help="train the baseline model on generated worlds"
    )
    parser.add_argument(
        "--classes", action="store_true", help="work out the privacy class of every column"
    )
    parser.add_argument(
        "--disclosure", action="store_true", help="attack what is shown and exported"
    )
    options = parser.parse_args()
    with outputs.fresh_home() as home:
        if options.classes:
            _write_classes(home)
        output_makers = outputs.makers(home) if options.outputs else {}
        makers = DECLARED | {
            name: unless_only_times_differ(name, maker) for name, maker in output_makers.items()
        }
        makers |= measured.makers(options.pollock) if options.pollock else {}
        makers |= measured.chance_makers() if options.chance else {}
        makers |= measured.baseline_makers() if options.baseline else {}
        makers |= measured.disclosure_makers() if options.disclosure else {}
        # the pages describe the models, so those are written first
        for wanting in (stale_files, screen_contracts.stale, lambda: stale(makers)):
            for path, text in wanting().items():
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
                print(f"wrote {path.relative_to(PROJECT_DIR)}")


if __name__ == "__main__":
    main()
