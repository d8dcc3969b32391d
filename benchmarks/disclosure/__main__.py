"""The command: builds homes, attacks them, and prints what was recovered of each."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.disclosure import (
    expectations,
    few_people,
    files,
    homes,
    identity,
    outcomes,
    questions,
)
from benchmarks.disclosure.published import Result, everything, relations
from pipeline.config import Settings, load_settings

#: A seed that nothing was tuned on; any other does as well.
HELD_BACK = 74_207


def attack(settings: Settings, planted: dict[str, str] | None = None) -> list[Result]:
    """Every attack on one home; `planted` are values that were delivered in wrong columns."""
    published = everything(settings)
    tables = relations(settings)
    secret = outcomes.truth(settings)
    leaving = files.handed_out(settings, tables) + files.exported(published)
    results = [
        identity.search([*published, *leaving], identity.known_values(settings)),
        identity.questions(settings, tables),
        identity.statements(settings, tables),
        questions.asked(settings, tables),
        identity.order(settings, published),
        identity.distances(settings, published),
        outcomes.plain([*published, *leaving], secret),
        outcomes.by_join(published, secret),
        outcomes.by_totals(settings, published, secret),
        expectations.by_expectations(settings),
        outcomes.by_versions(published),
        files.small_counts(leaving),
        few_people.few_people(settings, leaving),
        files.referrals(settings, leaving),
        files.differences(leaving),
    ]
    return results + ([identity.canaries([*published, *leaving], planted)] if planted else [])


def table(homes_attacked: dict[str, list[Result]]) -> str:
    """The results as a table in Markdown, a line an attack, columns for each home."""
    names = list(homes_attacked)
    lines = [
        "| attack | " + " | ".join(f"{name}: recovered | of" for name in names) + " |",
        "|---|" + "--:|--:|" * len(names),
    ]
    cells: dict[str, dict[str, Result]] = {}
    for name, results in homes_attacked.items():
        for each in results:
            cells.setdefault(each.attack, {})[name] = each
    for label, by_home in cells.items():
        found = [by_home.get(name) for name in names]
        shown = " | ".join(f"{one.recovered:,} | {one.of:,}" if one else " | " for one in found)
        lines.append(f"| {label} | {shown} |")
    return "\n".join(lines)


def results(seeds: Sequence[int], home: Path | None = None) -> Iterator[tuple[str, list[Result]]]:
    """Name and results of each home: the sample and the seeds, or one home as it is."""
    if home is not None:
        yield str(home), attack(load_settings(home=home))
        return
    with tempfile.TemporaryDirectory() as folder:
        for seed in (None, *seeds):
            own = Path(folder) / str(seed or "sample")
            own.mkdir()
            attacked = homes.held_back(own, seed) if seed else homes.sample(own)
            yield attacked.name, attack(attacked.settings, attacked.planted)


def main(arguments: Sequence[str]) -> int:
    """Attack the sample and held-back seeds, or a home; the exit code is 1 where anything was
    recovered.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.disclosure")
    parser.add_argument("--home", type=Path, help="attack this home as it is, and nothing else")
    parser.add_argument(
        "--seed",
        type=int,
        action="append",
        metavar="N",
        help=f"attack deliveries of this seed beside the sample (default: {HELD_BACK})",
    )
    options = parser.parse_args(arguments)
    found = dict(results(options.seed or [HELD_BACK], options.home))
    print(table(found))
    recovered = [(name, each) for name, some in found.items() for each in some if each.recovered]
    for name, each in recovered:
        print(f"{name}, {each.attack}: first in {each.where}")
    return int(bool(recovered))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
