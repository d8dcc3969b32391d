"""Every set of the files that may have been delivered, and whether the pages name what is missing.

    python -m tests.subsets

builds the 64 homes and opens every page of each (about ten minutes); the tests take the sets that
differ in kind.
"""

import csv
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.config import load_settings
from pipeline.declared.dictionary import load_exposures
from pipeline.declared.sources import load_contracts, source_names
from pipeline.services.run import runs
from tests.absence import AS_OF, world_without
from tests.factories import write_delivery
from tests.homes import HomeStore
from tests.warehouse import query, tables

#: What a page says of a symptom; no page may while a file is missing.
SYMPTOMS = (
    "eleven encounters",
    "No provider has",
    "Not built yet",
    "This table is empty",
    "Release it or undo it",
    "Everything is up to date",
    "No employer is known yet",
    "No referral yet",
    "No entry is listed",
    "Load encounters",
)
#: Pages on which a person decides or reads; the others list runs and definitions.
LOOKED_AT = (
    "overview",
    "upload",
    "run",
    "quality",
    "quarantine",
    "tables",
    "providers",
    "referrals",
    "networks",
    "features",
)


def subsets() -> Iterator[tuple[str, ...]]:
    """Every set of absent sources, from none to all."""
    names = source_names()
    for size in range(len(names) + 1):
        yield from itertools.combinations(names, size)


def build(home: Path, absent: tuple[str, ...]) -> None:
    """Deliver the small world without these sources, and build, with the gate as it is shipped;
    without any file the home stays empty.
    """
    home.mkdir(exist_ok=True)
    if len(absent) < len(source_names()):
        folder = write_delivery(home / "files", **world_without(absent))
        runs.run_now(load_settings(home=home), paths=[folder], verb="run", as_of=AS_OF)


def gated_home(home_store: HomeStore, absent: tuple[str, ...]) -> Path:
    """A home of `build`, made once."""
    name = "-".join(["gated-without", *absent])
    return home_store.once(name, lambda home: build(home, absent))


def delivered(home: Path, source: str) -> list[dict]:
    """The rows of a source's file in a home of `build`."""
    path = home / "files" / load_contracts()[source].file_name
    return list(csv.DictReader(path.open())) if path.exists() else []


def waiting(home: Path, absent: tuple[str, ...]) -> dict[str, list[str]]:
    """Absent source -> a sentence for each source whose rows wait for it, counted in the files."""
    said: dict[str, list[str]] = {}
    for child, parent, cells in _references(home):
        if parent in absent and cells:
            rows, keys = (
                f"{count:,} {contract.row_name if count == 1 else contract.row_names}"
                for count, contract in (
                    (len(cells), load_contracts()[child]),
                    (len(set(cells)), load_contracts()[parent]),
                )
            )
            verb = "waits" if len(cells) == 1 else "wait"
            said.setdefault(parent, []).append(f"{rows} {verb} for {keys} that no file describes")
    return said


def _references(home: Path) -> Iterator[tuple[str, str, list[str]]]:
    for child in source_names():
        contract = load_contracts()[child]
        for column, parent in contract.parents.items():
            name = next(each.delivered for each in contract.columns if each.name == column)
            yield child, parent, [row[name] for row in delivered(home, child)]


def pages_that_change(whole: Path, without: Path) -> set[str]:
    """The pages of which a declared table has another number of rows than with every file."""
    built = set(tables(whole)).intersection(tables(without))
    return {
        exposure.menu_key
        for exposure in load_exposures()
        if any(_rows(whole, name) != _rows(without, name) for name in built & {*exposure.tables})
    }


def _rows(home: Path, table: str) -> int:
    return query(home, f'select count(*) from "{table}"')[0][0]


def faults(open_page: Callable, home: Path, whole: Path, absent: tuple[str, ...]) -> list[str]:
    """What the pages of a home without these sources fail to say: a sentence each."""
    found = []
    is_empty = len(absent) == len(source_names())
    wanted = waiting(home, absent)
    changed = set() if is_empty else pages_that_change(whole, home)
    for page in LOOKED_AT:
        app = open_page(page, home)
        text = said(app)
        found += [f"{page}: {failure.value}" for failure in (*app.exception, *app.error)]
        if not absent:
            found += [f"{page} misses a file"] * ("never delivered" in text)
            continue
        if is_empty:
            if not any(word in text for word in ("Nothing is loaded yet", "Load the sample")):
                found.append(f"{page} does not say that nothing is loaded")
            continue
        found += [f"{page} says {symptom!r}" for symptom in SYMPTOMS if symptom in text]
        if page in changed and "never delivered" not in text and "held no row" not in text:
            found.append(f"{page} names no missing file")
        if page in ("overview", "quarantine", "run", "upload"):
            causes = [sentence for sentences in wanted.values() for sentence in sentences]
            found += [f"{page} lacks {cause!r}" for cause in causes if cause not in text]
        if page in ("overview", "upload"):
            files = [load_contracts()[name].file_name for name in wanted or absent]
            found += [f"{page} does not ask for {name}" for name in files if name not in text]
    return found


def said(app) -> str:
    """Everything that a page says in words."""
    kinds = (app.markdown, app.caption, app.warning, app.info, app.success, app.button)
    return " ".join(
        str(getattr(element, "value", "")) + " " + str(getattr(element, "label", ""))
        for kind in kinds
        for element in kind
    )


def main() -> int:
    """Print what the pages fail to say for each of the sets; returns the exit code."""
    from tests.pages.conftest import opened_without_browser

    failing = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, absent in enumerate(subsets()):
            home = Path(folder) / str(number)
            build(home, absent)
            found = faults(opened_without_browser, home, Path(folder) / "0", absent)
            failing += bool(found)
            print(f"without {', '.join(absent) or 'nothing'}: {found or 'every page says it'}")
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
