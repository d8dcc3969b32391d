"""The command: builds a home of the sample, attacks it, and prints what was recovered."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.disclosure import identity, outcomes
from benchmarks.disclosure.planted import SAMPLE, deliver
from benchmarks.disclosure.published import Result, everything, relations
from pipeline.config import Settings, load_settings
from pipeline.services.run import runs


def attack(settings: Settings, planted: dict[str, str] | None = None) -> list[Result]:
    """Every attack on one home; `planted` are values that were delivered in wrong columns."""
    published = everything(settings)
    tables = relations(settings)
    secret = outcomes.truth(settings)
    results = [
        identity.search(published, identity.known_values(settings)),
        identity.questions(settings, tables),
        identity.statements(settings, tables),
        identity.order(settings, published),
        identity.distances(settings, published),
        outcomes.plain(published, secret),
        outcomes.by_join(published, secret),
        outcomes.by_totals(settings, published, secret),
        outcomes.by_versions(published),
    ]
    return results + ([identity.canaries(published, planted)] if planted else [])


def table(results: Sequence[Result]) -> str:
    """The results as a table in Markdown."""
    lines = ["| attack | recovered | of |", "|---|--:|--:|"]
    lines += [f"| {each.attack} | {each.recovered:,} | {each.of:,} |" for each in results]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Attack a home, or one made of the sample and a delivery of misplaced values; the exit code is
    1 where anything was recovered.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.disclosure")
    parser.add_argument("--home", type=Path, help="attack this home as it is")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        planted: dict[str, str] = {}
        settings = load_settings(home=options.home or Path(folder) / "home")
        if options.home is None:
            wrong = Path(folder) / "wrong"
            wrong.mkdir()
            planted = deliver(wrong)
            for paths in ([SAMPLE], [wrong]):
                runs.run_now(settings, verb="run", paths=paths)
        results = attack(settings, planted)
    print(table(results))
    for each in results:
        if each.recovered:
            print(f"{each.attack}: first in {each.where}")
    return int(any(each.recovered for each in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
