"""Attack on the events in files: numbers of one to ten people with an event, without one, or whose
outcome does not count yet, in clear, by difference, or by what totals leave for the cells that a
file leaves out.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from benchmarks.disclosure.published import SCREEN, Published, Result
from pipeline.config import Settings
from pipeline.store.sqlite.database import open_warehouse

LABEL = "events of one to ten people in files"
FEW = range(1, 11)
MATURE = "mature_encounter_count"
EVENTS = "adverse_event_count"
#: A number of people in the name of a column: of what (`provider_`, `group_`), and who is counted.
NUMBER = re.compile(
    r"(?P<of>.*?)(?P<who>adverse_event|observed|event|mature_encounter|encounter|outcome|patient)"
    r"(s|_count)(_to_date)?"
)
WITH_EVENT = ("adverse_event", "observed", "event")
#: Cells and the totals that they add up to: table -> key.
CELLS, TOTALS = (
    "provider_procedure_scorecard",
    {"provider_scorecard": "npi", "procedure_benchmark": "cpt"},
)


def few_people(settings: Settings, published: Iterable[Published]) -> Result:
    """Numbers of one to ten that files tell of people by their outcome."""
    leaving = [one for one in published if one.reader != SCREEN]
    tried = found = 0
    where = ""
    for name, numbers in [*_in_rows(leaving), *_left_by_totals(settings, leaving)]:
        tried += len(numbers.dropna())
        few = int(numbers.isin(FEW).sum())
        found, where = found + few, where or (name if few else "")
    return Result(LABEL, found, tried, where)


def _in_rows(leaving: Iterable[Published]) -> list[tuple[str, pd.Series]]:
    told = []
    for one in leaving:
        for numbers in _numbers_of_people(one).values():
            events = [each for who, each in numbers if who in WITH_EVENT]
            sizes = [each for who, each in numbers if who not in WITH_EVENT]
            told += [(f"{one.name}.{each.name}", each) for each in events]
            told += [(one.name, size - each) for each in events for size in sizes]
            told += [(one.name, (size - sizes[0]).abs()) for size in sizes[1:]]
    return told


def _numbers_of_people(one: Published) -> dict[str, list[tuple[str, pd.Series]]]:
    """Columns of whole numbers that count people, by what they are numbers of; those of encounters
    come first. By their names, whatever class they are declared in: a wrong class is found, too.
    """
    found: dict[str, list[tuple[str, pd.Series]]] = defaultdict(list)
    for name in one.rows:
        match = NUMBER.fullmatch(name)
        numbers = pd.to_numeric(one.rows[name], errors="coerce") if match else pd.Series()
        if match and (numbers.dropna() % 1 == 0).all():
            found[match["of"]].append((match["who"], numbers))
    for numbers_of in found.values():
        numbers_of.sort(key=lambda number: number[0] != "encounter")
    return found


def _left_by_totals(
    settings: Settings, leaving: Iterable[Published]
) -> list[tuple[str, pd.Series]]:
    """What the total of a provider or procedure leaves for its cells without a number of events."""
    events = EVENTS
    with open_warehouse(settings) as connection:
        truth = pd.read_sql_query(f"select npi, cpt, {events}, {MATURE} from {CELLS}", connection)
    shown = {one.table: one.rows for one in leaving}
    if not {CELLS, *TOTALS} <= set(shown):
        return []
    cells = shown[CELLS]
    known = set(cells.loc[pd.to_numeric(cells[events], errors="coerce").notna(), ["npi", "cpt"]]
                .itertuples(index=False, name=None))  # fmt: skip
    hidden = truth[[key not in known for key in zip(truth["npi"], truth["cpt"], strict=True)]]
    left = []
    for table, key in TOTALS.items():
        total = shown[table][pd.to_numeric(shown[table][events], errors="coerce").notna()]
        own = hidden[hidden[key].isin(total[key])].groupby(key)[[events, MATURE]].sum()
        left += [
            (f"totals of {table}", own[events]),
            (f"totals of {table}", own[MATURE] - own[events]),
        ]
    return left
