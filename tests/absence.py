"""Worlds in which sources are absent, and what may stand in their tables.

No column that says something of a source is named. The same world is built with several contents of
one source; a value that differs between them rests on that source. Where the source is absent, such
a value must be null (or the text `unknown`), or its row must be gone. A file without rows is a
delivery: then zero is known.

    python -m tests.absence

tries every set of absent sources (63 builds, some minutes); the tests try each source alone and a
few sets.
"""

import sys
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path

from pipeline.config import Settings, load_settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.sources import source_names
from pipeline.services.run import runs
from tests.factories import (
    adverse_event,
    encounter,
    network,
    patient,
    provider,
    referral,
    small_world,
    write_delivery,
)
from tests.warehouse import query, tables

AS_OF = "2030-01-01"
UNKNOWN = (None, "unknown")
#: How many versions a history of features has had, and the name of one. A home whose loads were
#: taken back has one more than a home that never had them; neither says anything of a source.
OF_HISTORY = ("row_version", "row_hash")
CPTS = ("27130", "29888")
PLACES = ("10001", "10451", "11201", "60601", "94103", "02115")
World = dict[str, list[dict]]
#: Table -> key of a row -> column -> value.
Answers = dict[str, dict[tuple, dict[str, object]]]
Column = tuple[str, str]


def world(turn: int = 0) -> World:
    """A small world of every source; another `turn` (0, 1) gives each source other contents, mostly
    under the same keys.
    """
    numbers = range(1, 7)
    index = [
        (number, cpt, place)
        for number in numbers
        for cpt in CPTS
        for place in range(12 + (number + turn) % 3)
    ]
    rows = {
        "patients": [
            patient(
                number,
                gender=("female", "male")[(number + turn) % 2],
                birth_date=f"19{30 + (number * 7 + 23 * turn) % 50}-02-03",
            )
            for number in range(1, 41)
        ],
        "providers": [
            provider(number, zip=PLACES[(number + turn) % 6])
            for number in range(1 + turn, 8 + turn)
        ],
        "encounters": [
            encounter(
                f"{number} {cpt} {place}",
                number,
                1 + (number * 5 + place * 3 + turn) % 40,
                cpt=cpt,
                paid_amount=str(900 + 50 * number + 10 * place + 333 * turn),
            )
            for number, cpt, place in index
            if not (turn and number == 1)
        ],
        "adverse_events": [
            adverse_event(f"{number} {cpt} {place}")
            for number, cpt, place in index
            if (place + turn) % (2 + (number + turn) % 3) == 0
        ],
        "referrals": [
            referral(
                number,
                procedure=CPTS[(number + turn) % 2],
                zip=PLACES[(number + turn) % 6],
                employer_id=("91001", "91002")[number % 2],
            )
            for number in range(1, 9 + turn)
        ],
        "employer_networks": [
            network(1 + turn, 2, 3, 4, 8, employer_id="91001"),
            network(3, 4 + turn, 6, employer_id="91002"),
        ],
    }
    further = small_world()
    return {name: rows.get(name) or further[name][turn:] for name in source_names()}


def absences() -> list[tuple[str, ...]]:
    """Every set of sources that may be absent while another is there, the smallest first: none,
    then one, ..., all but one.
    """
    names = source_names()
    return list(chain.from_iterable(combinations(names, size) for size in range(len(names))))


def build(home: Path, rows: World, folder: Path) -> Settings:
    """Deliver these rows, each source as a file in `folder`, and build all; a source that `rows`
    lacks stays absent. No load waits at the gate.
    """
    settings = replace(load_settings(home=home), gate_threshold=1.0)
    runs.run_now(settings, paths=[write_delivery(folder, **rows)], verb="run", as_of=AS_OF)
    return settings


def world_without(absent: Collection[str]) -> World:
    """The world of turn 0 without these sources."""
    return {name: rows for name, rows in world().items() if name not in absent}


def answers(home: Path) -> Answers:
    """Gold, the newest features and the training set; columns declared technical or OF_HISTORY left
    out.
    """
    dictionary = load_dictionary()
    frames: Answers = {}
    for name in tables(home):
        entry = dictionary.get(name.removesuffix("_latest"))
        is_gold = entry is not None and entry.layer == "enterprise_datasets"
        if not is_gold and not name.endswith("_latest") and name != "training_encounter_ae":
            continue
        technical = {item.name for item in entry.columns if item.classification == "technical"}
        left_out = technical.union(OF_HISTORY)
        columns = [column for _, column, *_ in query(home, f"pragma table_info({name})")]
        key = [column for column in entry.key if column not in ("event_timestamp", *OF_HISTORY)]
        frames[name] = {}
        for values in query(home, f"select * from {name}"):
            row = dict(zip(columns, values, strict=True))
            shown = {column: row[column] for column in columns if column not in left_out}
            frames[name][tuple(row[column] for column in key)] = shown
    return frames


def differing(one: Answers, other: Answers) -> set[Column]:
    """(table, column) of which some row has two values."""
    return {
        (name, column)
        for name in one
        for key in one[name].keys() & other[name].keys()
        for column, value in one[name][key].items()
        if other[name][key][column] != value
    }


class Contents:
    """What the world says under several contents of each source.

    Attributes:
        whole: The world as it is.
        others: Source -> what is said when just this source has other rows, and when its file has
            none.
        stamps: Columns that differ between two builds of the same rows: moments.
    """

    def __init__(self, folder: Path) -> None:
        self.whole = _said(folder / "whole", world())
        self.stamps = differing(self.whole, _said(folder / "again", world()))
        turned = world(1)
        self.others = {
            name: [
                _said(folder / f"other-{name}", world() | {name: turned[name]}),
                _said(folder / f"empty-{name}", world() | {name: []}),
            ]
            for name in source_names()
        }

    def resting_on(self, source: str) -> set[Column]:
        """Columns that rest on a source: some value changes with its contents."""
        changes = [differing(self.whole, other) for other in self.others[source]]
        return set().union(*changes) - self.stamps

    def assumptions(self, absent: Iterable[str], said: Answers) -> dict[Column, tuple]:
        """Values of `said`, the answers without the sources `absent`, that rest on one of them:
        (table, column) -> key of a row, its value, the values under other contents.
        """
        wrong: dict[Column, tuple] = {}
        for source in absent:
            resting = self.resting_on(source)
            tables_of_contents = [self.whole, *self.others[source]]
            for name, rows in said.items():
                for key, row in rows.items():
                    seen = [table[name][key] for table in tables_of_contents if key in table[name]]
                    for column, value in row.items():
                        if (name, column) in self.stamps or value in UNKNOWN:
                            continue
                        values = {content[column] for content in seen}
                        if values != {value} or ((name, column) in resting and value == 0):
                            wrong.setdefault((name, column), (key, value, values))
        return wrong


def _said(home: Path, rows: World) -> Answers:
    build(home, rows, home.with_name(f"{home.name}-files"))
    return answers(home)


def main() -> int:
    """Print what is assumed without each set of sources; returns the exit code."""
    is_clean = True
    with tempfile.TemporaryDirectory() as name:
        contents = Contents(Path(name))
        for number, absent in enumerate(absences()):
            said = _said(Path(name) / f"absence-{number}", world_without(absent))
            assumed = contents.assumptions(absent, said)
            is_clean = is_clean and not assumed
            print(f"without {', '.join(absent) or 'nothing'}: {assumed or 'nothing is assumed'}")
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
