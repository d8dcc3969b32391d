"""How the numbers are made: what docs/statistics.md says of each formula, the tables that the
benchmark wrote there, the variables that a build assumes, and what it estimated.

Nothing is written a second time: texts and tables come from the page of the docs, variables and
their meaning from dbt_project.yml, estimates from gold.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from pipeline.config import Settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.variables import load_variables
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.store.browse import tables
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

PAGE = PROJECT_DIR / "docs" / "statistics.md"
VARIABLES = PROJECT_DIR / "icon_dbt" / "dbt_project.yml"
PARAMETERS = "model_parameter"
#: The section whose tables the benchmark writes.
MEASURED = "Measured where the truth is known"
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
BLOCK = re.compile(r"<!-- made: (chance-[\w-]+) -->\n(.*?)<!-- /made -->", re.S)
TITLE = re.compile(r"\*\*([^*]+?)\.?\*\*")
COMMAND = re.compile(r"`(python -m benchmarks\.chance [^`]+)`", re.S)


@dataclass(frozen=True)
class Section:
    """A heading and its text, or a table of the benchmark with its title, in Markdown."""

    title: str
    text: str

    @property
    def rows(self) -> pd.DataFrame:
        """The rows of a table as they were written; nothing where none was measured yet."""
        lines = [line.strip("| ").split(" | ") for line in self.text.splitlines()]
        if not lines:
            return pd.DataFrame()
        head, _, *cells = ([cell.strip("| ") for cell in line] for line in lines)
        return pd.DataFrame(cells, columns=head)


@dataclass(frozen=True)
class Assumption:
    """A variable of the build: its value, and what it is for."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True)
class Methods:
    """Formulas with sources and assumptions by section, what was measured and by which command
    (its seeds among its options), and the variables in force.
    """

    sections: tuple[Section, ...]
    measured: tuple[Section, ...]
    command: str
    assumptions: tuple[Assumption, ...]


@lru_cache(maxsize=1)
def methods() -> Methods:
    """What holds for every home of this version."""
    parts = re.split(r"^## (.+)\n", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]
    by_title = {title: text.strip() for title, text in zip(parts[::2], parts[1::2], strict=True)}
    benchmark = by_title.pop(MEASURED)
    command = COMMAND.search(benchmark)
    return Methods(
        tuple(Section(title, _for_screen(text)) for title, text in by_title.items()),
        tuple(_tables(benchmark)),
        " ".join(command[1].split()) if command else "",
        tuple(_assumptions()),
    )


def estimated(settings: Settings) -> pd.DataFrame | None:
    """A row a parameter: what it means, and its value over providers and over providers by
    procedure; None until gold is built.
    """
    if not warehouse_exists(settings):
        return None
    with open_bookkeeping(settings) as connection:
        if PARAMETERS not in relation_names(connection):
            return None
        rows = tables.table_page(connection, PARAMETERS, limit=2).set_index("name")
    meanings = {each.name: each.description for each in load_dictionary()[PARAMETERS].columns}
    values = rows[[name for name in rows if not name.startswith("_")]].T
    values = values.rename(columns=lambda grain: grain.replace("_procedure", " by procedure"))
    values.insert(0, "meaning", [meanings[name] for name in values.index])
    return values.rename_axis(index="parameter", columns=None).reset_index()


def _for_screen(text: str) -> str:
    """Without links into the docs, and without dollars that would be read as formulas."""
    return LINK.sub(r"\1", text).replace("$", r"\$")


def _tables(text: str) -> Iterator[Section]:
    """The tables of the benchmark, each under the words that its paragraph begins with."""
    end = 0
    for block in BLOCK.finditer(text):
        titles = TITLE.findall(text[end : block.start()])
        yield Section(titles[-1] if titles else block[1], block[2].strip())
        end = block.end()


def _assumptions() -> Iterator[Assumption]:
    """The variables of the build, each with the comment above it."""
    values, comment = load_variables(), []
    for line in VARIABLES.read_text(encoding="utf-8").splitlines():
        name = line.strip().partition(":")[0]
        if line.startswith("  #"):
            comment.append(line.strip("# "))
        elif line.startswith("  ") and name in values:
            yield Assumption(name, _value(values[name]), " ".join(comment))
            comment = []
        else:
            comment = []


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "of the newest load" if value is None else str(value)
