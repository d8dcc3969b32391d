"""Write the marked blocks of README and docs: `python -m docs.make [--outputs] [--pollock ARCHIVE]`.

Without an option: what the project declares (rules, tables, settings, verbs, pages), in a second. With `--outputs` also
the console output in the README, by running the commands on a home of their own, in about a minute. With `--pollock`
also the figures of the CSV benchmark, from a copy of its corpus.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.making import declared, measured, outputs, surfaces
from docs.making.marked import filled
from pipeline.config import PROJECT_DIR

DOCS_DIR = PROJECT_DIR / "docs"
DECLARED: dict[str, Callable[[], str]] = {
    "settings": declared.settings,
    "variables": declared.variables,
    "sources": declared.sources,
    "rule-counts": declared.rule_counts,
    "rules": declared.rules,
    "data-dictionary": declared.data_dictionary,
    "pages": surfaces.pages,
    "command-line": surfaces.command_line,
    "answers": surfaces.answers,
    "exit-codes": surfaces.exit_codes,
}


def written_pages() -> list[Path]:
    """Every page that may hold marked blocks."""
    return [PROJECT_DIR / "README.md", PROJECT_DIR / "CONTRIBUTING.md", *sorted(DOCS_DIR.glob("*.md"))]


def stale(makers: Mapping[str, Callable[[], str]] = DECLARED) -> dict[Path, str]:
    """Pages whose blocks differ from what the makers write, with the text that they should have."""
    texts = {path: path.read_text(encoding="utf-8") for path in written_pages()}
    return {path: new for path, text in texts.items() if (new := filled(text, makers)) != text}


def main() -> None:
    """Write what is stale and name it."""
    parser = argparse.ArgumentParser(prog="python -m docs.make", description="Write the marked blocks of README and docs.")
    parser.add_argument("--outputs", action="store_true", help="run the commands whose output the README shows")
    parser.add_argument("--pollock", type=Path, metavar="ARCHIVE", help="measure the CSV reader on this copy of the corpus")
    options = parser.parse_args()
    with outputs.fresh_home() as home:
        makers = DECLARED | (outputs.makers(home) if options.outputs else {})
        makers |= measured.makers(options.pollock) if options.pollock else {}
        for path, text in stale(makers).items():
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(PROJECT_DIR)}")


if __name__ == "__main__":
    main()
